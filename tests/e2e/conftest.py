"""The image, built once a session, and the quickstart in a repository of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from onnx_convert.environments import default_root
from tests.e2e import engine

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def repository() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-e2e-"))
    folder.chmod(0o755)
    repository = folder / "repository"
    shutil.copytree(PROJECT / "examples" / "quickstart", repository)
    spec = repository / "onnx-convert.toml"
    spec.write_text(spec.read_text().replace("seconds = 2", "seconds = 0.2"))
    yield repository
    shutil.rmtree(folder)


@pytest.fixture
def cache(repository: Path) -> str:
    """A cache with no results in it that shares the built environments."""
    folder = repository.parent / "cache"
    folder.mkdir()
    for name in ("environments", "layers", "locks"):
        shared = default_root(os.environ) / name
        shared.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(shared)
    return str(folder)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this project's files, to build the action from."""
    folder = tmp_path_factory.mktemp("project")
    engine.copy_project(folder)
    return folder


@pytest.fixture(scope="session")
def client(project: Path) -> str:
    """A client of a container engine that has the image."""
    found = engine.client()
    if found is None:
        pytest.skip("no container engine answers")
    build = [found, "build", "--target", "full", "--tag", engine.IMAGE, str(project)]
    built = subprocess.run(build, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert built.returncode == 0, built.stdout
    return found
