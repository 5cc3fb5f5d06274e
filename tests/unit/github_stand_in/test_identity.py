"""Who may do what, and how often."""

import pytest
from github import GithubException, RateLimitExceededException

from tests.github_stand_in import StandIn
from tests.unit.github_stand_in.asking import Repo, ask, client, repository


def test_the_token_of_a_fork_reads_and_does_not_write(stand_in: StandIn) -> None:
    stand_in.add_pull(1, head_sha="a" * 40, head_repository="someone/models")
    release = stand_in.add_release("v1")
    repo = Repo(stand_in, stand_in.token(read_only=True))
    assert repo("issues/1/comments").status == 200
    sent = {
        "issues/1/comments": {"body": "text"},
        "check-runs": {"name": "onnx", "head_sha": "a" * 40},
        f"releases/{release.id}/assets?name=x": b"content",
    }
    for path, body in sent.items():
        told = repo(path, "POST", body)
        assert (told.status, told.json["message"]) == (403, "Resource not accessible by integration"), path


def test_a_refusal_names_the_permissions_that_are_accepted(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    repo = Repo(stand_in, stand_in.token(issues="read", pull_requests="read"))
    told = repo("issues/1/comments", "POST", {"body": "text"})
    assert told.headers["X-Accepted-GitHub-Permissions"] == "issues=write; pull_requests=write"


@pytest.mark.parametrize("permission", ["issues", "pull_requests"])
def test_either_of_two_permissions_is_enough_for_a_comment(stand_in: StandIn, permission: str) -> None:
    stand_in.add_pull(1)
    lacks = {"issues": "none", "pull_requests": "none", permission: "write"}
    token = stand_in.token(**lacks)  # type: ignore[arg-type]
    assert Repo(stand_in, token)("issues/1/comments", "POST", {"body": "text"}).status == 201


def test_a_token_without_a_permission_does_not_even_read(stand_in: StandIn) -> None:
    run = stand_in.add_run()
    assert Repo(stand_in, stand_in.token(actions="none"))(f"actions/runs/{run.id}").status == 403


def test_a_wrong_token_is_refused_and_none_may_only_read(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    with pytest.raises(GithubException, match=r"401.*Bad credentials"):
        client(stand_in, stand_in.api_url, "ghs_wrong").get_repo(stand_in.repository)
    nobody = Repo(stand_in, None)
    assert nobody("issues/1/comments").status == 200
    assert nobody("issues/1/comments", "POST", {"body": "text"}).status == 401
    stand_in.state.private = True
    assert nobody("issues/1/comments").status == 404


def test_a_person_asks_who_they_are_and_an_app_does_not(stand_in: StandIn) -> None:
    assert client(stand_in, stand_in.api_url, stand_in.token("user")).get_user().login == "octocat"
    with pytest.raises(GithubException, match=r"403.*Resource not accessible by integration"):
        assert client(stand_in, stand_in.api_url).get_user().login


def test_the_rate_limit_is_told_counted_and_kept(stand_in: StandIn) -> None:
    token = stand_in.token()
    stand_in.limit(token, remaining=2)
    told = ask(f"{stand_in.api_url}/repos/{stand_in.repository}", token=token)
    assert told.headers["X-RateLimit-Remaining"] == "1"
    repository(stand_in, token)
    with pytest.raises(RateLimitExceededException, match=r"403.*rate limit exceeded"):
        repository(stand_in, token)
    assert client(stand_in, stand_in.api_url, token).get_rate_limit().rate.remaining == 0


def test_the_same_token_is_given_for_the_same_permissions(stand_in: StandIn) -> None:
    assert stand_in.token() == stand_in.token()
    assert stand_in.token() != stand_in.token(read_only=True)
