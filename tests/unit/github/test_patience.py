from __future__ import annotations

from collections.abc import Callable
from json import JSONDecodeError

import pytest
import requests
from github import GithubException, RateLimitExceededException
from hypothesis import given
from hypothesis import strategies as st
from urllib3.connection import HTTPConnection
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from onnx_convert.github.patience import FAULTS, Patience, kind_of

NOW = 1_800_000_000.0


class Time:
    """A clock that goes only when somebody sleeps, or an attempt takes its time."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def patience(self, seconds: float = 120.0, attempts: int = 6) -> Patience:
        return Patience(seconds, attempts=attempts, sleep=self.sleep, clock=lambda: self.now)


def said(status: int, **headers: str) -> GithubException:
    return GithubException(status, {"message": "no"}, {key.replace("_", "-"): value for key, value in headers.items()})


def secondary(**headers: str) -> GithubException:
    return RateLimitExceededException(403, {}, {key.replace("_", "-"): value for key, value in headers.items()})


def refused_connection() -> Exception:
    reason = NewConnectionError(HTTPConnection("localhost"), "refused")
    return requests.ConnectionError(MaxRetryError(None, "/", reason))  # type: ignore[arg-type]


def reset_connection() -> Exception:
    return requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset")))


def failing(errors: list[Exception], done: str = "done") -> Callable[[], str]:
    left = iter(errors)

    def action() -> str:
        for error in left:
            raise error
        return done

    return action


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (said(401), "refused"),
        (said(403), "refused"),
        (said(404), "refused"),
        (said(409), "refused"),
        (said(422), "refused"),
        (said(403, Retry_After="1"), "not done"),
        (said(403, X_RateLimit_Remaining="0"), "not done"),
        (secondary(), "not done"),
        (said(429), "not done"),
        (said(500), "unknown"),
        (said(502), "unknown"),
        (JSONDecodeError("cut", "", 0), "unknown"),
        (requests.ReadTimeout(), "unknown"),
        (reset_connection(), "unknown"),
        (requests.ConnectTimeout(), "not done"),
        (refused_connection(), "not done"),
    ],
)
def test_a_fault_says_whether_the_request_was_done(error: Exception, kind: str) -> None:
    assert kind_of(error) == kind


def test_what_was_being_handled_before_is_no_cause() -> None:
    error = reset_connection()
    error.__context__ = refused_connection()
    assert kind_of(error) == "unknown"


@pytest.mark.parametrize("error", [said(500), reset_connection(), JSONDecodeError("cut", "", 0)])
def test_what_may_have_been_done_is_repeated_only_where_it_may_be_done_twice(error: Exception) -> None:
    time = Time()
    assert time.patience().insist(failing([error]), repeatable=True) == "done"
    with pytest.raises(type(error)):
        time.patience().insist(failing([error]), repeatable=False)


@pytest.mark.parametrize("error", [said(429), secondary(), refused_connection()])
def test_what_was_not_done_is_always_repeated(error: Exception) -> None:
    assert Time().patience().insist(failing([error]), repeatable=False) == "done"


def test_what_is_refused_is_not_repeated() -> None:
    time = Time()
    with pytest.raises(GithubException):
        time.patience().insist(failing([said(403), said(403)]), repeatable=True)
    assert not time.slept


def test_another_exception_is_none_of_its_business() -> None:
    with pytest.raises(ZeroDivisionError):
        Time().patience().insist(lambda: str(1 / 0), repeatable=True)


def test_waits_grow_and_no_two_jobs_wait_alike() -> None:
    times = [Time() for _ in range(20)]
    for time in times:
        time.patience().insist(failing([said(502)] * 4), repeatable=True)
        for attempt, wait in enumerate(time.slept):
            assert 0.5 * 2**attempt <= wait <= 1.5 * 2**attempt
    assert len({tuple(time.slept) for time in times}) == len(times)


@pytest.mark.parametrize("error", [said(403, Retry_After="7"), said(429, retry_after="7"), said(503, RETRY_AFTER="7")])
def test_retry_after_is_honoured_whatever_its_case_with_jitter_on_top(error: Exception) -> None:
    time = Time()
    time.patience().insist(failing([error]), repeatable=True)
    assert 7 <= time.slept[0] <= 8


@pytest.mark.parametrize("error", [secondary(), said(429), secondary(retry_after="Thu, 26 Nov 2026 09:34:48 GMT")])
def test_a_secondary_limit_that_names_no_seconds_is_waited_for_a_minute(error: Exception) -> None:
    time = Time()
    time.patience().insist(failing([error]), repeatable=False)
    assert time.slept[0] >= 60


def test_a_primary_limit_is_waited_for_until_its_reset() -> None:
    time = Time()
    limit = secondary(x_ratelimit_remaining="0", x_ratelimit_reset=str(int(NOW) + 30))
    time.patience().insist(failing([limit]), repeatable=False)
    assert time.slept == [31]


def test_a_limit_that_takes_too_long_is_not_waited_for_at_all() -> None:
    for error in (said(429, retry_after="3600"), secondary(x_ratelimit_remaining="0", x_ratelimit_reset="9" * 300)):
        time = Time()
        with pytest.raises(GithubException):
            time.patience().insist(failing([error]), repeatable=False)
        assert not time.slept


faults = st.sampled_from([said(500), said(429), secondary(), said(429, retry_after="9"), reset_connection()])


@given(st.lists(st.lists(faults, max_size=12), max_size=8), st.integers(0, 300))
def test_all_requests_together_never_wait_longer_than_the_budget(jobs: list[list[Exception]], budget: int) -> None:
    time = Time()
    patience = time.patience(budget)
    for errors in jobs:
        try:
            patience.insist(failing(errors), repeatable=True)
        except FAULTS:
            continue
    assert sum(time.slept) <= budget


def test_time_that_attempts_take_counts_as_waiting() -> None:
    time = Time()

    def hang() -> str:
        time.now += 30
        raise requests.ReadTimeout

    with pytest.raises(requests.ReadTimeout):
        time.patience(120).insist(hang, repeatable=True)
    assert time.now - NOW <= 120 + 30


def test_attempts_of_one_request_are_bounded_where_the_budget_is_not() -> None:
    time = Time()
    with pytest.raises(GithubException):
        time.patience(1e9).insist(failing([said(500)] * 100), repeatable=True)
    assert len(time.slept) == 5


@given(st.text() | st.text("0123456789²٣", max_size=4))
def test_a_header_of_any_content_is_read(value: str) -> None:
    time = Time()
    headers = {"retry-after": value, "x-ratelimit-remaining": "0", "x-ratelimit-reset": value}
    for error in (GithubException(429, None, headers), GithubException(403, [], headers)):
        try:
            time.patience().insist(failing([error]), repeatable=False)
        except GithubException:
            continue


@pytest.mark.parametrize("left", [120.0, 0.0, -5.0])
def test_a_pause_takes_no_more_than_is_left(left: float) -> None:
    time = Time()
    patience = time.patience(left)
    patience.pause()
    assert 0 <= sum(time.slept) <= min(2, max(left, 0))
