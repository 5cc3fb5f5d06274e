"""`onnx-convert comment REPORT`, against a stand-in for GitHub over real HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from onnx_convert.cli import main
from onnx_convert.report.write import write_json
from tests.unit.report import sample

if TYPE_CHECKING:
    from pathlib import Path

    from tests.github_stand_in import StandIn

HEAD = "a" * 40


@pytest.fixture
def report(tmp_path: Path) -> Path:
    write_json(sample.report(), tmp_path)
    return tmp_path / "report.json"


@pytest.fixture(autouse=True)
def job(stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job on pull request 3."""
    stand_in.add_pull(3, head_sha=HEAD)
    pull = {"number": 3, "head": {"sha": HEAD, "repo": {"full_name": stand_in.repository}}}
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": pull}))
    monkeypatch.delenv("GH_TOKEN", raising=False)
    monkeypatch.setenv("GITHUB_TOKEN", stand_in.token())
    monkeypatch.setenv("GITHUB_API_URL", stand_in.api_url)
    monkeypatch.setenv("GITHUB_REPOSITORY", stand_in.repository)
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(tmp_path / "event.json"))


def test_it_posts_to_the_events_pull_request_and_says_where(
    stand_in: StandIn, report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["comment", str(report)]) == 0
    (comment,) = stand_in.comments(3)
    assert (
        capsys.readouterr().out
        == f"created {stand_in.api_url}/{stand_in.repository}/pull/3#issuecomment-{comment.id}\n"
    )
    assert main(["comment", str(report.parent)]) == 0
    assert len(stand_in.comments(3)) == 1
    assert capsys.readouterr().out.startswith("unchanged ")


def test_it_edits_the_comment_of_the_action(stand_in: StandIn, report: Path) -> None:
    main(["comment", str(report), "--check-name", "onnx-convert"])
    main(["comment", str(report)])
    main(["comment", str(report), "--check-name", "other"])
    assert len(stand_in.comments(3)) == 2


def test_a_laptop_names_repository_pull_request_and_api(
    stand_in: StandIn, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.add_pull(4, head_sha="e" * 40)
    for name in ("GITHUB_REPOSITORY", "GITHUB_API_URL", "GITHUB_EVENT_PATH", "GITHUB_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("GH_TOKEN", stand_in.token("user"))
    where = ["--repository", stand_in.repository, "--github-api-url", stand_in.api_url]
    assert main(["comment", str(report), "--pull", "4", *where]) == 0
    assert [one.author for one in stand_in.comments(4)] == ["octocat"]


def test_the_event_of_one_repository_names_no_pull_request_of_another(
    stand_in: StandIn, report: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "octo-org/elsewhere")
    assert main(["comment", str(report), "--repository", stand_in.repository]) == 2
    assert "name it with --pull N" in capsys.readouterr().err
    assert not stand_in.requests


def test_what_is_not_wanted_is_not_posted(stand_in: StandIn, report: Path) -> None:
    assert main(["comment", str(report), "--comment", "never"]) == 0
    assert not stand_in.requests


def test_what_github_refuses_is_3_and_names_the_permission(
    stand_in: StandIn, report: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", stand_in.token(read_only=True))
    assert main(["comment", str(report)]) == 3
    assert "lacks `pull-requests: write`" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["GITHUB_TOKEN", "GITHUB_REPOSITORY"])
def test_a_call_that_lacks_something_is_2(report: Path, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(missing)
    assert main(["comment", str(report)]) == 2


def test_what_is_no_report_is_2(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report.write_text("{}")
    assert main(["comment", str(report)]) == 2
    assert "is not a report" in capsys.readouterr().err


def test_without_a_repository_it_says_which_option_names_one(
    report: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_REPOSITORY")
    assert main(["comment", str(report)]) == 2
    assert "--repository OWNER/NAME" in capsys.readouterr().err
