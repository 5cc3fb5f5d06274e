from __future__ import annotations

from itertools import permutations

import pytest
import yaml

from onnx_convert.github.permission import ARTIFACT, CHECK, COMMENT, PULLS, RELEASE, Permission, granting


@pytest.mark.parametrize("one", [COMMENT, CHECK, ARTIFACT, PULLS])
def test_the_lines_grant_what_is_missing_and_keep_reading_the_repository(one: Permission) -> None:
    assert yaml.safe_load(one.yaml) == {"permissions": {"contents": "read", one.key: one.level}}


def test_writing_the_repository_needs_no_second_line_to_read_it() -> None:
    assert RELEASE.yaml == "permissions:\n  contents: write\n"


def test_several_are_granted_at_once_each_at_its_higher_level() -> None:
    for some in permutations((PULLS, COMMENT, CHECK)):
        wanted = {"contents": "read", "checks": "write", "pull-requests": "write"}
        assert yaml.safe_load(granting(some)) == {"permissions": wanted}
