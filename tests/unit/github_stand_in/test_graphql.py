"""GraphQL, as far as it is used."""

import pytest
from github import GithubException

from tests.github_stand_in import StandIn
from tests.unit.github_stand_in.asking import ask, client

SHOW = "mutation($id: ID!) { unminimizeComment(input: {subjectId: $id}) { unminimizedComment { isMinimized } } }"


@pytest.mark.parametrize("enterprise", [False, True])
@pytest.mark.parametrize(("kind", "login"), [("actions", "github-actions[bot]"), ("user", "octocat")])
def test_every_token_learns_its_login(stand_in: StandIn, enterprise: bool, kind: str, login: str) -> None:
    url = stand_in.enterprise_api_url if enterprise else stand_in.api_url
    requester = client(stand_in, url, stand_in.token(kind)).requester
    assert requester.graphql_query("query { viewer { login } }", {})[1] == {"data": {"viewer": {"login": login}}}


def test_a_minimised_comment_is_shown_again(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    comment = stand_in.add_comment(1, "text", minimized="outdated")
    requester = client(stand_in, stand_in.api_url).requester
    data = requester.graphql_query(SHOW, {"id": comment.node_id})[1]["data"]
    assert data["unminimizeComment"]["unminimizedComment"]["isMinimized"] is False
    assert stand_in.comments(1)[0].minimized is None


def test_who_may_not_write_does_not_show_a_comment(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    comment = stand_in.add_comment(1, "text", minimized="outdated")
    token = stand_in.token(read_only=True)
    body = {"query": SHOW, "variables": {"id": comment.node_id}}
    told = ask(stand_in.graphql_url, "POST", body, token=token)
    assert (told.status, told.json["errors"][0]["type"]) == (200, "FORBIDDEN")
    assert told.json["errors"][0]["message"] == "Resource not accessible by integration"
    assert stand_in.comments(1)[0].minimized == "outdated"
    with pytest.raises(GithubException):
        client(stand_in, stand_in.api_url, token).requester.graphql_query(SHOW, {"id": comment.node_id})


def test_a_comment_that_is_not_there_is_said_to_be_so(stand_in: StandIn) -> None:
    body = {"query": SHOW, "variables": {"id": "IC_1"}}
    told = ask(stand_in.graphql_url, "POST", body, token=stand_in.token())
    assert told.json["errors"][0]["type"] == "NOT_FOUND"


def test_nobody_asks_without_a_token(stand_in: StandIn) -> None:
    assert ask(stand_in.graphql_url, "POST", {"query": "query { viewer { login } }"}).status == 401


def test_a_query_that_the_schema_does_not_have_is_a_violation() -> None:
    with StandIn() as stand_in:
        told = ask(stand_in.graphql_url, "POST", {"query": "query { viewer { logn } }"}, token=stand_in.token())
        assert "errors" in told.json or told.status == 500
        assert "logn" in stand_in.violations[0]
