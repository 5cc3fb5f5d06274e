"""Signals that end a command: once, and not while what it leaves is being written."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible() -> Iterator[None]:
    """A block that the first signal ends with KeyboardInterrupt.

    Only the first: GitHub sends SIGINT and then SIGTERM, and the report is written between them.
    """
    before = {each: signal.signal(each, _interrupt) for each in _ENDING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def finish_anyway() -> None:
    """Ignore signals from here on: what follows takes a moment and must be whole."""
    for each in _ENDING:
        signal.signal(each, signal.SIG_IGN)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    finish_anyway()
    raise KeyboardInterrupt
