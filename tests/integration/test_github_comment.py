"""The comment on a pull request, against a stand-in for GitHub over real HTTP."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from onnx_convert.github.client import GitHub, connect
from onnx_convert.github.comment import Comment, CommentMode, post
from onnx_convert.github.context import context_of
from onnx_convert.github.patience import Patience
from onnx_convert.github.refusal import RefusedError
from onnx_convert.report.gfm import marker
from onnx_convert.report.markdown import comment
from onnx_convert.report.model import Report
from tests.github_stand_in import Fault, StandIn
from tests.github_stand_in.every_fault import every_fault
from tests.unit.report import compared, sample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.github_stand_in.api import Answer, Request
    from tests.github_stand_in.app import Exchange
    from tests.github_stand_in.model import Comment as Kept

PULL = 7
BOT = "github-actions[bot]"
GREEN = sample.report((sample.row(),))
RED = sample.report((sample.failing_parity(),))


@pytest.fixture
def pull(stand_in: StandIn) -> StandIn:
    """A repository with a pull request in whose conversation others have spoken."""
    stand_in.add_pull(PULL)
    stand_in.add_comment(PULL, "Looks good to me")
    stand_in.add_comment(PULL, "Coverage went up", author=BOT)
    return stand_in


def job(stand_in: StandIn, *, run: int | str = 100, attempt: int = 1, token: str | None = None, **more: Any) -> GitHub:
    """A job of the pull request. Its waits are a thousandth of a real job's."""
    head = more.pop("head", "a" * 40)
    environ = {
        "GITHUB_REPOSITORY": stand_in.repository,
        "GITHUB_RUN_ID": str(run),
        "GITHUB_RUN_ATTEMPT": str(attempt),
        "GITHUB_SHA": "d" * 40,
    }
    event = {"pull_request": {"number": PULL, "head": {"sha": head, "repo": {"full_name": stand_in.repository}}}}
    url = more.pop("api_url", stand_in.api_url)
    context = context_of(environ, event, token=token or stand_in.token(), api_url=url)
    return connect(context, Patience(**{"first": 0.001, **more}), timeout=0.5, between=(0.0, 0.0))


def say(
    stand_in: StandIn, report: Report = GREEN, mode: CommentMode = "always", *, check_name: str = "", **more: Any
) -> Comment:
    return post(job(stand_in, **more), PULL, report, mode=mode, check_name=check_name)


def ours(stand_in: StandIn, check_name: str = "", author: str = BOT) -> list[Kept]:
    begin = marker(check_name).removesuffix(" -->")
    found = [one for one in stand_in.comments(PULL) if one.author == author]
    return [one for one in found if one.body.strip().split("\n")[-1].startswith((f"{begin};", f"{begin} -->"))]


def only(stand_in: StandIn, check_name: str = "") -> Kept:
    (found,) = ours(stand_in, check_name)
    return found


def written(stand_in: StandIn) -> list[str]:
    """The requests that change something."""
    return [one.method for one in stand_in.requests if one.method != "GET" and "/issues/" in one.path]


# One comment, in its place


def test_the_first_run_says_what_is_in_the_report(pull: StandIn) -> None:
    said = say(pull)
    assert said == Comment(f"{pull.api_url}/{pull.repository}/pull/{PULL}#issuecomment-{only(pull).id}", "created")
    assert only(pull).body.split("\n")[:-1] == comment(GREEN).split("\n")[:-2]
    assert len(pull.comments(PULL)) == 3


def test_the_next_run_edits_it_in_place(pull: StandIn) -> None:
    first = say(pull)
    assert say(pull, RED, run=101) == Comment(first.url, "updated")
    assert only(pull).body.startswith("### ❌")
    assert only(pull).revisions == 1


def test_what_would_say_the_same_of_the_same_commit_is_not_sent(pull: StandIn) -> None:
    said = say(pull)
    before = len(written(pull))
    assert say(pull) == Comment(said.url, "unchanged")
    assert say(pull, run=101) == Comment(said.url, "unchanged")
    assert len(written(pull)) == before


def test_the_same_text_about_another_commit_is_sent(pull: StandIn) -> None:
    say(pull)
    assert say(pull, run=101, head="b" * 40).action == "updated"
    assert f"head={'b' * 40}" in only(pull).body


@pytest.mark.parametrize("change", [lambda body: body.replace("\n", "\r\n"), lambda body: f"{body}\r\n", str.strip])
def test_a_comment_that_comes_back_with_other_line_ends_is_unchanged(
    pull: StandIn, change: Callable[[str], str]
) -> None:
    say(pull)
    kept = pull.state.comments[only(pull).id]
    kept.body = change(kept.body)
    assert say(pull).action == "unchanged"
    assert kept.revisions == 0


def test_it_is_found_behind_five_hundred_others(pull: StandIn) -> None:
    say(pull, RED, check_name="gpu")
    told = ours(pull, "gpu")[0].body
    for number in range(500):
        body, author = [
            (f"comment {number}", "octocat"),
            (comment(RED), "octocat"),
            (comment(RED), "models-bot[bot]"),
            (f"{comment(RED)}\n\nand more", BOT),
            ("Coverage went down", BOT),
        ][number % 5]
        pull.add_comment(PULL, body, author=author)
    foreign = pull.comments(PULL)
    said = say(pull)
    assert said.action == "created"
    before = len(pull.requests)
    assert say(pull, RED, run=101) == Comment(said.url, "updated")
    assert [one.query.get("page", "1") for one in pull.requests[before:] if one.path.endswith("/7/comments")][:6] == [
        *"123456"
    ]
    assert pull.comments(PULL)[:-1] == foreign
    assert ours(pull, "gpu")[0].body == told
    assert len(pull.comments(PULL)) == 504


def test_each_check_name_has_a_comment_of_its_own(pull: StandIn) -> None:
    names = ("", "gpu", "gpu nightly", "gpu --> <!-- onnx-convert-action -->")
    for name in names:
        assert say(pull, check_name=name).action == "created"
    for name in names:
        assert say(pull, RED, check_name=name, run=101).action == "updated"
        assert only(pull, name).revisions == 1
    assert len(pull.comments(PULL)) == 6


def test_each_author_has_a_comment_of_its_own(pull: StandIn) -> None:
    say(pull)
    assert say(pull, RED, token=pull.token("user")).action == "created"
    assert only(pull).body.startswith("### ✅")
    assert len(ours(pull, author="octocat")) == 1


def test_a_comment_of_a_version_without_stamps_is_taken_over(pull: StandIn) -> None:
    old = pull.add_comment(PULL, comment(RED), author=BOT)
    assert say(pull).action == "updated"
    assert only(pull).id == old.id


def test_what_somebody_wrote_into_it_is_written_over(pull: StandIn) -> None:
    say(pull)
    kept = pull.state.comments[only(pull).id]
    kept.body = kept.body.replace("The model passed", "The model is a delight")
    assert say(pull).action == "updated"
    assert "delight" not in only(pull).body


def test_a_deleted_comment_is_made_anew(pull: StandIn) -> None:
    say(pull)
    pull.delete_comment(only(pull).id)
    assert say(pull, run=101).action == "created"


def test_on_an_enterprise_server_it_is_the_same(pull: StandIn) -> None:
    assert say(pull, api_url=pull.enterprise_api_url).action == "created"
    assert say(pull, RED, run=101, api_url=pull.enterprise_api_url).action == "updated"


# Minimised, locked, refused


def test_a_minimised_comment_stays_so_while_its_gist_is_the_same(pull: StandIn) -> None:
    say(pull)
    pull.minimize(only(pull).id, "outdated")
    longer = GREEN.model_copy(update={"seconds": 100.0})
    assert say(pull, longer, run=101).action == "updated"
    assert only(pull).minimized == "outdated"


def test_a_minimised_comment_is_shown_again_when_there_is_news(pull: StandIn) -> None:
    say(pull)
    pull.minimize(only(pull).id, "outdated")
    assert say(pull, RED, run=101).action == "updated"
    assert only(pull).minimized is None


@pytest.mark.parametrize("before", [False, True], ids=["to be created", "to be edited"])
def test_a_locked_conversation_is_said_to_be_locked(pull: StandIn, before: bool) -> None:
    if before:
        say(pull, RED)
    pull.lock(PULL)
    with pytest.raises(RefusedError) as refused:
        say(pull, run=101)
    assert refused.value.diagnostic.code == "OCA710"
    assert refused.value.permission is None


def test_a_token_that_may_only_read_is_said_to_lack_a_permission(pull: StandIn) -> None:
    with pytest.raises(RefusedError) as refused:
        say(pull, token=pull.token(read_only=True))
    assert refused.value.diagnostic.code == "OCA702"
    assert refused.value.permission is not None
    assert "pull-requests: write" in refused.value.permission.yaml


def test_a_comment_that_may_be_read_and_not_be_edited_is_no_lack_of_a_pull_request(pull: StandIn) -> None:
    say(pull)
    pull.fault(Fault.NOT_FOUND, at=4)
    with pytest.raises(RefusedError) as refused:
        say(pull, RED, run=101)
    assert pull.requests[-2].method == "PATCH"
    assert refused.value.diagnostic.code == "OCA702"


def test_a_pull_request_that_is_not_there_is_said_not_to_be(pull: StandIn) -> None:
    with pytest.raises(RefusedError) as refused:
        post(job(pull), PULL + 1, GREEN, mode="always")
    assert refused.value.diagnostic.code == "OCA711"


# Modes


def test_never_asks_nothing(pull: StandIn) -> None:
    assert say(pull, RED, "never") == Comment(None, "withheld")
    assert not pull.requests


def test_failures_is_silent_until_something_fails_and_then_keeps_up_to_date(pull: StandIn) -> None:
    assert say(pull, GREEN, "failures", run=1) == Comment(None, "withheld")
    assert say(pull, RED, "failures", run=2).action == "created"
    assert say(pull, GREEN, "failures", run=3).action == "updated"
    assert only(pull).body.startswith("### ✅")


def test_changes_is_silent_until_there_is_news_and_then_says_each_once(pull: StandIn) -> None:
    slower, still, unchanged = (
        sample.report((compared.row("a", compared.paired("cpu", verdict, ratio)),))
        for verdict, ratio in (("slower", 1.2), ("slower", 1.3), ("unchanged", 1.0))
    )
    assert say(pull, unchanged, "changes", run=1) == Comment(None, "withheld")
    said = say(pull, slower, "changes", run=2)
    assert said.action == "created"
    assert say(pull, still, "changes", run=3, head="b" * 40) == Comment(said.url, "unchanged")
    assert only(pull).revisions == 0
    assert say(pull, unchanged, "changes", run=4).action == "updated"
    assert say(pull, unchanged, "changes", run=5).action == "unchanged"
    assert say(pull, RED, "changes", run=6).action == "updated"


# Several at once


def test_an_earlier_run_does_not_write_over_a_later_one(pull: StandIn) -> None:
    said = say(pull, RED, run=101, head="b" * 40)
    assert say(pull, GREEN, run=100) == Comment(said.url, "withheld")
    assert say(pull, GREEN, run=100, attempt=2) == Comment(said.url, "withheld")
    assert only(pull).revisions == 0
    assert say(pull, GREEN, run=101, attempt=2).action == "updated"


def test_of_two_comments_the_older_is_kept_and_gets_the_text_of_the_later_run(pull: StandIn) -> None:
    say(pull, GREEN, run=101)
    first = only(pull)
    pull.state.comments[first.id].author = "octocat"  # so that the next run does not find it
    say(pull, RED, run=102)
    pull.state.comments[first.id].author = BOT
    assert say(pull, GREEN, run=100).action == "updated"
    assert only(pull).id == first.id
    assert only(pull).body.startswith("### ❌")
    assert "run=102.1" in only(pull).body


def together(action: Callable[[int], Comment], of: Sequence[int] = range(12)) -> list[Comment]:
    """What an action gives in threads that start at once."""
    start = threading.Barrier(len(of))

    def run(number: int) -> Comment:
        start.wait()
        return action(number)

    with ThreadPoolExecutor(len(of)) as pool:
        return list(pool.map(run, of))


@pytest.mark.parametrize("before", [False, True], ids=["none yet", "one"])
def test_twelve_jobs_of_one_run_end_with_one_comment(pull: StandIn, before: bool) -> None:
    if before:
        say(pull, RED, run=99)
    said = together(lambda number: say(pull, GREEN.model_copy(update={"seconds": 60.0 + number}), first=0.02))
    assert [one.url for one in said if one.url and one.url.endswith(f"-{only(pull).id}")]
    assert only(pull).body.startswith("### ✅")
    assert len(pull.comments(PULL)) == 3


def test_twelve_runs_end_with_what_the_latest_says(pull: StandIn) -> None:
    together(
        lambda number: say(pull, GREEN.model_copy(update={"seconds": 60.0 + number}), run=number, first=1.0),
        of=range(1, 13),
    )
    assert "run=12.1" in only(pull).body
    assert "in 1 min 12 s" in only(pull).body
    assert len(pull.comments(PULL)) == 3


def one_of_twelve(stand_in: StandIn, token: str, start: Any, number: int) -> None:
    github = job(stand_in, token=token, first=0.1)
    start.wait()
    post(github, PULL, GREEN.model_copy(update={"seconds": 60.0 + number}), mode="always")


def test_twelve_processes_end_with_one_comment(pull: StandIn) -> None:
    forks = multiprocessing.get_context("fork")
    start = forks.Barrier(12)
    token = pull.token()
    children = [forks.Process(target=one_of_twelve, args=(pull, token, start, number)) for number in range(12)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 12
    assert only(pull)
    assert len(pull.comments(PULL)) == 3


class Busy(StandIn):
    """In which things happen meanwhile: `meddle` is called before each request that is answered."""

    meddle: Callable[[Request], None] = staticmethod(lambda _request: None)

    def answer(self, request: Request, exchange: Exchange, *, blobs: bool) -> Answer:
        with self._lock:
            self.meddle(request)
            return super().answer(request, exchange, blobs=blobs)


@pytest.fixture
def busy() -> Any:
    with Busy() as running:
        running.add_pull(PULL)
        yield running
    assert not running.violations


def at(busy: Busy, method: str, then: Callable[[], object]) -> None:
    """Do something just before the first request of a method to a comment."""

    def meddle(request: Request) -> None:
        if request.method == method and "/issues/" in request.path:
            busy.meddle = lambda _request: None
            then()

    busy.meddle = meddle


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_comment_that_is_deleted_while_it_is_edited_is_made_anew(busy: Busy, method: str) -> None:
    say(busy)
    first = only(busy)
    at(busy, method, lambda: busy.delete_comment(first.id))
    said = say(busy, RED, run=101)
    assert said.action == "created"
    assert only(busy).id != first.id
    assert only(busy).body.startswith("### ❌")


def test_a_second_comment_that_another_deletes_meanwhile_is_done_with(busy: Busy) -> None:
    for _ in range(2):
        busy.add_comment(PULL, comment(RED), author=BOT)
    first, second = ours(busy)
    at(busy, "DELETE", lambda: busy.delete_comment(second.id))
    assert say(busy).action == "updated"
    assert only(busy).id == first.id


def test_what_a_later_run_wrote_since_the_look_at_all_comments_is_left(busy: Busy) -> None:
    say(busy, GREEN, run=100)
    listed = []

    def meddle(request: Request) -> None:
        if request.method == "GET" and f"/issues/comments/{only(busy).id}" in request.path and not listed:
            listed.append(request)
            kept = busy.state.comments[only(busy).id]
            kept.body = kept.body.replace("run=100.1", "run=103.1")

    busy.meddle = meddle
    assert say(busy, RED, run=101).action == "withheld"
    assert only(busy).revisions == 0


def test_an_edit_that_failed_is_not_repeated_over_what_a_later_run_wrote_meanwhile(pull: StandIn) -> None:
    say(pull, GREEN, run=100)
    kept = pull.state.comments[only(pull).id]

    def later() -> None:
        kept.body = kept.body.replace("run=100.1", "run=103.1")

    pull.fault(Fault.CALL, at=4, call=later)
    assert say(pull, RED, run=101).url
    assert pull.requests[-1].method == "GET"
    assert (only(pull).revisions, "run=103.1" in only(pull).body) == (0, True)


def test_what_an_earlier_run_wrote_over_the_later_is_mended(busy: Busy) -> None:
    say(busy, GREEN, run=100)
    stale = only(busy).body
    patched: list[str] = []

    def meddle(request: Request) -> None:
        # A job that had looked before writes after, once.
        if request.method == "GET" and request.path.endswith(f"/{PULL}/comments") and only(busy).revisions == 1:
            if not patched:
                busy.state.comments[only(busy).id].body = stale
            patched.append(stale)

    busy.meddle = meddle
    assert say(busy, RED, run=101).action == "updated"
    assert patched
    assert only(busy).body.startswith("### ❌")


def test_a_list_that_lags_behind_leads_to_no_second_comment(busy: Busy) -> None:
    hidden: list[Kept] = []

    def meddle(request: Request) -> None:
        listing = request.method == "GET" and request.path.endswith(f"/{PULL}/comments")
        if listing:
            hidden.extend(busy.state.comments.pop(one.id) for one in ours(busy))
        if not listing and hidden:
            busy.state.comments |= {one.id: one for one in hidden}
            hidden.clear()

    busy.meddle = meddle
    assert say(busy).action == "created"
    assert len(ours(busy)) == 1
    assert [one.method for one in busy.requests if one.operation == "issues/create-comment"] == ["POST"]


def test_who_removes_it_at_once_is_not_spoken_against(busy: Busy) -> None:
    def meddle(request: Request) -> None:
        for one in ours(busy):
            busy.delete_comment(one.id)

    busy.meddle = meddle
    assert say(busy).action == "created"
    assert not ours(busy)
    assert [one.method for one in busy.requests if one.operation == "issues/create-comment"] == ["POST"]


def test_a_comment_that_never_comes_to_rest_is_given_up(busy: Busy) -> None:
    busy.add_comment(PULL, comment(RED), author=BOT)

    def meddle(request: Request) -> None:
        if request.method == "GET":
            busy.add_comment(PULL, comment(RED), author=BOT)

    busy.meddle = meddle
    with pytest.raises(RefusedError) as refused:
        say(busy)
    assert refused.value.diagnostic.code == "OCA712"


# Whatever goes wrong


def told(stand_in: StandIn) -> list[tuple[str, str | None]]:
    return [(one.body, one.minimized) for one in stand_in.comments(PULL)]


def begun(stand_in: StandIn) -> None:
    stand_in.add_pull(PULL)
    stand_in.add_comment(PULL, "Looks good to me")


def doubled(stand_in: StandIn) -> None:
    """A minimised comment, and a second one that a run left which was broken off."""
    begun(stand_in)
    stand_in.add_comment(PULL, comment(GREEN), author=BOT, minimized="outdated")
    stand_in.add_comment(PULL, comment(GREEN), author=BOT)


@pytest.mark.parametrize("prepare", [begun, doubled])
def test_after_any_fault_at_any_request_a_repeat_ends_with_the_one_comment(prepare: Callable[[StandIn], None]) -> None:
    def action(stand_in: StandIn) -> None:
        say(stand_in, RED, sleep=lambda _seconds: None)

    def once(stand_in: StandIn) -> None:
        assert len(ours(stand_in)) <= 2

    tried = every_fault(action, told, prepare, failures=(RefusedError,), always=once)
    assert tried > 100


@pytest.mark.parametrize("kind", [Fault.BAD_GATEWAY, Fault.RESET, Fault.CUT, Fault.SECONDARY, Fault.TIMEOUT])
def test_what_was_done_though_the_answer_was_lost_is_not_done_twice(pull: StandIn, kind: Fault) -> None:
    pull.fault(kind, at=3, when="after")
    assert say(pull, sleep=lambda _seconds: None).action == "created"
    assert only(pull).revisions == 0
    assert len(written(pull)) == 1


# As large and as hostile as it gets


def test_a_comment_of_two_megabytes_about_four_hundred_hostile_models_is_taken(pull: StandIn) -> None:
    base = sample.hostile()
    rows = tuple(
        row.model_copy(update={"name": f"{row.name} {number}"}) for number in range(134) for row in base.models
    )[:400]
    report = base.model_copy(update={"models": rows})
    assert len(comment(report, limit=10**9).encode()) > 2_000_000
    assert say(pull, report, check_name="ü" * 300).action == "created"
    body = only(pull, "ü" * 300).body
    assert len(body.encode()) <= 65_536
    assert body.startswith("### ❌ 134 of 400 models failed")
    assert say(pull, report, check_name="ü" * 300).action == "unchanged"
