"""Admission: conversions run side by side as far as the memory goes.

What a row will need is not known before it has run. It is expected to need what the same model needed at another opset,
else what is usual for its framework in this run, with its files counted on top; a first row gets a modest guess.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FIRST_GUESS = 2**30
"""Bytes that a first row of a framework is expected to need."""

COPIES = 4
"""How often weights lie in memory at once: loaded, in the exporter's graph, serialised, in ONNX Runtime."""

_LOOK = 1.0  # seconds between looks at memory that others may have freed


class Expectations:
    """What rows are expected to need, in bytes, from what others of this run have needed."""

    def __init__(self) -> None:
        self._models: dict[str, int] = {}
        self._frameworks: dict[str, dict[str, int]] = defaultdict(dict)

    def learn(self, framework: str, model: str, peak: int) -> None:
        """A row of this model has needed so much. Its most is kept."""
        most = max(peak, self._models.get(model, 0))
        self._models[model] = most
        self._frameworks[framework][model] = most

    def expect(self, framework: str, model: str, files: int, limit: int | None = None) -> int:
        """What a row of this model, whose files have so many bytes, will need; never more than its own limit."""
        known = self._models.get(model)
        if known is None:
            seen = self._frameworks[framework].values()
            known = (int(median(seen)) if seen else FIRST_GUESS) + COPIES * files
        return known if limit is None else min(known, limit)


def fits(expected: int, running: Sequence[int], idle: int | None, now: int | None) -> bool:
    """Whether a row may start beside others that are expected to need `running`.

    `idle` bytes were available before they started, and `now` are: rows that have not taken their memory yet are seen
    in the first, rows that take more than expected in the second. A row alone always may.
    """
    if not running or idle is None or now is None:
        return True
    return expected <= min(idle - sum(running), now)


class Admission:
    """Lets rows in, in the order in which they ask. `available` tells the bytes that may still be used."""

    def __init__(self, available: Callable[[], int | None]) -> None:
        self._available = available
        self._changed = threading.Condition()
        self._asking: deque[object] = deque()
        self._running: list[int] = []
        self._idle: int | None = None

    @contextmanager
    def room(self, expected: Callable[[], int], waits: Callable[[], None]) -> Iterator[None]:
        """Block until there is room and keep it until the end; `waits` is called once if it has to wait."""
        taken = self._take(expected, waits)
        try:
            yield
        finally:
            with self._changed:
                self._running.remove(taken)
                self._changed.notify_all()

    def _take(self, expected: Callable[[], int], waits: Callable[[], None]) -> int:
        ticket = object()
        with self._changed:
            self._asking.append(ticket)
            told = False
            # Asked anew each time: what finished meanwhile has taught what to expect.
            while self._asking[0] is not ticket or not self._fits(taken := expected()):
                if not told:
                    waits()
                    told = True
                self._changed.wait(_LOOK)
            self._asking.popleft()
            self._running.append(taken)
            self._changed.notify_all()
        return taken

    def _fits(self, expected: int) -> bool:
        now = self._available()
        if not self._running:
            self._idle = now
        return fits(expected, self._running, self._idle, now)
