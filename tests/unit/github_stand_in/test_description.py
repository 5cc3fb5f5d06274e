"""Requests and answers are held to GitHub's own description of its API."""

import json
from pathlib import Path

import pytest

from tests import github_stand_in
from tests.github_stand_in import StandIn
from tests.github_stand_in.app import OPERATIONS
from tests.github_stand_in.extract import OPERATIONS as EXTRACTED
from tests.github_stand_in.extract import openapi, schema_of
from tests.github_stand_in.validation import description
from tests.unit.github_stand_in.asking import Repo, ask, repository


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("GET", "no/such/thing", None, "no such operation"),
        ("GET", "issues/1/comments?perpage=3", None, "unknown parameter perpage"),
        ("GET", "pulls?state=merged", None, "parameter state"),
        ("POST", "issues/1/comments", None, "the body is missing"),
        ("POST", "issues/1/comments", {}, "'body' is a required property"),
        ("POST", "issues/1/comments", {"body": 3}, "3 is not of type 'string'"),
        ("POST", "issues/1/comments", {"body": "text", "bodyy": "text"}, "unknown key bodyy"),
        ("POST", "check-runs", {"name": "onnx", "head_sha": "a", "status": "done"}, "'done' is not one of"),
        ("POST", "check-runs", {"name": "onnx", "head_sha": "a", "started_at": "now"}, "'now' is not a 'date-time'"),
        ("POST", "releases/1/assets", b"content", "parameter name is missing"),
        ("GET", "issues/1/comments", {"body": "text"}, "a body, where none is expected"),
    ],
)
def test_a_request_that_github_does_not_describe_is_a_violation(
    method: str, path: str, body: object, words: str
) -> None:
    with StandIn() as stand_in:
        stand_in.add_pull(1)
        told = Repo(stand_in)(path, method, body)
        assert told.status in (404, 500)
        assert words in stand_in.violations[0]
        assert stand_in.comments(1) == []


def test_an_answer_that_github_does_not_describe_is_a_violation() -> None:
    with StandIn() as stand_in:
        stand_in.add_pull(1, created_at="yesterday")
        assert Repo(stand_in)("pulls/1").status == 500
        assert "'yesterday' is not a 'date-time'" in stand_in.violations[0]


def test_a_token_in_a_url_is_a_violation() -> None:
    with StandIn() as stand_in:
        ask(f"{stand_in.api_url}/user?access_token={stand_in.token()}")
        assert any("a token in a URL" in one for one in stand_in.violations)
        assert stand_in.token() not in repr((stand_in.violations, stand_in.requests))


def test_json_that_is_none_is_refused(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    assert Repo(stand_in)("issues/1/comments", "POST", b"{").json["message"] == "Problems parsing JSON"


def test_the_stand_in_has_all_operations_of_the_extract() -> None:
    described = {operation.id for operation in description().operations}
    assert described == set(OPERATIONS) == EXTRACTED


def test_the_extract_says_what_it_is_from() -> None:
    folder = Path(github_stand_in.__file__).parent
    origin = json.loads((folder / "openapi.json").read_text())["x-origin"]
    assert origin["package"] == "@octokit/openapi"
    assert origin["license"].startswith("MIT License Copyright")
    assert len(origin["sha256"]) == 64
    assert "# sha256: " in (folder / "schema.graphql").read_text()


def test_the_extract_of_an_extract_is_the_same() -> None:
    source = json.loads((Path(github_stand_in.__file__).parent / "openapi.json").read_text())
    assert {name: schema_of(schema) for name, schema in source["components"]["schemas"].items()} == source[
        "components"
    ]["schemas"]
    assert openapi({"openapi": "3.0.3", "paths": {}, "components": source["components"]})["paths"] == {}


def test_prose_goes_and_properties_of_that_name_stay() -> None:
    schema = {
        "type": "object",
        "description": "prose",
        "properties": {"description": {"type": "string", "example": "x"}},
    }
    assert schema_of(schema) == {"type": "object", "properties": {"description": {"type": "string"}}}


def test_urls_in_answers_have_the_host_that_the_client_used(stand_in: StandIn) -> None:
    stand_in.add_release("v1", assets={"model.onnx": b"content"})
    url = f"http://localhost:{stand_in.port}/api/v3/repos/{stand_in.repository}/releases/tags/v1"
    release = ask(url).json
    assert release["url"].startswith(f"http://localhost:{stand_in.port}/api/v3/")
    assert release["upload_url"].startswith(f"http://localhost:{stand_in.port}/api/uploads/")
    told = ask(release["assets"][0]["url"], headers={"Accept": "application/octet-stream"})
    assert told.headers["Location"].startswith(f"http://localhost:{stand_in.blob_port}/")


def test_a_connection_is_kept_between_requests(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    repo = repository(stand_in)
    for _ in range(3):
        repo.get_pull(1)
    assert [request.operation for request in stand_in.requests] == ["repos/get", *["pulls/get"] * 3]
