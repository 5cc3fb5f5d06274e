"""What release.yml does in the shell, word for word, on a repository of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from onnx_convert import __version__

PROJECT = Path(__file__).resolve().parents[2]
IMAGE = f"ghcr.io/org/onnx-convert-action@sha256:{'0123456789abcdef' * 4}"
TAG = f"v{__version__}"
MAJOR = TAG.partition(".")[0]


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def release(checkout: Path, server: Path, tag: str = TAG) -> int:
    """Run the job's own steps; the server is a folder, which `git push` takes as it takes an address."""
    job = YAML(typ="safe").load(PROJECT / ".github/workflows/release.yml")["jobs"]["release"]
    steps = [step["run"] for step in job["steps"] if step["name"] in {"Name the image by its digest", "Tag"}]
    assert len(steps) == 2
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(checkout.parent),
        "VERSION": tag,
        "IMAGE": IMAGE,
        "TOKEN": "s3cret",
        "GITHUB_SERVER_URL": str(server),
        "GITHUB_REPOSITORY": "org/onnx-convert-action",
    }
    script = "\n".join(steps)
    return subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=checkout, env=environ, check=False).returncode


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """A server with the project's main branch, as far as a release reads it."""
    bare = tmp_path / "server/org/onnx-convert-action"
    bare.mkdir(parents=True)
    git(bare, "init", "--quiet", "--bare")
    first = tmp_path / "first"
    for name in ("action.yml", "docker/pin_image.py", "src/onnx_convert/__init__.py"):
        (first / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, first / name)
    git(first, "init", "--quiet")
    git(first, "add", "-A")
    git(first, "commit", "--quiet", "-m", "The project")
    git(first, "push", "--quiet", str(bare), "HEAD:refs/heads/main")
    return tmp_path / "server"


def checkout(server: Path, name: str) -> Path:
    folder = server.parent / name
    git(server, "clone", "--quiet", "--branch=main", "org/onnx-convert-action", str(folder))
    return folder


def refs(server: Path) -> dict[str, str]:
    listed = git(server / "org/onnx-convert-action", "for-each-ref", "--format=%(refname) %(objectname)")
    return {name: commit for name, _, commit in (line.partition(" ") for line in listed.splitlines())}


def test_a_release_tags_one_commit_more_whose_action_names_the_image_by_its_digest(server: Path) -> None:
    before = refs(server)
    assert release(checkout(server, "job"), server) == 0
    after = refs(server)
    assert after["refs/heads/main"] == before["refs/heads/main"]
    assert after[f"refs/tags/{TAG}"] == after[f"refs/tags/{MAJOR}"]
    bare = server / "org/onnx-convert-action"
    assert git(bare, "rev-parse", f"{TAG}^") == before["refs/heads/main"]
    assert git(bare, "diff", "--name-only", "main", TAG) == "action.yml"
    assert f"image: docker://{IMAGE}" in git(bare, "show", f"{TAG}:action.yml")


def test_a_version_that_was_released_is_never_moved_nor_the_major_tag_with_it(server: Path) -> None:
    assert release(checkout(server, "job"), server) == 0
    before, again = refs(server), checkout(server, "again")
    git(again, "tag", "--delete", TAG, MAJOR)
    git(again, "commit", "--quiet", "--allow-empty", "-m", "More")
    assert release(again, server) != 0
    assert refs(server) == before


def test_a_version_that_the_package_does_not_have_is_not_released(server: Path) -> None:
    before = refs(server)
    assert release(checkout(server, "job"), server, tag="v0.0.0") == 2
    assert refs(server) == before


def test_a_later_release_moves_the_major_tag(server: Path) -> None:
    bare = server / "org/onnx-convert-action"
    git(bare, "tag", MAJOR, "main")
    assert release(checkout(server, "job"), server) == 0
    assert refs(server)[f"refs/tags/{MAJOR}"] != refs(server)["refs/heads/main"]
