"""Command files and the socket are out of model code's reach."""

from __future__ import annotations

import stat
from pathlib import Path

from entrypoint.exposure import closed, sensitive


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_command_files_their_folder_and_the_socket_are_sensitive(tmp_path: Path) -> None:
    (tmp_path / "env").touch()
    (tmp_path / "socket").touch()
    environ = {"GITHUB_ENV": str(tmp_path / "env"), "GITHUB_OUTPUT": str(tmp_path / "gone")}
    assert sensitive(environ, tmp_path / "socket") == (tmp_path / "env", tmp_path, tmp_path / "socket")


def test_outside_a_job_nothing_is_sensitive(tmp_path: Path) -> None:
    assert sensitive({}, tmp_path / "no-socket") == ()


def test_what_others_could_write_is_closed_while_the_run_lasts_and_then_as_before(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.touch()
    path.chmod(0o666)
    with closed((path,)) as stayed:
        assert (mode(path), stayed) == (0o664, ())
    assert mode(path) == 0o666


def test_what_is_closed_already_and_sticky_folders_are_left_alone(tmp_path: Path) -> None:
    path, sticky = tmp_path / "env", tmp_path / "tmp"
    path.touch(0o640)
    sticky.mkdir()
    sticky.chmod(0o1777)
    with closed((path, sticky)) as stayed:
        assert (mode(path), mode(sticky), stayed) == (0o640, 0o1777, ())
