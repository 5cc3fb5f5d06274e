"""A real repository with history, and clones of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SPEC = 'spec-version = 1\n\n[models.a]\nsource = "a.onnx"\n'


@dataclass(frozen=True)
class Checkout:
    """A working copy."""

    root: Path

    def git(self, *arguments: str) -> str:
        options = ("-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "init.defaultBranch=main")
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(
            ["git", *options, *arguments], cwd=self.root, env=environ, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message: str = "a change", **files: str) -> str:
        """Commit everything, and the `files` given: `a_onnx` is a.onnx."""
        for name, text in files.items():
            (self.root / name.replace("_", ".")).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def clone(self, name: str, *options: str) -> Checkout:
        self.git("clone", "-q", *options, f"file://{self.root}", str(self.root.parent / name))
        return Checkout(self.root.parent / name)


@pytest.fixture(scope="session")
def _history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Checkout(tmp_path_factory.mktemp("history"))
    made.git("init", "-q")
    (made.root / "onnx-convert.toml").write_text(SPEC)
    made.commit("the first", a_onnx="a", b_onnx="b")
    made.git("tag", "left")
    for number in range(20):
        made.commit(f"main {number}", a_onnx=f"a{number}")
    made.git("switch", "-q", "-c", "feature", "left")
    for number in range(3):
        made.commit(f"feature {number}", b_onnx=f"b{number}")
    return made.root


@pytest.fixture
def upstream(_history: Path, tmp_path: Path) -> Checkout:
    """A repository whose default branch has gone on by 20 commits since `feature`, at HEAD, left it with three."""
    shutil.copytree(_history, tmp_path / "upstream", symlinks=True)
    return Checkout(tmp_path / "upstream")


@pytest.fixture
def said() -> list[str]:
    """What was told while a base was looked for."""
    return []
