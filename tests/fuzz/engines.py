"""A run of one target by one engine, in this process: `python -m tests.fuzz.engines` is started by `tests.fuzz`.

An engine ends at its time, its number of executions, or the first defect, whose input is then in `crashes/`.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import signal
import sys
import tempfile
import time
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz import corpus
from tests.fuzz.targets import find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Watch = Callable[[], AbstractContextManager[None]]

HANG = 30
"""Seconds after which an execution counts as hung."""
_INSTRUMENTED = ("onnx_convert", "entrypoint", "zipfile", "numpy.lib")
"""Our own code, and what of others in Python takes hostile bytes apart."""
_BATCH = 500
"""Executions between looks at the clock."""


class HangError(BaseException):
    """An execution took too long."""


def replay(target: str, files: list[Path]) -> int:
    """Execute inputs once each; returns how many."""
    one = find(target).one
    for file in files:
        one(file.read_bytes())
    return len(files)


@contextmanager
def alarm() -> Iterator[None]:
    """Raises HangError where what is inside takes too long. Only for a process whose alarm nobody else uses."""

    def hung(*_: object) -> None:
        raise HangError

    signal.signal(signal.SIGALRM, hung)
    signal.setitimer(signal.ITIMER_REAL, HANG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def by_hypothesis(
    target: str, runs: int, seconds: float, first: int, grown: Path | None = None, watch: Watch = nullcontext
) -> int:
    """Structured inputs; after a defect, the smallest input that shows it. Returns the number of executions.

    A hundred or so of them are left in `grown`.
    """
    module, count, last = find(target), 0, b""
    end = time.monotonic() + seconds

    def execute(data: bytes) -> None:
        nonlocal count, last
        count, last = count + 1, data
        if grown and count & (count >> 4) == 0:
            (grown / str(count)).write_bytes(data)
        if getattr(module, "NATIVE", False):
            _save(target, data, "last")
        with watch():
            module.one(data)

    phases = (Phase.generate, Phase.shrink)
    try:
        for number in itertools.count(first):
            left = runs - count
            if left <= 0 or time.monotonic() > end:
                break
            checks = settings(
                max_examples=min(left, _BATCH),
                database=None,
                deadline=None,
                phases=phases,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            )
            seed(number)(checks(given(module.structured)(execute)))()
    except BaseException as error:
        error.__notes__ = []  # the input, which is in a file
        _save(target, last, hashlib.sha256(last).hexdigest()[:12])
        raise
    return count


def _save(target: str, data: bytes, name: str) -> None:
    corpus.CRASHES.mkdir(exist_ok=True)
    (corpus.CRASHES / f"{target}-{name}").write_bytes(data)


def by_atheris(target: str, runs: int, seconds: float, first: int, grown: Path) -> None:
    """Inputs led by coverage, from the corpus on; new ones are left in `grown`. Ends the process."""
    import atheris  # noqa: PLC0415 - has no wheel for every machine

    sys.modules.pop("zipfile", None)  # so that it is instrumented too
    with atheris.instrument_imports(include=list(_INSTRUMENTED)):
        module: Any = find(target)

    def mutated(data: bytes, largest: int, number: int) -> bytes:
        random = Random(number)
        if hasattr(module, "mutate") and random.random() < 0.7:
            return bytes(module.mutate(data, random)[:largest])
        return bytes(atheris.Mutate(data, largest))

    with tempfile.NamedTemporaryFile("w", suffix=".dict", delete=False) as file:
        words = {token.encode("utf-8", "surrogatepass") for token in getattr(module, "TOKENS", ()) if token}
        file.writelines(
            '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in sorted(words) if len(word) < 60
        )
    corpus.CRASHES.mkdir(exist_ok=True)
    options = [
        *(f"-runs={runs}", f"-max_total_time={int(seconds)}", f"-seed={first}", f"-timeout={HANG}", "-len_control=0"),
        *(
            f"-max_len={getattr(module, 'MAX_LEN', 4096)}",
            "-rss_limit_mb=4096",
            "-reduce_inputs=1",
            "-print_final_stats=1",
        ),
        *(f"-artifact_prefix={corpus.CRASHES}/{target}-", f"-dict={file.name}"),
        *(str(grown), str(corpus.CORPUS / target)),
    ]
    atheris.Setup([sys.argv[0], *options], module.one, custom_mutator=mutated)
    atheris.Fuzz()


def main() -> None:
    """One engine, as told in JSON."""
    told = json.loads(sys.argv[1])
    engine, target = told["engine"], told["target"]
    if engine == "atheris":
        by_atheris(target, told["runs"], told["seconds"], told["seed"], Path(told["grown"]))
    elif engine == "keep":
        found = (file.read_bytes() for file in Path(told["grown"]).iterdir())
        print(corpus.keep(find(target), target, found))
    elif engine == "minimise":
        print(corpus.minimise(find(target), target))
    elif engine == "replay":
        print(replay(target, [Path(file) for file in told["files"]] or corpus.inputs(target)))
    else:
        print(by_hypothesis(target, told["runs"], told["seconds"], told["seed"], Path(told["grown"]), alarm))


if __name__ == "__main__":
    main()
