"""The command as a user starts it: in a repository of its own, as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its exit code, what it printed and its report."""

    code: int
    output: str
    out: Path
    report: dict[str, Any]

    def row(self, name: str) -> dict[str, Any]:
        """The row of a model."""
        (found,) = [row for row in self.report["models"] if row["name"] == name]
        return dict(found)

    def codes(self, name: str) -> set[str]:
        """The codes of a model's diagnostics, without those about how quiet the machine is that runs the tests."""
        return {one["code"] for one in self.row(name)["diagnostics"] if not one["code"].startswith("OCA67")}


def environ(**more: str) -> dict[str, str]:
    """This process's environment as a job on a runner has it, with a token nobody may see."""
    return {**os.environ, "CI": "true", "GITHUB_TOKEN": "ghs_s3cret", **more}


PROGRAM = (sys.executable, "-m", "onnx_convert")


def run(repository: Path, *arguments: str, program: tuple[str, ...] = PROGRAM, **more: str) -> Ended:
    """`onnx-convert run` in a repository, to its end."""
    out = repository.parent / f"{repository.name}-out"
    command = [*program, "run", "--out", str(out), *arguments]
    done = subprocess.run(command, cwd=repository, env=environ(**more), capture_output=True, text=True, check=False)
    report = json.loads((out / "report.json").read_text()) if (out / "report.json").exists() else {}
    return Ended(done.returncode, done.stdout + done.stderr, out, report)
