"""The image, built once a session."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e import engine


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
