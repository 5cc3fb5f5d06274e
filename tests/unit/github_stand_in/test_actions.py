"""Runs of workflows and their artifacts, as GitHub keeps them."""

import io
import zipfile

from tests.github_stand_in import StandIn
from tests.unit.github_stand_in.asking import Repo, ask, repository


def test_an_artifact_is_found_by_run_and_name_and_downloaded_without_the_token(stand_in: StandIn) -> None:
    run = stand_in.add_run(head_sha="a" * 40, head_repository="someone/models")
    for name in ("logs", "onnx-convert"):
        stand_in.add_artifact(run.id, name, {"report.json": name.encode()})
    repo = Repo(stand_in)
    found = repo(f"actions/runs/{run.id}/artifacts?name=onnx-convert").json
    assert found["total_count"] == 1
    told = repo(found["artifacts"][0]["archive_download_url"].removeprefix(f"{repo.url}/"))
    assert told.status == 302
    with zipfile.ZipFile(io.BytesIO(ask(told.headers["Location"]).content)) as archive:
        assert archive.read("report.json") == b"onnx-convert"


def test_an_expired_artifact_is_gone_and_nobody_downloads_without_a_token(stand_in: StandIn) -> None:
    run = stand_in.add_run()
    artifact = stand_in.add_artifact(run.id, "onnx-convert", b"a zip", expired=True)
    assert Repo(stand_in)(f"actions/artifacts/{artifact.id}/zip").status == 410
    assert Repo(stand_in, None)(f"actions/artifacts/{artifact.id}/zip").status == 401


def test_a_run_names_its_head_and_the_pull_requests_that_are_not_from_forks(stand_in: StandIn) -> None:
    stand_in.add_pull(1, head_sha="a" * 40)
    stand_in.add_pull(2, head_sha="d" * 40, head_repository="someone/models")
    own = stand_in.add_run(head_sha="a" * 40)
    foreign = stand_in.add_run(head_sha="d" * 40, head_repository="someone/models")
    repo = repository(stand_in)
    assert [it.number for it in repo.get_workflow_run(own.id).pull_requests] == [1]
    assert repo.get_workflow_run(foreign.id).pull_requests == []
    assert repo.get_workflow_run(foreign.id).head_repository.full_name == "someone/models"
