"""What can go wrong between a client and GitHub, and at which request it does."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from .api import Answer, RefusedError

When = Literal["before", "after", "partly"]


class Fault(StrEnum):
    """The kinds of faults."""

    REFUSED = "connection refused"
    RESET = "connection reset half way"
    TIMEOUT = "no answer"
    SHORT = "an answer short of its Content-Length"
    CUT = "JSON that is cut"
    CALL = "the process killed"
    UNAUTHORIZED = "401"
    READ_ONLY = "403 read-only"
    SECONDARY = "403 secondary limit"
    SECONDARY_RETRY_AFTER = "403 secondary limit with Retry-After"
    PRIMARY = "403 rate limit"
    NOT_FOUND = "404"
    CONFLICT = "409"
    UNPROCESSABLE = "422"
    TOO_MANY = "429 with Retry-After"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"


CONNECTION = frozenset({Fault.REFUSED, Fault.RESET, Fault.TIMEOUT, Fault.SHORT, Fault.CUT, Fault.CALL})
_HTML = (
    b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>\n"
)
_SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."

_REFUSALS = {
    Fault.UNAUTHORIZED: (401, "Bad credentials"),
    Fault.READ_ONLY: (403, "Resource not accessible by integration"),
    Fault.SECONDARY: (403, _SECONDARY),
    Fault.SECONDARY_RETRY_AFTER: (403, _SECONDARY),
    Fault.PRIMARY: (403, "API rate limit exceeded for installation ID 1."),
    Fault.NOT_FOUND: (404, "Not Found"),
    Fault.CONFLICT: (409, "Conflict"),
    Fault.UNPROCESSABLE: (422, "Validation Failed"),
    Fault.TOO_MANY: (429, _SECONDARY),
}


@dataclass(frozen=True)
class Planned:
    """A fault at some requests."""

    kind: Fault
    first: int
    times: int | None
    when: When
    call: Callable[[], None] | None
    wait_s: int

    def hits(self, number: int) -> bool:
        """Whether the request with this number meets it."""
        return number >= self.first and (self.times is None or number < self.first + self.times)

    def answer(self) -> Answer:
        """What GitHub answers, of those faults that are an answer."""
        if self.kind is Fault.SERVER_ERROR:
            return Answer(500, {"message": "Server Error"})
        if self.kind is Fault.BAD_GATEWAY:
            return Answer(502, None, {"Content-Type": "text/html"}, _HTML)
        status, message = _REFUSALS[self.kind]
        errors = [{"resource": "Resource", "code": "custom", "field": "base"}] if status == 422 else []
        headers = {}
        if self.kind in (Fault.SECONDARY_RETRY_AFTER, Fault.TOO_MANY):
            headers = {"Retry-After": str(self.wait_s)}
        if self.kind is Fault.PRIMARY:
            headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + self.wait_s)}
        return RefusedError(status, message, errors, headers).answer


class Faults:
    """Counts requests and says which fault the next one meets; who calls it holds the lock."""

    def __init__(self) -> None:
        self._seen = 0
        self._planned: list[Planned] = []

    def plan(self, fault: Planned) -> None:
        """Plans a fault, at the requests from now on."""
        self._planned.append(replace(fault, first=fault.first + self._seen))

    def clear(self) -> None:
        """Forgets all of them."""
        self._planned.clear()

    def next(self) -> Planned | None:
        """The fault of the request that came in now."""
        self._seen += 1
        return self._at(self._seen)

    def closed(self) -> Planned | None:
        """Whether the port is to be closed for the next request."""
        fault = self._at(self._seen + 1)
        return fault if fault and fault.kind is Fault.REFUSED else None

    def skip(self, fault: Planned) -> None:
        """Counts the requests that a closed port refused, unless it was to refuse all."""
        if fault in self._planned and fault.times is not None:
            self._seen = fault.first + fault.times - 1
            self._planned.remove(fault)

    def _at(self, number: int) -> Planned | None:
        return next((one for one in self._planned if one.hits(number)), None)
