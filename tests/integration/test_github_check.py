"""The check run of a commit, against a stand-in for GitHub over real HTTP."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import pytest

from onnx_convert.github.annotations import MOST
from onnx_convert.github.check import Check, cancel, conclude, open_check
from onnx_convert.github.client import GitHub, connect
from onnx_convert.github.context import context_of
from onnx_convert.github.patience import Patience
from onnx_convert.github.refusal import RefusedError
from onnx_convert.report.model import Report
from onnx_convert.report.verdict import headline
from tests.github_stand_in import Fault, StandIn
from tests.github_stand_in.every_fault import every_fault
from tests.github_stand_in.model import CheckRun
from tests.unit.report import sample

HEAD = "a" * 40
MERGE = "d" * 40


def job(
    stand_in: StandIn,
    token: str | None = None,
    *,
    attempt: str = "1",
    patience: Patience | None = None,
    timeout: float = 30,
) -> GitHub:
    """A job of a pull request, whose head is not the commit that it runs on."""
    pull = next(iter(stand_in.state.pulls.values()), None) or stand_in.add_pull(head_sha=HEAD)
    environ = {
        "GITHUB_REPOSITORY": stand_in.repository,
        "GITHUB_RUN_ID": "7",
        "GITHUB_RUN_ATTEMPT": attempt,
        "GITHUB_SHA": MERGE,
        "GITHUB_SERVER_URL": "https://github.example",
    }
    event = {"pull_request": {"number": pull.number, "head": {"sha": HEAD, "repo": {"full_name": stand_in.repository}}}}
    context = context_of(environ, event, token=token or stand_in.token(), api_url=stand_in.api_url)
    return connect(context, patience or Patience(5, first=0.001), timeout=timeout, between=(0.0, 0.0))


def with_findings(count: int, **more: Any) -> Report:
    found = tuple(
        sample.diagnostic(message=f"finding {i}", file="models/onnx-convert.toml", line=i + 1) for i in range(count)
    )
    return sample.report((sample.row(status="failed", diagnostics=found),), conclusion="failure", **more)


def only(stand_in: StandIn) -> CheckRun:
    (run,) = stand_in.check_runs(HEAD)
    return run


def messages(run: CheckRun) -> list[str]:
    return [str(one["message"]).split("\n")[0] for one in run.annotations]


def test_it_is_in_progress_on_the_head_commit_from_the_beginning(stand_in: StandIn) -> None:
    open_check(job(stand_in), "models")
    run = only(stand_in)
    assert (run.name, run.status, run.conclusion) == ("models", "in_progress", None)
    assert run.details_url == f"https://github.example/{stand_in.repository}/actions/runs/7"
    assert not stand_in.check_runs(MERGE)


@pytest.mark.parametrize("conclusion", ["success", "failure", "neutral"])
def test_it_concludes_what_the_report_concludes(stand_in: StandIn, conclusion: str) -> None:
    github = job(stand_in)
    page = conclude(github, open_check(github, "models"), sample.report(conclusion=conclusion))
    run = only(stand_in)
    assert (run.status, run.conclusion) == ("completed", conclusion)
    assert page == f"{stand_in.api_url}/{stand_in.repository}/runs/{run.id}"
    assert run.title == headline(sample.report(conclusion=conclusion))
    assert run.summary is not None
    assert "tiny-cnn" in run.summary


def test_it_is_neutral_where_there_were_no_models(stand_in: StandIn) -> None:
    github = job(stand_in)
    conclude(
        github, open_check(github, "models"), sample.report(conclusion="success").model_copy(update={"models": ()})
    )
    assert only(stand_in).conclusion == "neutral"


def test_without_a_report_it_fails_and_says_why(stand_in: StandIn) -> None:
    github = job(stand_in)
    conclude(github, open_check(github, "models"), None, "the spec has no models " + "ü" * 100_000)
    run = only(stand_in)
    assert (run.conclusion, run.title) == ("failure", "No report was written")
    assert run.summary is not None
    assert run.summary.startswith("the spec has no models")
    assert len(run.summary.encode()) in {65_534, 65_535}


def test_a_cancelled_job_concludes_in_one_request(stand_in: StandIn) -> None:
    github = job(stand_in)
    check = open_check(github, "models")
    before = len(stand_in.requests)
    cancel(github, check, with_findings(60, complete=False))
    assert only(stand_in).conclusion == "cancelled"
    assert len(stand_in.requests) == before + 1


def test_three_hundred_findings_are_sent_fifty_at_a_time_each_on_its_line(stand_in: StandIn) -> None:
    github = job(stand_in)
    conclude(github, open_check(github, "models"), with_findings(300))
    run = only(stand_in)
    assert messages(run) == [f"tiny-cnn: finding {i}" for i in range(300)]
    assert run.annotations[41] | {"title": "", "message": ""} == {
        "path": "models/onnx-convert.toml",
        "start_line": 42,
        "end_line": 42,
        "annotation_level": "failure",
        "title": "",
        "message": "",
    }
    assert [one.method for one in stand_in.requests].count("PATCH") == 7
    assert run.text is None


def test_more_findings_than_anybody_reads_are_counted(stand_in: StandIn) -> None:
    github = job(stand_in)
    conclude(github, open_check(github, "models"), with_findings(MOST + 3))
    run = only(stand_in)
    assert len(run.annotations) == MOST
    assert run.text is not None
    assert run.text.startswith("3 findings may have no annotation here")


def test_findings_in_letters_of_every_alphabet_are_taken(stand_in: StandIn) -> None:
    github = job(stand_in)
    report = sample.hostile("@octocat 💥 \x00\x1b[31m\u202e" + "ß" * 70_000)
    conclude(github, open_check(github, "models"), report)
    run = only(stand_in)
    assert run.status == "completed"
    assert run.annotations
    assert all(ord(letter) < 0x10000 for one in run.annotations for letter in f"{one['message']}{one['title']}")
    assert len((run.summary or "").encode()) <= 65_535


def test_a_report_of_two_hundred_models_is_cut_to_what_a_check_takes(stand_in: StandIn) -> None:
    github = job(stand_in)
    report = sample.large(200, 2_000)
    conclude(github, open_check(github, "models"), report)
    run = only(stand_in)
    assert run.summary is not None
    assert 20_000 < len(run.summary.encode()) <= 65_535
    assert run.title == headline(report)
    assert run.status == "completed"


def test_the_next_attempt_takes_over_what_a_killed_one_left_open(stand_in: StandIn) -> None:
    open_check(job(stand_in), "models")
    again = job(stand_in, attempt="2")
    conclude(again, open_check(again, "models"), sample.report(conclusion="success"))
    assert only(stand_in).conclusion == "success"


def test_the_next_attempt_does_not_reopen_what_is_concluded_but_opens_the_newest(stand_in: StandIn) -> None:
    first, again = job(stand_in), job(stand_in, attempt="2")
    conclude(first, open_check(first, "models"), sample.report(conclusion="failure"))
    check = open_check(again, "models")
    old, new = stand_in.check_runs(HEAD)
    assert (old.conclusion, new.status, new.id) == ("failure", "in_progress", check.id)
    assert open_check(again, "models") == check


def test_annotations_of_a_killed_attempt_that_are_no_longer_true_are_said_to_be_old(stand_in: StandIn) -> None:
    first, again = job(stand_in), job(stand_in, attempt="2")
    stand_in.fault(Fault.READ_ONLY, at=5)  # find, open, look, 50, 10
    with pytest.raises(RefusedError):
        conclude(first, open_check(first, "models"), with_findings(60))
    stand_in.state.check_runs[only(stand_in).id].status = "in_progress"
    conclude(again, open_check(again, "models"), with_findings(2))
    run = only(stand_in)
    assert len(run.annotations) == 50
    assert run.text == "48 annotations of an earlier attempt stay: GitHub cannot remove them."


def test_checks_of_other_names_runs_apps_and_commits_are_left_alone(stand_in: StandIn) -> None:
    other = {"status": "in_progress", "external_id": "onnx-convert-action/7/1"}
    github = job(stand_in)
    for sha, name, more in (
        (HEAD, "other", other),
        (HEAD, "models", {"status": "in_progress", "external_id": "onnx-convert-action/70/1"}),
        (HEAD, "models", {"status": "in_progress", "external_id": None}),
        ("e" * 40, "models", other),
    ):
        stand_in.add_check_run(sha, name, **more)
    conclude(github, open_check(github, "models"), sample.report(conclusion="success"))
    every = [*stand_in.check_runs(HEAD), *stand_in.check_runs("e" * 40)]
    assert [one.conclusion for one in every] == [None, None, None, "success", None]


def test_ours_is_found_behind_pages_of_others(stand_in: StandIn) -> None:
    ours = open_check(job(stand_in), "models")
    for i in range(250):
        stand_in.add_check_run(HEAD, "models", status="completed", conclusion="success", external_id=f"else/{i}")
    assert open_check(job(stand_in), "models") == ours


def test_a_token_that_may_not_write_checks_is_told_the_permission(stand_in: StandIn) -> None:
    for level in ("read", "none"):
        with pytest.raises(RefusedError) as refusal:
            open_check(job(stand_in, stand_in.token(checks=level)), "models")
        assert refusal.value.diagnostic.code == "OCA702"
        assert refusal.value.permission is not None
        assert "  checks: write\n" in refusal.value.permission.yaml
    assert not stand_in.check_runs(HEAD)


def test_the_token_of_a_person_is_refused_as_github_refuses_it(stand_in: StandIn) -> None:
    with pytest.raises(RefusedError, match="You must authenticate via a GitHub App"):
        open_check(job(stand_in, stand_in.token("user")), "models")


def test_where_annotations_are_refused_the_check_is_concluded_all_the_same(stand_in: StandIn) -> None:
    github = job(stand_in)
    check = open_check(github, "models")
    stand_in.fault(Fault.UNPROCESSABLE, at=2)
    with pytest.raises(RefusedError, match="422"):
        conclude(github, check, with_findings(60))
    run = only(stand_in)
    assert (run.conclusion, run.annotations) == ("failure", [])
    assert (run.text or "").startswith("60 findings may have no annotation here")


def test_without_a_commit_there_is_no_check(stand_in: StandIn) -> None:
    context = context_of(
        {"GITHUB_REPOSITORY": stand_in.repository}, {}, token=stand_in.token(), api_url=stand_in.api_url
    )
    with pytest.raises(RefusedError) as refusal:
        open_check(connect(context, Patience()), "models")
    assert refusal.value.diagnostic.code == "OCA720"


def test_an_answer_that_got_lost_makes_no_second_check(stand_in: StandIn) -> None:
    for kind in (Fault.RESET, Fault.SHORT, Fault.CUT, Fault.BAD_GATEWAY):
        stand_in.state.check_runs.clear()
        stand_in.fault(kind, at=2, when="after")
        check: Check = open_check(job(stand_in), "models")
        assert only(stand_in).id == check.id


def shown(stand_in: StandIn) -> list[object]:
    """The checks as GitHub shows them, the newest of a name, and that none is left open; its findings, in order."""
    runs = stand_in.check_runs(HEAD)
    assert all(run.status == "completed" for run in runs)
    newest = {run.name: run for run in runs}
    return [(run.name, run.conclusion, run.title, run.summary, sorted(messages(run))) for run in newest.values()]


def test_after_every_fault_at_every_request_a_repeat_ends_with_one_concluded_check() -> None:
    report = with_findings(60)
    attempts: WeakKeyDictionary[StandIn, int] = WeakKeyDictionary()

    def once(stand_in: StandIn) -> None:
        attempts[stand_in] = attempts.get(stand_in, 0) + 1
        impatient = Patience(60, first=0.001, sleep=lambda _: None)
        github = job(stand_in, attempt=str(attempts[stand_in]), patience=impatient, timeout=1)
        conclude(github, open_check(github, "models"), report)

    def prepare(stand_in: StandIn) -> None:
        stand_in.add_pull(head_sha=HEAD)
        stand_in.add_check_run(HEAD, "other", status="completed", conclusion="success")

    assert every_fault(once, shown, prepare, failures=(RefusedError,)) > 100
