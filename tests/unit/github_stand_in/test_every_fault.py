"""The helper that tries every fault finds what does not hold, and nothing else."""

import pytest
from github import GithubException
from github.IssueComment import IssueComment
from requests import RequestException

from tests.github_stand_in import Fault, StandIn
from tests.github_stand_in.every_fault import every_fault
from tests.unit.github_stand_in.asking import client

FAILURES = (GithubException, RequestException, ValueError)
KINDS = [kind for kind in Fault if kind is not Fault.TIMEOUT]  # PyGithub's shortest is a second


def comments(stand_in: StandIn) -> list[tuple[str, str]]:
    return [(it.author, it.body) for it in stand_in.comments(1)]


def prepare(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    stand_in.add_comment(1, "from someone else")


def post(stand_in: StandIn, *, look: bool) -> None:
    with client(stand_in, stand_in.api_url) as github:
        pull = github.get_repo(stand_in.repository).get_pull(1)
        mine: list[IssueComment] = []
        if look:
            mine = [it for it in pull.get_issue_comments() if it.user.login == "github-actions[bot]"]
        if mine:
            mine[0].edit("text")
        else:
            pull.create_issue_comment("text")


def test_an_action_that_looks_before_it_posts_holds() -> None:
    tried = every_fault(lambda it: post(it, look=True), comments, prepare, kinds=KINDS, failures=FAILURES)
    # Four requests: each kind before and after, but no connection is refused after; three kinds also for good.
    assert tried == 4 * (2 * len(KINDS) - 1 + 2 * 3)


def test_an_action_that_posts_blindly_is_found_where_the_answer_is_lost() -> None:
    with pytest.raises(AssertionError) as found:
        every_fault(
            lambda it: post(it, look=False), comments, prepare, kinds=[Fault.RESET, Fault.CALL], failures=FAILURES
        )
    wrong = [line.split(":")[0] for line in str(found.value).splitlines() if line.startswith("- ")]
    place = "request 3 (POST /repos/octo-org/models/issues/1/comments)"
    assert wrong == [
        f"- {Fault.RESET} after {place}",
        f"- {Fault.RESET} after request 3 and ever after (POST /repos/octo-org/models/issues/1/comments)",
        f"- {Fault.CALL} after {place}",
    ]


def test_what_always_has_to_hold_is_asked_after_each_fault() -> None:
    def always(stand_in: StandIn) -> None:
        assert ("github-actions[bot]", "text") in comments(stand_in), "there is no comment"

    with pytest.raises(AssertionError, match="there is no comment"):
        every_fault(
            lambda it: post(it, look=True), comments, prepare, kinds=[Fault.RESET], failures=FAILURES, always=always
        )


def test_a_failure_that_is_not_expected_is_found() -> None:
    with pytest.raises(AssertionError, match="ConnectionError"):
        every_fault(lambda it: post(it, look=True), comments, prepare, kinds=[Fault.RESET], failures=(GithubException,))


def test_an_action_that_makes_fewer_requests_than_before_is_found() -> None:
    seen: list[StandIn] = []

    def once(stand_in: StandIn) -> None:
        if not seen:
            post(stand_in, look=True)
        seen.append(stand_in)

    with pytest.raises(AssertionError, match="the action ended before"):
        every_fault(once, lambda stand_in: None, prepare, kinds=[Fault.RESET], failures=FAILURES)
