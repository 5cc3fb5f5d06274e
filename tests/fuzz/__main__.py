"""`python -m tests.fuzz [TARGET...]`: fuzz for a time or a number of executions; a defect ends it with exit code 1.

Each engine runs in a process of its own, so that a crash of native code is a finding too.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.fuzz import corpus
from tests.fuzz.targets import names

if TYPE_CHECKING:
    from collections.abc import Sequence

ENGINES = ("hypothesis", "atheris")
_PATIENCE = 300
_DAY = 86_400
_UNLIMITED = 2**31 - 1


class Ran(NamedTuple):
    """What one run was: `coverage` is atheris' count of branches, of the corpus and after the run."""

    target: str
    engine: str
    seed: int
    executions: int
    seconds: float
    coverage: tuple[int, int] | None
    defect: str


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for; exit code 1 where anything was found."""
    options = _parser().parse_args(arguments)
    if options.replay and len(options.targets) != 1:
        _parser().error("inputs are of one target")
    if options.replay:
        return _replay(options.targets[0], options.replay)
    if options.minimise:
        for target in options.targets or names():
            print(f"{target}: {_engine('minimise', target).stdout.strip()} inputs are left")
        return 0
    if not options.runs and not options.seconds:
        _parser().error("say how long: --seconds or --runs")
    found = 0
    for target in options.targets or names():
        for engine in [options.engine] if options.engine else _engines():
            ran = run(target, engine, options.runs or _UNLIMITED, options.seconds or _DAY, options.seed)
            _tell(ran)
            found += bool(ran.defect)
            if options.log:
                with options.log.open("a") as log:
                    log.write(json.dumps(ran._asdict()) + "\n")
    return bool(found)


def _engines() -> tuple[str, ...]:
    if find_spec("atheris"):
        return ENGINES
    print("atheris is not installed, or has no wheel for this machine: by hypothesis alone")
    return ENGINES[:1]


def _replay(target: str, files: Sequence[Path]) -> int:
    done = _engine("replay", target, files=[str(file.resolve()) for file in files])
    print(
        f"{target}: a defect\n{done.stderr}"
        if done.returncode
        else f"{target}: {done.stdout.strip()} inputs, no defect"
    )
    return int(bool(done.returncode))


def run(target: str, engine: str, runs: int, seconds: float, seed: int, *, keep: bool = True) -> Ran:
    """One engine on one target. What reached new lines is added to the corpus, if it is to be kept."""
    (corpus.CORPUS / target).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as grown:
        begun = time.monotonic()
        done = _engine(engine, target, runs=runs, seconds=seconds, seed=seed, grown=grown)
        took = time.monotonic() - begun
        if keep and not done.returncode:
            _engine("keep", target, grown=grown)
    defect = (
        "" if not done.returncode else f"exit code {done.returncode}\n{done.stderr[-2_000:]}\n{done.stdout[-4_000:]}"
    )
    return Ran(target, engine, seed, _executions(done), round(took, 1), _coverage(done.stderr), defect)


def _engine(engine: str, target: str, **told: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fuzz.engines", json.dumps({"engine": engine, "target": target, **told})]
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=told.get("seconds", 0) + _PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return subprocess.CompletedProcess(command, 124, "", f"it hung: {error}")


def _executions(done: subprocess.CompletedProcess[str]) -> int:
    told = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    return int(told[1]) if told else int(done.stdout) if done.stdout.strip().isdecimal() else 0


def _coverage(log: str) -> tuple[int, int] | None:
    inited = re.search(r"INITED cov: (\d+)", log)
    every = re.findall(r"cov: (\d+)", log)
    return (int(inited[1]), int(every[-1])) if inited else None


def _tell(ran: Ran) -> None:
    grown = f", coverage {ran.coverage[0]} -> {ran.coverage[1]}" if ran.coverage else ""
    print(
        f"{ran.target} by {ran.engine}: {ran.executions:,} executions in {ran.seconds:,} s, seed {ran.seed}{grown}",
        flush=True,
    )
    if ran.defect:
        files = sorted(corpus.CRASHES.glob(f"{ran.target}-*"), key=lambda file: file.stat().st_mtime)
        print(ran.defect)
        print(f"repeat it: python -m tests.fuzz {ran.target} --replay {files[-1] if files else 'FILE'}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*names(), []], metavar="TARGET", help=", ".join(names()))
    parser.add_argument("--seconds", type=float, help="of each engine on each target")
    parser.add_argument("--runs", type=int, help="executions of each engine on each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=ENGINES, help="one engine alone")
    parser.add_argument("--replay", type=Path, nargs="+", metavar="FILE", help="execute these inputs of one target")
    parser.add_argument(
        "--minimise", action="store_true", help="take needless inputs out of the corpus, and run nothing"
    )
    parser.add_argument("--log", type=Path, help="append what was run to this file, as lines of JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
