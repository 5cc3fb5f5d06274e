"""Command files and the socket are out of model code's reach."""

from __future__ import annotations

import stat
from pathlib import Path

from entrypoint.exposure import closed, secret, sensitive


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


def test_gits_folders_the_event_and_the_runners_mounts_are_secret(tmp_path: Path) -> None:
    workspace, github = tmp_path / "workspace", tmp_path / "github"
    folders = [workspace / ".git", workspace / "other/.git", github / "home", github / "workflow", github / "workspace"]
    for folder in folders:
        folder.mkdir(parents=True)
    event = tmp_path / "event.json"
    event.touch()
    (workspace / "linked").mkdir()
    (workspace / "linked/.git").symlink_to(event)
    assert set(secret({"GITHUB_EVENT_PATH": str(event)}, workspace, github)) == {*folders[:-1], event}


def test_what_is_secret_is_closed_to_others_and_then_as_before(tmp_path: Path) -> None:
    folder = tmp_path / ".git"
    folder.mkdir()
    folder.chmod(0o755)
    with closed((), (folder,)) as stayed:
        assert (mode(folder), stayed) == (0o750, ())
    assert mode(folder) == 0o755


def test_a_path_that_is_both_is_put_back_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "commands"
    folder.mkdir()
    folder.chmod(0o777)
    with closed((folder,), (folder,)):
        assert mode(folder) == 0o770
    assert mode(folder) == 0o777
