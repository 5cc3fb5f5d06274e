from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.github.context import Context, ContextError, context_of

HEAD, MERGE = "a" * 40, "d" * 40
JOB = {"GITHUB_REPOSITORY": "octo-org/models", "GITHUB_SHA": MERGE, "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "2"}

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def pull(number: Any = 3, sha: Any = HEAD, repository: Any = "octo-org/models") -> dict[str, Any]:
    repo = None if repository is None else {"full_name": repository}
    return {"pull_request": {"number": number, "head": {"sha": sha, "repo": repo}}}


def test_the_token_shows_nowhere() -> None:
    context = context_of(JOB, pull(), token="ghs_secret")
    assert context.token is not None
    assert context.token.get_secret_value() == "ghs_secret"
    assert "ghs_secret" not in f"{context} {context!r} {vars(Context)} {context.token!r} {context.token}"


@pytest.mark.parametrize("given_token", ["", "  \n"])
def test_an_empty_token_is_none(given_token: str) -> None:
    assert context_of(JOB, {}, token=given_token).token is None


def test_white_space_around_a_token_is_no_part_of_it() -> None:
    token = context_of(JOB, {}, token=" ghs_secret\n").token
    assert token is not None
    assert token.get_secret_value() == "ghs_secret"


def test_a_check_of_a_pull_request_is_about_its_head_and_not_about_the_merge_commit() -> None:
    assert context_of(JOB, pull()).head_sha == HEAD
    assert context_of(JOB, {}).head_sha == MERGE


def test_a_check_of_a_workflow_run_is_about_the_commit_of_the_run_before() -> None:
    context = context_of(JOB, {"workflow_run": {"id": 9, "head_sha": HEAD, "run_attempt": 3, "event": "push"}})
    assert context.head_sha == HEAD
    assert context.trigger is not None
    assert (context.trigger.id, context.trigger.attempt, context.trigger.event) == (9, 3, "push")


@pytest.mark.parametrize(
    ("repository", "fork"),
    [("octo-org/models", False), ("Octo-Org/Models", False), ("else/models", True), (None, True)],
)
def test_a_fork_is_told_by_its_repository(repository: str | None, fork: bool) -> None:
    found = context_of(JOB, pull(repository=repository)).pull
    assert found is not None
    assert (found.fork, found.head_repository) == (fork, repository)


@pytest.mark.parametrize(
    "event", [pull(number=True), pull(number=0), pull(number="3"), pull(sha="a" * 39), pull(sha=1)]
)
def test_an_event_with_a_wrong_number_or_hash_has_no_pull_request(event: dict[str, Any]) -> None:
    assert context_of(JOB, event).pull is None


@given(json, json, json)
def test_any_event_is_read(one: Any, two: Any, three: Any) -> None:
    context = context_of(JOB, {"pull_request": one, "release": two, "workflow_run": three})
    assert context.repository == "octo-org/models"


@pytest.mark.parametrize("name", ["", "models", "a/b/c", "a b/c", "../..", "a/..", "a/b\n", "a/b?x"])
def test_a_repository_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ContextError, match="GITHUB_REPOSITORY"):
        context_of({"GITHUB_REPOSITORY": name}, {})


def test_the_address_that_is_given_goes_before_the_environments() -> None:
    environ = JOB | {"GITHUB_API_URL": "https://ghe.example/api/v3"}
    assert context_of(JOB, {}).api_url == "https://api.github.com"
    assert context_of(environ, {}).api_url == "https://ghe.example/api/v3"
    assert context_of(environ, {}, api_url="https://other.example/api/v3/").api_url == "https://other.example/api/v3"


def test_the_page_of_the_run_is_on_the_server_that_it_runs_on() -> None:
    environ = JOB | {"GITHUB_SERVER_URL": "https://ghe.example/"}
    assert context_of(environ, {}).run_url == "https://ghe.example/octo-org/models/actions/runs/7"
    assert context_of({"GITHUB_REPOSITORY": "a/b"}, {}).run_url == "https://github.com/a/b"


def test_a_release_is_known_by_its_id_and_tag() -> None:
    release = context_of(JOB, {"release": {"id": 5, "tag_name": "v1"}}).release
    assert release is not None
    assert (release.id, release.tag) == (5, "v1")
    assert context_of(JOB, {"release": {"id": 5, "tag_name": ""}}).release is None
