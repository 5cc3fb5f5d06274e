"""The image as GitHub's runner starts it: its mounts, its variables, a workspace that is someone else's."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import engine
from tests.e2e.engine import Step
from tests.github_stand_in import StandIn

pytestmark = [pytest.mark.container, pytest.mark.timeout(1800)]
SPEC = engine.PROJECT / "tests/e2e/project/onnx-convert.toml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("container")
    shutil.copytree(SPEC.parent, folder / "workspace")
    (folder / "workspace").chmod(0o755)
    engine.commit(folder / "workspace")
    engine.give(folder / "workspace", engine.RUNNER)
    return folder


@pytest.fixture(scope="module")
def step(client: str, folder: Path) -> Step:
    return engine.run_image(client, folder / "workspace", folder / "commands")


@pytest.fixture(scope="module")
def report(step: Step, folder: Path) -> Any:
    path = folder / "workspace" / step.outputs["report"]
    return json.loads(path.read_text())


def test_a_model_that_fails_fails_the_step(step: Step) -> None:
    assert step.code == 1, step.log
    assert step.outputs["conclusion"] == "failure"


def test_the_outputs_name_what_is_there_relative_to_the_workspace(step: Step, folder: Path) -> None:
    assert step.outputs["output-dir"] == "onnx-convert-out"
    assert step.outputs["report"] == "onnx-convert-out/report.json"
    assert (folder / "workspace/onnx-convert-out/models/good/good.onnx").is_file()


def test_the_summary_tells_of_every_model(step: Step) -> None:
    for name in ("good", "broken", "thief"):
        assert name in step.summary


def test_the_other_models_are_whole(report: Any) -> None:
    assert {row["name"]: row["status"] for row in report["models"]} == {
        "good": "passed",
        "broken": "error",
        "thief": "passed",
    }


def test_the_broken_model_is_annotated_on_its_line(step: Step) -> None:
    marked = re.findall(r"^::error file=onnx-convert\.toml,line=(\d+).*Broken", step.log, re.MULTILINE)
    first, last = engine.line_of(SPEC, "[models.broken]"), engine.line_of(SPEC, "[models.thief]")
    assert marked, step.log
    assert all(first <= int(line) < last for line in marked)


def test_what_a_model_prints_or_raises_is_no_workflow_command(step: Step) -> None:
    assert not re.findall(r"^\s*::(add-path|error)::", step.log, re.MULTILINE)


def test_a_model_gets_hold_of_no_token_no_command_file_and_no_file_of_the_repository(step: Step, folder: Path) -> None:
    taken = [path for path in folder.rglob("*") if path.is_file() and b"STOLEN" in path.read_bytes()]
    assert [path.relative_to(folder).as_posix() for path in taken] == ["workspace/models.py"]
    assert "s3cret" not in step.log + step.summary


def test_the_commit_is_known_although_the_workspace_is_someone_elses(report: Any) -> None:
    assert re.fullmatch(r"[0-9a-f]{40}", report["commit"])


def test_every_file_belongs_to_the_workspaces_owner_so_that_a_later_step_can_delete_it(
    step: Step, folder: Path
) -> None:
    assert step.outputs
    owners = {path: path.lstat().st_uid for path in (folder / "workspace").rglob("*")}
    assert {path for path, uid in owners.items() if uid != engine.RUNNER} == set()


def test_nothing_had_to_be_built_first(step: Step) -> None:
    assert "building" not in step.log.lower()


def test_a_second_run_takes_what_did_not_change_from_the_cache(client: str, step: Step, folder: Path) -> None:
    again = engine.run_image(client, folder / "workspace", folder / "again", models="good")
    assert again.code == 0, step.log + again.log
    rows = json.loads((folder / "workspace" / again.outputs["report"]).read_text())["models"]
    assert [(row["name"], row["status"], row["cached"]) for row in rows] == [("good", "passed", True)]


def test_a_misspelt_key_ends_the_step_with_2_and_an_annotation(client: str, folder: Path) -> None:
    typo = folder / "workspace/typo.toml"
    typo.write_text(SPEC.read_text().replace("source =", "sorce =", 1))
    step = engine.run_image(client, folder / "workspace", folder / "typo", spec="typo.toml")
    assert step.code == 2, step.log
    assert step.outputs == {"conclusion": "failure", "report": "", "output-dir": "onnx-convert-out"}
    assert re.search(rf"^::error file=typo\.toml,line={engine.line_of(typo, 'sorce')},", step.log, re.MULTILINE)
    assert "sorce" in step.summary


@pytest.mark.parametrize(("name", "value"), [("mode", "upload"), ("spec", "/etc/passwd"), ("output_dir", "../x")])
def test_a_wrong_input_ends_the_step_with_2_and_says_so(client: str, folder: Path, name: str, value: str) -> None:
    step = engine.run_image(client, folder / "workspace", folder / f"input-{name}", **{name: value})
    assert step.code == 2
    assert re.search(
        rf"^::error title=onnx-convert-action::{name.replace('_', '-')}: `{value}`", step.log, re.MULTILINE
    )
    assert step.outputs == {"conclusion": "failure"}


def test_a_pull_request_gets_a_comment_and_a_check_with_a_token_that_no_model_gets_hold_of(
    client: str, step: Step, folder: Path, stand_in: StandIn
) -> None:
    assert step.code == 1, "the models are in the cache"
    head, token = "a" * 40, stand_in.token() + "s3cret"
    stand_in.state.identities[token] = stand_in.state.identities[token.removesuffix("s3cret")]
    stand_in.add_pull(7, head_sha=head)
    (folder / "posted").mkdir()
    pull = {"number": 7, "head": {"sha": head, "repo": {"full_name": stand_in.repository}}, "base": {"sha": "b" * 40}}
    (folder / "posted/event.json").write_text(json.dumps({"pull_request": pull}))
    job = {
        "INPUT_TOKEN": token,
        "INPUT_GITHUB-API-URL": stand_in.api_url,
        "INPUT_BASELINE": "none",
        "GITHUB_REPOSITORY": stand_in.repository,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": "/github/file_commands/event.json",
        "GITHUB_RUN_ID": "77",
    }
    told = engine.run_image(client, folder / "workspace", folder / "posted", job, models="thief broken")
    (comment,), (check,) = stand_in.comments(7), stand_in.check_runs(head)
    assert told.code == 1, told.log
    assert told.outputs["comment-url"].endswith(f"#issuecomment-{comment.id}")
    assert told.outputs["check-url"].endswith(f"/runs/{check.id}")
    assert (check.status, check.conclusion) == ("completed", "failure")
    report = json.loads((folder / "workspace" / told.outputs["report"]).read_text())
    assert {row["name"]: row["status"] for row in report["models"]} == {"thief": "passed", "broken": "error"}
    assert "s3cret" not in told.log + told.summary + comment.body
    written = [path for path in (folder / "workspace").rglob("*") if path.is_file()]
    assert not [path for path in written if b"s3cret" in path.read_bytes() and path.name != "models.py"]
