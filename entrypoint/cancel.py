"""Signals that end a job: noted where work has to be whole, raised where it may break off."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from entrypoint.child import FORWARDED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType


class BrokenOffError(BaseException):
    """The job was cancelled, or what it did took too long. No `except Exception` on the way holds it up."""


class Cancellation:
    """Hears signals as long as it is entered. `heard` says whether one came.

    GitHub sends SIGINT, after 7.5 seconds SIGTERM, and kills 2.5 seconds later
    (https://docs.github.com/en/actions/reference/workflow-cancellation-reference).
    """

    def __init__(self) -> None:
        self.heard = False
        self._may_break = False

    def __enter__(self) -> Self:
        numbers = (*FORWARDED, signal.SIGALRM)
        self._before = {number: signal.signal(number, self._hear) for number in numbers}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def note(self, number: int) -> None:
        """A signal that came while something else listened."""
        self.heard = self.heard or number in FORWARDED

    def _hear(self, number: int, _: FrameType | None) -> None:
        late = number == signal.SIGALRM
        if self._may_break and (late or not self.heard):
            self._may_break = False
            self.note(number)
            raise BrokenOffError("it took too long" if late else "the job was cancelled")
        self.note(number)

    @contextmanager
    def breakable(self, seconds: float) -> Iterator[None]:
        """A block that ends after so many seconds, and when the job is cancelled unless it is already.

        Raises BrokenOffError.
        """
        others = signal.setitimer(signal.ITIMER_REAL, seconds)
        self._may_break = True
        try:
            yield
        finally:
            self._may_break = False
            signal.setitimer(signal.ITIMER_REAL, *others)
