"""Comments, as GitHub keeps them."""

import pytest
from github import GithubException

from tests.github_stand_in import StandIn
from tests.unit.github_stand_in.asking import Repo, client, repository


@pytest.mark.parametrize("enterprise", [False, True])
def test_pygithub_writes_edits_and_deletes_a_comment(stand_in: StandIn, enterprise: bool) -> None:
    stand_in.add_pull(7)
    url = stand_in.enterprise_api_url if enterprise else stand_in.api_url
    pull = client(stand_in, url).get_repo(stand_in.repository).get_pull(7)
    comment = pull.create_issue_comment("first")
    comment.edit("second")
    assert [(it.user.login, it.body) for it in pull.get_issue_comments()] == [("github-actions[bot]", "second")]
    comment.delete()
    assert stand_in.comments(7) == []


def test_comments_come_in_pages_of_thirty_and_at_most_a_hundred(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    for number in range(250):
        stand_in.add_comment(1, f"comment {number}")
    repo = Repo(stand_in)
    assert len(repo("issues/1/comments").json) == 30
    first = repo("issues/1/comments?per_page=500")
    assert len(first.json) == 100
    assert first.headers["Link"].count("page=3") == 1
    assert 'rel="next"' in first.headers["Link"]
    last = repo("issues/1/comments?per_page=100&page=3")
    assert [it["body"] for it in last.json][-1] == "comment 249"
    assert 'rel="next"' not in last.headers["Link"]
    assert len(list(repository(stand_in).get_pull(1).get_issue_comments())) == 250


@pytest.mark.parametrize(("length", "status"), [(65_536, 201), (65_537, 422)])
def test_a_comment_has_at_most_65536_characters(stand_in: StandIn, length: int, status: int) -> None:
    stand_in.add_pull(1)
    told = Repo(stand_in)("issues/1/comments", "POST", {"body": "x" * length})
    assert told.status == status
    if status == 422:
        assert told.json["errors"][0]["message"] == "Body is too long (maximum is 65536 characters)"


def test_a_comment_has_text(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    assert Repo(stand_in)("issues/1/comments", "POST", {"body": " "}).status == 422


def test_a_locked_conversation_takes_comments_of_people_alone(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    own = stand_in.add_comment(1, "text", author="github-actions[bot]")
    stand_in.lock(1)
    with pytest.raises(GithubException, match=r"403.*Unable to create comment because issue is locked"):
        repository(stand_in).get_pull(1).create_issue_comment("text")
    assert Repo(stand_in)(f"issues/comments/{own.id}", "PATCH", {"body": "other"}).status == 403
    assert Repo(stand_in, stand_in.token("user"))("issues/1/comments", "POST", {"body": "text"}).status == 201


def test_what_is_not_there_is_not_found(stand_in: StandIn) -> None:
    repo = Repo(stand_in)
    assert repo("issues/1/comments").status == 404
    assert repo("issues/comments/1").status == 404
    stand_in.add_pull(1)
    gone = stand_in.add_comment(1, "text")
    stand_in.delete_comment(gone.id)
    assert repo(f"issues/comments/{gone.id}", "PATCH", {"body": "text"}).status == 404


def test_a_minimised_comment_says_so_where_the_server_is_new_enough(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    comment = stand_in.add_comment(1, "text")
    repo = Repo(stand_in)
    assert repo(f"issues/comments/{comment.id}").json["minimized"] is None
    stand_in.minimize(comment.id)
    assert repo(f"issues/comments/{comment.id}").json["minimized"] == {"reason": "outdated"}
    stand_in.state.older_server = True
    assert "minimized" not in repo(f"issues/comments/{comment.id}").json
