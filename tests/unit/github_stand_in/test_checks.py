"""Check runs, as GitHub keeps them."""

import pytest
from github import GithubException

from tests.github_stand_in import StandIn
from tests.unit.github_stand_in.asking import Repo, repository

HEAD = "a" * 40
NOTE = {"path": "onnx-convert.toml", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "m"}


def output(annotations: int = 0, **more: str) -> dict[str, object]:
    return {"title": "t", "summary": "s", "annotations": [NOTE] * annotations, **more}


def test_a_check_run_is_opened_annotated_in_batches_and_concluded(stand_in: StandIn) -> None:
    stand_in.add_pull(1, head_sha=HEAD)
    repo = repository(stand_in)
    check = repo.create_check_run("onnx", HEAD, status="in_progress")
    for _ in range(3):
        check.edit(output=output(50))
    check.edit(conclusion="neutral", output=output(1, title="over"))
    (kept,) = stand_in.check_runs(HEAD)
    assert (kept.status, kept.conclusion, kept.title, len(kept.annotations)) == ("completed", "neutral", "over", 151)
    assert kept.completed_at is not None
    assert len(list(check.get_annotations())) == 151
    assert [it.number for it in check.pull_requests] == [1]


def test_the_pull_request_of_a_fork_is_not_named_beside_a_check(stand_in: StandIn) -> None:
    stand_in.add_pull(1, head_sha=HEAD, head_repository="someone/models")
    assert repository(stand_in).create_check_run("onnx", HEAD).pull_requests == []


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (output(51), "No more than 50 items are allowed; 51 were supplied."),
        (output(summary="x" * 65_536), "Only 65535 characters are allowed; 65536 were supplied."),
        (output(text="x" * 65_536), "Only 65535 characters are allowed; 65536 were supplied."),
    ],
)
def test_what_is_too_much_for_one_request_is_refused(stand_in: StandIn, sent: dict[str, object], words: str) -> None:
    check = stand_in.add_check_run(HEAD, "onnx")
    told = Repo(stand_in)(f"check-runs/{check.id}", "PATCH", {"output": sent})
    assert (told.status, told.json["message"]) == (422, f"Invalid request.\n\n{words}")
    assert stand_in.check_runs(HEAD)[0].annotations == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_line": 0, "end_line": 0},
        {"start_line": 2},
        {"start_column": 3},
        {"end_line": 2, "start_column": 1, "end_column": 2},
        {"title": "x" * 256},
        {"message": "x" * (64 * 2**10 + 1)},
        {"raw_details": "é" * 2**15 + "é"},
    ],
)
def test_an_annotation_that_github_does_not_take_is_refused(stand_in: StandIn, wrong: dict[str, object]) -> None:
    check = stand_in.add_check_run(HEAD, "onnx")
    sent = {"title": "t", "summary": "s", "annotations": [NOTE, {**NOTE, **wrong}]}
    told = Repo(stand_in)(f"check-runs/{check.id}", "PATCH", {"output": sent})
    assert (told.status, told.json["errors"][0]["field"]) == (422, "annotations")
    assert stand_in.check_runs(HEAD)[0].annotations == []


def test_a_check_run_that_is_completed_stays_so(stand_in: StandIn) -> None:
    check = stand_in.add_check_run(HEAD, "onnx", status="completed", conclusion="failure")
    told = Repo(stand_in)(f"check-runs/{check.id}", "PATCH", {"status": "in_progress"})
    assert (told.status, told.json["status"], told.json["conclusion"]) == (200, "completed", "failure")


def test_a_summary_is_counted_in_bytes_too(stand_in: StandIn) -> None:
    check = stand_in.add_check_run(HEAD, "onnx")
    told = Repo(stand_in)(
        f"check-runs/{check.id}", "PATCH", {"status": "queued", "output": output(summary="é" * 40_000)}
    )
    assert (told.status, told.json["errors"][0]["message"]) == (422, "summary exceeds a maximum bytesize of 65535")
    assert stand_in.check_runs(HEAD)[0].summary is None


def test_only_an_app_writes_checks_and_only_its_own(stand_in: StandIn) -> None:
    check = stand_in.add_check_run(HEAD, "onnx", app="app")
    with pytest.raises(GithubException, match=r"403.*You must authenticate via a GitHub App"):
        repository(stand_in, stand_in.token("user")).create_check_run("onnx", HEAD)
    with pytest.raises(GithubException, match=r"403.*can only be modified by the GitHub App that created it"):
        repository(stand_in).get_check_run(check.id).edit(conclusion="success")


def test_a_check_run_is_on_a_commit_that_is_there_and_completed_with_a_conclusion(stand_in: StandIn) -> None:
    repo = Repo(stand_in)
    told = repo("check-runs", "POST", {"name": "onnx", "head_sha": HEAD})
    assert (told.status, told.json["message"]) == (422, f"No commit found for SHA: {HEAD}")
    stand_in.add_commit(HEAD)
    assert repo("check-runs", "POST", {"name": "onnx", "head_sha": HEAD, "status": "completed"}).status == 422


def test_the_latest_of_each_name_and_app_are_listed_unless_all_are_asked_for(stand_in: StandIn) -> None:
    for app in ("actions", "actions", "app"):
        stand_in.add_check_run(HEAD, "onnx", app=app)
    other = stand_in.add_check_run(HEAD, "other")
    commit = repository(stand_in).get_commit(HEAD)
    assert {run.id for run in commit.get_check_runs(check_name="other")} == {other.id}
    assert commit.get_check_runs(check_name="onnx").totalCount == 2
    assert commit.get_check_runs(check_name="onnx", filter="all").totalCount == 3
