"""The commit that a pull request is compared with, from what GitHub says started the job."""

from __future__ import annotations

import json
import os
import subprocess
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
    return base_of({"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(folder / "event.json")}, folder, os.environ)


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
    assert base_of({}, tmp_path, os.environ) is None
    gone = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(tmp_path / "gone")}
    assert base_of(gone, tmp_path, os.environ) is None


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


class Merge:
    """A pull request as GitHub merges it for a job: the base branch has gone on since the event's base."""

    def __init__(self, folder: Path) -> None:
        self.upstream, self.checkout = folder / "upstream", folder / "checkout"
        self.upstream.mkdir()
        self.git("init", "-q", "-b", "main")
        self.old = self.commit("as the event has it")
        self.git("switch", "-q", "-c", "change")
        self.head = self.commit("the change")
        self.git("switch", "-q", "main")
        self.new = self.commit("what others merged")
        self.git("merge", "-q", "--no-ff", "-m", "parent of all", "change")
        self.merge = self.git("rev-parse", "HEAD")
        self.git("clone", "-q", "--depth=1", f"file://{self.upstream}", str(self.checkout))

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.invalid")
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=self.upstream, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def base(self, sha: str, head: str) -> str | None:
        event = {"pull_request": {"base": {"sha": self.old}, "head": {"sha": head}}}
        (self.checkout / "event.json").write_text(json.dumps(event))
        job = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(self.checkout / "event.json")}
        return base_of(job | {"GITHUB_SHA": sha}, self.checkout, os.environ)


def test_of_githubs_own_merge_the_base_is_what_it_was_merged_into_also_in_a_shallow_clone(tmp_path: Path) -> None:
    made = Merge(tmp_path)
    assert made.base(made.merge, made.head) == made.new


def test_of_any_other_merge_the_base_is_the_events(tmp_path: Path) -> None:
    made = Merge(tmp_path)
    assert made.base(made.head, made.head) == made.old, "HEAD is not the commit of the job"
    assert made.base(made.merge, made.old) == made.old, "HEAD is no merge of the pull request's head"
    assert made.base("", made.head) == made.old
