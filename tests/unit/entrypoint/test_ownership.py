"""What root made is handed back. These need root, as the container has it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from entrypoint.ownership import hand_back

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
RUNNER = 64123


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    os.chown(folder, RUNNER, RUNNER)
    return folder


def owner(path: Path) -> int:
    return path.lstat().st_uid


def test_everything_below_and_the_folders_made_on_the_way_go_to_the_workspaces_owner(workspace: Path) -> None:
    deep = workspace / "a/out/models/x"
    deep.mkdir(parents=True)
    (deep / "x.onnx").touch()
    hand_back([workspace / "a/out"], workspace)
    for path in (deep / "x.onnx", deep, workspace / "a/out", workspace / "a"):
        assert owner(path) == RUNNER


def test_no_symlink_is_followed(workspace: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    out = workspace / "out"
    out.mkdir()
    (out / "folder").symlink_to(outside)
    (out / "file").symlink_to(outside / "file")
    hand_back([out], workspace)
    assert owner(out / "folder") == owner(out / "file") == RUNNER
    assert owner(outside) == owner(outside / "file") == 0


def test_a_folder_on_the_way_that_belongs_to_someone_else_stays_theirs(workspace: Path) -> None:
    (workspace / "a/out").mkdir(parents=True)
    os.chown(workspace / "a", 64999, 64999)
    hand_back([workspace / "a/out"], workspace)
    assert (owner(workspace / "a"), owner(workspace / "a/out")) == (64999, RUNNER)


def test_a_folder_that_was_never_made_is_no_error(workspace: Path) -> None:
    hand_back([workspace / "never"], workspace)


def test_a_workspace_of_roots_own_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    os.chown(tmp_path / "out", RUNNER, RUNNER)
    hand_back([tmp_path / "out"], tmp_path)
    assert owner(tmp_path / "out") == RUNNER
