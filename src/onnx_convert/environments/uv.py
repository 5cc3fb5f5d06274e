"""Running uv: as ourselves, or as another user where packages of the caller's choice are built."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SECONDS = 1800.0
_LAST_LINES = 20


class UvError(Exception):
    """uv failed; the message is the last lines it wrote."""


@dataclass(frozen=True, slots=True)
class Uv:
    """uv with the environment it is run in, and the user it becomes (None: our own)."""

    environ: Mapping[str, str]
    uid: int | None = None

    def run(self, *arguments: str | Path, add: Mapping[str, str] | None = None) -> str:
        """Run one command and return its standard output. Raises UvError."""
        from uv import find_uv_bin  # noqa: PLC0415 - only needed when something is built

        command = [find_uv_bin(), *map(str, arguments), "--no-progress", "--no-config", "--color", "never"]
        try:
            done = subprocess.run(
                command,
                env={**self.environ, **(add or {})},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
                cwd="/",
                umask=0o022,  # other users run what is installed
                user=self.uid,
                group=self.uid,
                extra_groups=None if self.uid is None else [],
            )
        except subprocess.TimeoutExpired:
            raise UvError(f"it took longer than {_SECONDS / 60:g} min") from None
        except OSError as error:
            raise UvError(f"uv cannot be run: {error.strerror}") from None
        if done.returncode:
            lines = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
            raise UvError("\n".join(lines[-_LAST_LINES:]) or f"uv ended with status {done.returncode}")
        return done.stdout.decode("utf-8", "replace")
