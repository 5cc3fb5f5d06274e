"""How long GitHub is waited for: a budget of seconds for a whole job, spent on its rate limits and its faults.

Waits follow "Best practices for using the REST API"
(https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api): `Retry-After` where it is
given, else the reset of the primary limit, else growing waits with jitter. PyGithub's own `GithubRetry` waits without a
cap over all requests, and does not see an answer that breaks off in its body.
"""

from __future__ import annotations

import random
import time
from itertools import count
from json import JSONDecodeError
from typing import TYPE_CHECKING, Literal, TypeVar

from github import GithubException, RateLimitExceededException
from requests import RequestException
from requests.exceptions import ConnectTimeout
from urllib3.exceptions import NewConnectionError

from onnx_convert.github.traces import chain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FAULTS = (GithubException, RequestException, JSONDecodeError)
"""What a request to GitHub can end with."""

T = TypeVar("T")
Kind = Literal["refused", "not done", "unknown"]

SECONDARY = 60.0
"""Seconds after a secondary limit that names no time: "wait for at least one minute"."""


def kind_of(error: Exception) -> Kind:
    """Whether a repeat is of no use (`refused`), safe (`not done`), or only for what may be done twice (`unknown`)."""
    if isinstance(error, GithubException):
        headers = _headers(error)
        limited = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
        limited = limited or isinstance(error, RateLimitExceededException)
        if error.status == 429 or (error.status == 403 and limited):
            return "not done"
        return "unknown" if error.status >= 500 else "refused"
    return "not done" if _never_sent(error) else "unknown"


class Patience:
    """A budget of waiting, in seconds, that all requests of a job share; `attempts` bounds those of one request.

    What an attempt took that failed, such as by a time-out, counts as waiting too.
    """

    def __init__(
        self,
        seconds: float = 120.0,
        *,
        first: float = 1.0,
        attempts: int = 6,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.left = seconds
        self._first = first
        self._attempts = attempts
        self._jitter: Callable[[float, float], float] = random.uniform
        self._sleep = sleep
        self._clock = clock

    def insist(self, action: Callable[[], T], *, repeatable: bool) -> T:
        """The result of `action`, repeated where that is safe: `repeatable` if it may be done twice.

        Raises the last one of FAULTS.
        """
        for attempt in count(1):
            began = self._clock()
            try:
                return action()
            except FAULTS as error:
                self.left -= max(0.0, self._clock() - began)
                kind = kind_of(error)
                if kind == "refused" or (kind == "unknown" and not repeatable):
                    raise
                self._after(error, attempt)
        raise AssertionError("count() does not end")

    def pause(self) -> None:
        """Wait for one to two seconds, so that what others do meanwhile is seen, and they are not met at once again."""
        wait = min(self._first * self._jitter(1, 2), max(self.left, 0.0))
        self.left -= wait
        self._sleep(wait)

    def _after(self, error: Exception, attempt: int) -> None:
        """Wait before the next attempt (the first that failed is number 1). Raises `error` where that is no use."""
        wait = self._wait(error, attempt)
        if attempt >= self._attempts or wait > self.left:
            raise error
        self.left -= wait
        self._sleep(wait)

    def _wait(self, error: Exception, attempt: int) -> float:
        backoff: float = self._first * 2 ** (attempt - 1) * self._jitter(0.5, 1.5)
        if not isinstance(error, GithubException):
            return backoff
        headers = _headers(error)
        if (asked := _number(headers.get("retry-after"))) is not None:
            return asked + self._jitter(0, self._first)
        if headers.get("x-ratelimit-remaining") == "0":
            reset = _number(headers.get("x-ratelimit-reset")) or 0.0
            return max(backoff, reset - self._clock() + 1)
        return max(backoff, SECONDARY) if error.status in {403, 429} else backoff


def _headers(error: GithubException) -> Mapping[str, str]:
    return {key.lower(): str(value) for key, value in (error.headers or {}).items()}


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() else None


def _never_sent(error: Exception) -> bool:
    return isinstance(error, ConnectTimeout) or any(isinstance(one, NewConnectionError) for one in chain(error))
