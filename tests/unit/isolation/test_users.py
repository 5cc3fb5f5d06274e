"""Users for jobs, and what they can reach."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from onnx_convert.isolation import users


def test_a_lease_is_given_to_one_holder_at_a_time(tmp_path: Path) -> None:
    two, locks = range(users.UIDS.start, users.UIDS.start + 2), tmp_path / "locks"
    with users.lease(two, locks) as first, users.lease(two, locks) as second:
        assert {first, second} == set(two)
        with pytest.raises(users.NoFreeUserError), users.lease(two, locks):
            pass
    with users.lease(two, locks) as again:
        assert again in two


def test_no_other_user_can_take_a_lease(tmp_path: Path) -> None:
    with users.lease(folder=tmp_path / "locks"):
        assert (tmp_path / "locks").stat().st_mode & 0o777 == 0o700


def test_the_uid_of_a_running_process_is_not_leased(tmp_path: Path) -> None:
    with pytest.raises(users.NoFreeUserError), users.lease(range(os.getuid(), os.getuid() + 1), tmp_path / "locks"):
        pass


@pytest.mark.parametrize(
    ("text", "mapped"),
    [
        ("0 0 4294967295\n", True),
        ("0 100000 65536\n", True),
        ("0 1000 1\n", False),
        ("0 1000 1\n1 100000 65536\n", True),
    ],
)
def test_a_user_namespace_has_the_uids_or_has_not(text: str, mapped: bool) -> None:
    assert users._mapped(text, users.UIDS) is mapped


@pytest.mark.parametrize(
    ("effective", "enough"), [("000001ffffffffff", True), ("00000000a80425fb", True), ("0", False)]
)
def test_capabilities_suffice_or_do_not(effective: str, enough: bool) -> None:
    assert users._has_capabilities(f"Name:\tx\nCapEff:\t{effective}\n") is enough


@pytest.fixture
def open_path(tmp_path: Path) -> Path:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid() and str(folder).startswith("/tmp/"):
            folder.chmod(0o755)
    file = tmp_path / "a" / "b" / "file"
    file.parent.mkdir(parents=True)
    file.write_text("x")
    return file


def test_an_open_way_has_no_obstacle(open_path: Path) -> None:
    assert users.obstacle(open_path) is None


def test_a_closed_folder_on_the_way_is_named(open_path: Path) -> None:
    folder = open_path.parents[1]
    folder.chmod(0o700)
    assert users.obstacle(open_path) == folder


def test_a_file_that_only_its_owner_reads_is_named(open_path: Path) -> None:
    open_path.chmod(0o600)
    assert users.obstacle(open_path) == open_path


def test_a_folder_that_can_only_be_passed_through_is_an_obstacle_to_listing_it(open_path: Path) -> None:
    open_path.parent.chmod(0o711)
    assert users.obstacle(open_path.parent) == open_path.parent
    assert users.obstacle(open_path.parent, passing=True) is None


def test_a_link_is_as_open_as_what_it_leads_to(open_path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(open_path)
    assert users.obstacle(link) is None
    open_path.parent.chmod(0o700)
    assert users.obstacle(link) is not None
