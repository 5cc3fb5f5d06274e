"""The real run: a repository with everybody's models, made in their own environments, and the command upon it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.environments import Environments, default_root
from onnx_convert.frameworks.registry import FRAMEWORKS
from onnx_convert.report.model import Report
from tests.support.fragments import HERE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.support.fragments import Fragment

SPEC = "onnx-convert.toml"
_NOT_OURS = shutil.ignore_patterns("__pycache__", "made", "runs", "peers", "*.md")


class MakeError(Exception):
    """A `make.py` failed; the message has its last lines."""


@contextmanager
def repository(fragments: Iterable[Fragment]) -> Iterator[Path]:
    """A repository, removed in the end, that the users that model code runs as can read, with what fragments need made.

    Raises MakeError, and EnvironmentFailed for an environment that cannot be built.
    """
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-support-"))
    try:
        folder.chmod(0o755)
        root = folder / "repository"
        shutil.copytree(HERE, root, ignore=_NOT_OURS)
        subprocess.run(["git", "init", "--quiet", root], check=True)
        make(root, sorted({name for fragment in fragments for name in fragment.makes}))
        yield root
    finally:
        shutil.rmtree(folder)


def make(root: Path, frameworks: Iterable[str]) -> None:
    """Run `models/FRAMEWORK/make.py made` of these frameworks, each in its environment, as many at a time as cores.

    What it needs beside its environment is in `requirements-make.txt`. Raises MakeError, and EnvironmentFailed for an
    environment that cannot be built.
    """
    environments = Environments(default_root(os.environ), environ=os.environ, say=_say)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for done in [pool.submit(_make, root, name, environments) for name in frameworks]:
            done.result()


def _make(root: Path, framework: str, environments: Environments) -> None:
    folder = root / "models" / framework
    (folder / "made").mkdir()
    needs = folder / "requirements-make.txt"
    known = FRAMEWORKS.get(framework, FRAMEWORKS["onnx"])  # what variants are made of belongs to no one framework
    ready = environments.get(known.environment, needs if needs.is_file() else None)
    done = subprocess.run(
        [ready.python, "make.py", "made"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, ready.layers))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[-20:])
        raise MakeError(f"models/{framework}/make.py ended with status {done.returncode}:\n{last}")
    subprocess.run(["chmod", "-R", "a+rX", folder / "made"], check=True)  # some libraries write for their owner alone


def convert(root: Path, spec: str, out: Path, arguments: Sequence[str] = ()) -> Report:
    """`onnx-convert run` on a spec in a repository, as a user starts it; its report is also in `out`.

    Raises CalledProcessError if it did not run to its end: exit codes 0 and 1 do, and so does 3 with a report.
    """
    (root / SPEC).write_text(spec, "utf-8")
    command = [sys.executable, "-m", "onnx_convert", "run", SPEC, "--out", str(out), *arguments]
    done = subprocess.run(command, cwd=root, env={**os.environ, "CI": "true"}, stdout=sys.stderr, check=False)
    report = out / "report.json"
    if done.returncode not in (0, 1, 3) or not report.is_file():
        raise subprocess.CalledProcessError(done.returncode, command)
    return Report.model_validate_json(report.read_bytes())


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
