"""The comment on a fork's pull request, posted by a `workflow_run` job, against a stand-in for GitHub."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from onnx_convert.github.client import GitHub, connect
from onnx_convert.github.context import context_of
from onnx_convert.github.patience import Patience
from onnx_convert.github.refusal import RefusedError
from onnx_convert.github.relay import Relayed, relay
from onnx_convert.report.write import to_json
from tests.github_stand_in import Fault, StandIn
from tests.github_stand_in.every_fault import every_fault
from tests.unit.report import sample

if TYPE_CHECKING:
    from onnx_convert.report.model import Report
    from tests.github_stand_in.model import Run

HEAD, OTHER = "a" * 40, "e" * 40
FORK = "stranger/models"
BRANCH = "feature/ä #1&state=all"


def a_report(**more: Any) -> Report:
    return sample.report(**{"commit": HEAD} | more)


def a_run(stand_in: StandIn, report: bytes | None = None, **more: Any) -> Run:
    """A run of the fork's pull request, with its artifact."""
    facts = {"head_sha": HEAD, "head_branch": BRANCH, "head_repository": FORK, "event": "pull_request"} | more
    run = stand_in.add_run(**facts)
    stand_in.add_artifact(run.id, "onnx-convert", {"report.json": report or to_json(a_report()).encode()})
    return run


def a_pull(stand_in: StandIn, **more: Any) -> int:
    facts = {"head_sha": HEAD, "head_branch": BRANCH, "head_repository": FORK} | more
    return stand_in.add_pull(**facts).number


def job(stand_in: StandIn, run: Run, **permissions: Any) -> GitHub:
    """A job on `workflow_run`: of the event, only what GitHub says of the run is told, and no pull request."""
    owner = run.head_repository.partition("/")[0]
    event = {
        "workflow_run": {
            "id": run.id,
            "run_attempt": 1,
            "event": run.event,
            "head_sha": run.head_sha,
            "head_branch": run.head_branch,
            "head_repository": {"full_name": run.head_repository, "owner": {"login": owner}},
            "pull_requests": [],
        }
    }
    environ = {"GITHUB_REPOSITORY": stand_in.repository, "GITHUB_EVENT_NAME": "workflow_run", "GITHUB_SHA": "b" * 40}
    least: dict[str, Any] = {"contents": "none", "checks": "none", "issues": "none"}
    token = stand_in.token(**least | permissions)
    context = context_of(environ, event, token=token, api_url=stand_in.api_url)
    return connect(context, Patience(5, first=0.001), timeout=0.5, between=(0.0, 0.0))


def relayed(stand_in: StandIn, run: Run, **permissions: Any) -> Relayed:
    return relay(job(stand_in, run, **permissions), "onnx-convert", mode="always", check_name="onnx-convert")


def refused(stand_in: StandIn, run: Run, **permissions: Any) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        relayed(stand_in, run, **permissions)
    assert not any(stand_in.comments(number) for number in stand_in.state.pulls)
    return caught.value


def test_the_report_of_a_forks_run_becomes_the_comment_on_its_pull_request(stand_in: StandIn) -> None:
    a_pull(stand_in, head_sha=OTHER, head_branch="another")
    number = a_pull(stand_in)
    done = relayed(stand_in, a_run(stand_in))
    (comment,) = stand_in.comments(number)
    assert done.url.endswith(f"#issuecomment-{comment.id}")
    assert "tiny-cnn" in comment.body
    assert "its numbers were not measured again" in comment.body
    assert "nobody has checked the commit" not in comment.body
    assert [len(stand_in.comments(each)) for each in sorted(stand_in.state.pulls)] == [0, 1]


def test_a_second_run_edits_that_comment(stand_in: StandIn) -> None:
    number = a_pull(stand_in)
    relayed(stand_in, a_run(stand_in))
    relayed(stand_in, a_run(stand_in, to_json(a_report(seconds=77)).encode()))
    (comment,) = stand_in.comments(number)
    assert "77" in comment.body


def test_a_pull_request_from_within_the_repository_is_found_as_well(stand_in: StandIn) -> None:
    number = a_pull(stand_in, head_repository=stand_in.repository)
    relayed(stand_in, a_run(stand_in, head_repository=stand_in.repository))
    assert len(stand_in.comments(number)) == 1


@pytest.mark.parametrize(
    "pull",
    [
        {"head_sha": OTHER},
        {"state": "closed"},
        {"head_repository": "another/models"},
        {"head_repository": None},
        {"head_branch": "another"},
    ],
    ids=["pushed to since", "closed", "of another fork", "of a deleted fork", "of another branch"],
)
def test_nothing_is_posted_where_no_open_pull_request_has_that_head(stand_in: StandIn, pull: dict[str, Any]) -> None:
    number = a_pull(stand_in, **pull)
    done = relayed(stand_in, a_run(stand_in))
    assert done.note
    assert done.note.code == "OCA755"
    assert not stand_in.comments(number)


@pytest.mark.parametrize("gone", ["head_branch", "head_repository"])
def test_an_event_that_does_not_say_from_where_names_no_pull_request(stand_in: StandIn, gone: str) -> None:
    a_pull(stand_in)
    run = replace(a_run(stand_in), **{gone: ""})
    note = relayed(stand_in, run).note
    assert note
    assert note.code == "OCA755"
    assert not stand_in.requests, "GitHub takes no notice of half a filter, and answers with all pull requests"


def test_of_several_pull_requests_of_a_branch_none_is_guessed(stand_in: StandIn) -> None:
    numbers = [a_pull(stand_in), a_pull(stand_in, base_branch="next")]
    note = relayed(stand_in, a_run(stand_in)).note
    assert note
    assert note.code == "OCA756"
    assert not any(map(stand_in.comments, numbers))


def test_of_several_the_one_is_meant_that_github_merged_for_the_run(stand_in: StandIn) -> None:
    merge = "d" * 40
    a_pull(stand_in)
    number = a_pull(stand_in, base_branch="next", merge_commit_sha=merge)
    relayed(stand_in, a_run(stand_in, to_json(a_report(commit=merge)).encode()))
    (comment,) = stand_in.comments(number)
    assert "nobody has checked the commit" not in comment.body


def test_the_newest_artifact_of_that_name_counts(stand_in: StandIn) -> None:
    number = a_pull(stand_in)
    run = a_run(stand_in, b"an earlier attempt's")
    stand_in.add_artifact(run.id, "onnx-convert", {"report.json": to_json(a_report()).encode()})
    stand_in.add_artifact(run.id, "onnx-convert-output", {"report.json": b"another"})
    relayed(stand_in, run)
    assert len(stand_in.comments(number)) == 1


@pytest.mark.parametrize("expired", [False, True])
def test_a_run_without_an_artifact_has_nothing_to_post(stand_in: StandIn, expired: bool) -> None:
    number = a_pull(stand_in)
    run = stand_in.add_run(head_sha=HEAD, head_branch=BRANCH, head_repository=FORK, event="pull_request")
    if expired:
        stand_in.add_artifact(run.id, "onnx-convert", {"report.json": b"{}"}, expired=True)
    a_run(stand_in)  # of the same commit, and not the event's
    note = relayed(stand_in, run).note
    assert note
    assert note.code == "OCA750"
    assert not stand_in.comments(number)


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (b"{}", "OCA752"),
        (b"[" * 200_000, "OCA752"),
        (to_json(a_report(conclusion="success")).encode(), "OCA753"),
        (to_json(a_report(seconds=-1)).encode(), "OCA753"),
    ],
    ids=["nothing", "deep", "a verdict that its rows deny", "time that ran backwards"],
)
def test_what_no_run_writes_is_refused(stand_in: StandIn, report: bytes, code: str) -> None:
    a_pull(stand_in)
    assert refused(stand_in, a_run(stand_in, report)).diagnostic.code == code


def test_what_is_no_zip_is_refused(stand_in: StandIn) -> None:
    a_pull(stand_in)
    run = stand_in.add_run(head_sha=HEAD, head_branch=BRANCH, head_repository=FORK, event="pull_request")
    stand_in.add_artifact(run.id, "onnx-convert", b"no zip")
    assert refused(stand_in, run).diagnostic.code == "OCA751"


def test_a_report_that_names_another_commit_is_posted_and_says_that_nobody_checked_it(stand_in: StandIn) -> None:
    number = a_pull(stand_in)
    relayed(stand_in, a_run(stand_in, to_json(a_report(commit=OTHER)).encode()))
    (comment,) = stand_in.comments(number)
    assert "nobody has checked the commit that it names" in comment.body


def test_names_in_a_report_can_mention_nobody_and_hide_nothing(stand_in: StandIn) -> None:
    number = a_pull(stand_in)
    hostile = sample.row(
        name=sample.HOSTILE, diagnostics=(sample.diagnostic("OCA502", sample.HOSTILE, severity="note"),)
    )
    report = a_report().model_copy(update={"models": (hostile,), "conclusion": "success"})
    relayed(stand_in, a_run(stand_in, to_json(report).encode()))
    (comment,) = stand_in.comments(number)
    assert comment.body.count("<!--") == 1, "our marker"
    assert "\n# h" not in comment.body


@pytest.mark.parametrize(("missing", "key"), [("actions", "actions"), ("pull_requests", "pull-requests")])
def test_a_permission_that_is_missing_is_named(stand_in: StandIn, missing: str, key: str) -> None:
    a_pull(stand_in)
    error = refused(stand_in, a_run(stand_in), **{missing: "none"})
    assert error.diagnostic.code == "OCA702"
    assert error.permission
    assert error.permission.key == key


def test_the_storage_never_sees_the_token(stand_in: StandIn) -> None:
    a_pull(stand_in)
    relayed(stand_in, a_run(stand_in))
    stored = [one for one in stand_in.requests if "/artifacts/" in one.path and not one.path.startswith("/repos/")]
    assert stored
    assert not any(one.authorized for one in stored)


def test_after_any_fault_at_any_request_a_repeat_ends_with_one_comment() -> None:
    def prepare(stand_in: StandIn) -> None:
        a_pull(stand_in)
        a_run(stand_in)
        job(stand_in, next(iter(stand_in.state.runs.values())))

    tried = every_fault(
        lambda stand_in: relayed(stand_in, next(iter(stand_in.state.runs.values()))),
        lambda stand_in: [one.body.rpartition("\n")[0] for one in stand_in.comments(1)],
        prepare,
        kinds=(Fault.SHORT, Fault.CALL, Fault.READ_ONLY, Fault.BAD_GATEWAY),  # the rest of them in the comment's tests
        failures=(RefusedError,),
    )
    assert tried > 50
