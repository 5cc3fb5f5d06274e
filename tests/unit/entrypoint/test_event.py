"""The commit that a pull request is compared with, from what GitHub says started the job."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoint.event import base_of

HASH = "0123456789" * 4
PULL = {"pull_request": {"base": {"sha": HASH, "ref": "main"}, "head": {"sha": "f" * 40}}}


def found(folder: Path, name: str, payload: Any) -> str | None:
    (folder / "event.json").write_text(payload if isinstance(payload, str) else json.dumps(payload))
    return base_of({"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(folder / "event.json")})


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("pull_request", PULL),
        ("pull_request_target", PULL),
        ("merge_group", {"merge_group": {"base_sha": HASH, "head_sha": "f" * 40}}),
    ],
)
def test_a_pull_request_and_a_merge_queue_have_a_base(tmp_path: Path, name: str, payload: Any) -> None:
    assert found(tmp_path, name, payload) == HASH


@pytest.mark.parametrize("name", ["push", "release", "schedule", "workflow_dispatch", "workflow_run", ""])
def test_other_events_have_none(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, name, PULL | {"before": HASH, "base_ref": HASH}) is None


@pytest.mark.parametrize(
    "sha", ["main", "refs/heads/main", "--upload-pack=x", HASH[:7], HASH + "\n", HASH.replace("0", "G"), 7, None]
)
def test_only_a_whole_hash_is_a_base(tmp_path: Path, sha: Any) -> None:
    assert found(tmp_path, "pull_request", {"pull_request": {"base": {"sha": sha}}}) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"pull_request": null}', "[" * 100_000])
def test_a_file_that_says_nothing_has_none(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, "pull_request", text) is None


def test_without_an_event_there_is_none(tmp_path: Path) -> None:
    assert base_of({}) is None
    assert base_of({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(tmp_path / "gone")}) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_JSON, st.sampled_from(["pull_request", "merge_group"]))
def test_whatever_is_in_the_event_it_is_a_hash_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, payload: Any, name: str
) -> None:
    base = found(tmp_path_factory.getbasetemp(), name, {name: {"base": {"sha": payload}, "base_sha": payload}})
    assert base is None or base == payload
