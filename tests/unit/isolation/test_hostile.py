"""Taking files that a worker left."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from onnx_convert.isolation import hostile
from onnx_convert.isolation.hostile import HostileFileError, Taken, take


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    (folder / "cases").mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"model")
    (folder / "cases" / "in0.npy").write_bytes(b"array")
    return folder


def test_a_regular_file_is_copied_with_its_size_and_digest(out: Path, tmp_path: Path) -> None:
    taken = take(out, "model.onnx", tmp_path / "copy")
    assert taken == Taken(5, hashlib.sha256(b"model").hexdigest())
    assert (tmp_path / "copy").read_bytes() == b"model"


def test_holes_of_a_file_stay_holes(out: Path, tmp_path: Path) -> None:
    with (out / "model.onnx").open("wb") as file:
        file.write(b"x")
        file.truncate(2**26)
    assert take(out, "model.onnx", tmp_path / "taken").bytes == 2**26
    assert (tmp_path / "taken").read_bytes() == b"x" + bytes(2**26 - 1)
    assert (tmp_path / "taken").stat().st_blocks * 512 < 2**23


def test_a_file_in_a_folder_is_copied(out: Path, tmp_path: Path) -> None:
    assert take(out, "cases/in0.npy", tmp_path / "copy").bytes == 5


def test_a_link_is_refused(out: Path, tmp_path: Path) -> None:
    (out / "link").symlink_to(out / "model.onnx")
    with pytest.raises(HostileFileError, match="link cannot be opened"):
        take(out, "link", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_link_on_the_way_is_refused(out: Path, tmp_path: Path) -> None:
    (out / "away").symlink_to(out / "cases")
    with pytest.raises(HostileFileError, match="cannot be opened"):
        take(out, "away/in0.npy", tmp_path / "copy")


def test_a_fifo_is_refused_without_waiting_for_its_writer(out: Path, tmp_path: Path) -> None:
    os.mkfifo(out / "fifo")
    with pytest.raises(HostileFileError, match="not a regular file"):
        take(out, "fifo", tmp_path / "copy")


def test_a_folder_is_refused(out: Path, tmp_path: Path) -> None:
    with pytest.raises(HostileFileError, match="not a regular file"):
        take(out, "cases", tmp_path / "copy")


def test_a_missing_file_is_named(out: Path, tmp_path: Path) -> None:
    with pytest.raises(HostileFileError, match="is missing"):
        take(out, "model.pb", tmp_path / "copy")


def test_a_file_beyond_the_limit_is_refused_and_leaves_nothing(out: Path, tmp_path: Path) -> None:
    with pytest.raises(HostileFileError, match="at most 4"):
        take(out, "model.onnx", tmp_path / "copy", limit=4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "", ".", "cases/../../secret", "cases//in0.npy", "a\0b"])
def test_a_name_that_is_no_path_below_the_folder_is_refused(out: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("x")
    with pytest.raises(HostileFileError):
        take(out, name, tmp_path / "copy")


def test_reclaiming_keeps_plain_files_and_folders_and_removes_the_rest(out: Path) -> None:
    (out / "link").symlink_to("/etc/passwd")
    os.mkfifo(out / "fifo")
    os.link(out / "model.onnx", out / "second-name")
    (out / "cases" / "in0.npy").chmod(0o4000)
    hostile.reclaim(out, os.getuid())
    names = {path.name for path in out.iterdir()}
    assert names in ({"cases", "model.onnx"}, {"cases", "second-name"})  # with one name gone, the other is plain
    assert (out / "cases" / "in0.npy").stat().st_mode & 0o7777 == 0o644


def test_reclaiming_removes_what_is_not_the_owners(out: Path) -> None:
    hostile.reclaim(out, os.getuid() + 1)
    assert list(out.iterdir()) == []


def test_a_tree_deeper_than_recursion_is_removed(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(5000):
        os.mkdir("deep", dir_fd=here)
        below = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    hostile.remove(tmp_path / "deep")
    assert list(tmp_path.iterdir()) == []


def test_a_tree_that_is_closed_to_its_owner_is_removed(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_text("x")
    (tmp_path / "a" / "b").chmod(0)
    (tmp_path / "a").chmod(0)
    hostile.remove(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_the_processes_of_root_and_of_oneself_are_never_ended_as_a_whole() -> None:
    for uid in (0, os.getuid()):
        with pytest.raises(ValueError, match="only another user's"):
            hostile.end_processes(uid)
