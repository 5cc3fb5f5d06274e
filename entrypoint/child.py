"""Running one child as the container's first process: signals go to it, orphans are reaped here."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import FrameType
    from typing import IO

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""GitHub cancels a job with SIGINT, then SIGTERM, then kills. Process 1 gets no default action for them."""


def run(
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    folder: Path,
    output: IO[bytes] | None = None,
    errors: IO[bytes] | None = None,
    hear: Callable[[int], None] = lambda _: None,
) -> int:
    """Run a command to its end and return its exit code; 128 + n where signal n ended it, as a shell says it.

    What it prints goes to `output` and `errors` where there are any; `hear` gets each signal that is forwarded.
    """
    pid: int | None = None
    early: list[int] = []

    def forward(number: int, _: FrameType | None) -> None:
        hear(number)
        if pid is None:
            early.append(number)
        else:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(pid, number)

    before = {number: signal.signal(number, forward) for number in FORWARDED}
    try:
        child = subprocess.Popen(
            command, env=dict(environ), cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=errors
        )
        pid = child.pid
        for number in early:
            os.kill(pid, number)
        child.returncode = _reap_until(pid)  # waited for here, so Popen must not
        return child.returncode if child.returncode >= 0 else 128 - child.returncode
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _reap_until(pid: int) -> int:
    while True:
        ended, status = os.wait()
        if ended == pid:
            return os.waitstatus_to_exitcode(status)
