"""How much slower one model is than another: both in one process, timed in turn, so that noise falls on both alike.

A **block** is ABBA or BAAB by chance. Of a model's two calls the faster one counts, as whatever else the machine does
makes calls slower only; the block gives the logarithm of the ratio of the two.

An **epoch** has fresh sessions, because where their weights happen to lie decides over some percent. A **round** is two
epochs: in the second one the sessions are opened in the other order, which the next round begins with, and every block
is the other way round. The mean of a block and its counterpart is free of what the order does: a model that is called
right after itself finds its weights in the cache and is up to a tenth faster. The estimate is the median of such means.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from onnx_convert.workers.artifact import ratios
from onnx_convert.workers.timing import Series

Call = Callable[[], object]
Open = Callable[[], Call]
Clock = Callable[[], int]
Watch = Callable[["Measured"], None]

GROWTH = 3.0
"""How far the budget grows while the answer is open."""

EPOCH = (0.1, 0.75)
"""Seconds of timings in an epoch, at least and at most: `PER_OPENING` times what opening its sessions took."""

PER_OPENING = 8.0
WARM_UP_SHARE = 0.05


@dataclass(frozen=True)
class Measured:
    """A paired measurement, first model over second; `seconds` of wall time, opening of sessions included.

    `logs` holds the logarithms of all rounds, `first` and `second` the single timings.
    """

    found: ratios.Estimate
    verdict: ratios.Verdict
    seconds: float
    epochs: int
    pairs: int
    logs: ratios.Logs
    first: Series
    second: Series


@dataclass(frozen=True)
class Rule:
    """The change, as a fraction, that matters, and the confidence of the interval that decides."""

    limit: float = 0.05
    confidence: float = ratios.SURE


@dataclass(frozen=True)
class _Block:
    log: float
    swapped: bool


def measure(
    first: Open,
    second: Open,
    *,
    seconds: float,
    rule: Rule = Rule(),
    clock: Clock = time.perf_counter_ns,
    seed: int = 0,
    watch: Watch | None = None,
) -> Measured:
    """Time what two functions open, in turn, until the answer is clear: about `seconds`, three times that if need be.

    `watch` is called after each round. What a call raises is raised.
    """
    began, rounds = clock(), []
    bench = _Bench((first, second), clock, np.random.default_rng(seed))
    while True:
        rounds.append(bench.round())
        spent = (clock() - began) / 1e9
        found = ratios.estimate(rounds, confidence=rule.confidence)
        said = ratios.verdict(found, limit=rule.limit)
        logs = np.concatenate(rounds)
        measured = Measured(found, said, spent, 2 * len(rounds), len(logs), logs, *bench.timings)
        if watch:
            watch(measured)
        left = GROWTH * seconds - spent
        if left < spent / len(rounds) / 2 or ratios.clear(found, limit=rule.limit, spent=spent / seconds):
            return measured


class _Bench:
    """Two models to be timed in turn, and all their timings so far."""

    def __init__(self, models: tuple[Open, Open], clock: Clock, draw: np.random.Generator) -> None:
        self.timings = (Series(), Series())
        self._models, self._clock, self._draw = models, clock, draw
        self._reverse = bool(draw.integers(2))
        for opened in models:  # what the first session of a process finds is nobody's
            opened()()

    def round(self) -> ratios.Logs:
        """Two epochs; the mean of each block and its counterpart."""
        blocks = self._epoch(self._reverse, None)
        self._reverse = not self._reverse
        counterparts = self._epoch(self._reverse, [not one.swapped for one in blocks])
        return np.array([(one.log + other.log) / 2 for one, other in zip(blocks, counterparts, strict=True)])

    def _epoch(self, reverse: bool, orders: list[bool] | None) -> list[_Block]:
        """Open both, the second one first where `reverse`; time blocks in the given orders, or for an epoch's time."""
        began = self._clock()
        opened: dict[int, Call] = {}
        for which in (1, 0) if reverse else (0, 1):
            opened[which] = self._models[which]()
        calls = (opened[0], opened[1])
        for call in calls * 2:
            call()
        opening = (self._clock() - began) / 1e9
        span = min(max(PER_OPENING * opening, EPOCH[0]), EPOCH[1])
        self._warm_up(calls, span * WARM_UP_SHARE)
        if orders is not None:
            return [self._block(calls, swapped=swapped) for swapped in orders]
        blocks: list[_Block] = []
        end = self._clock() + int(span * 1e9)
        while not blocks or self._clock() < end:
            blocks.append(self._block(calls, swapped=bool(self._draw.integers(2))))
        return blocks

    def _warm_up(self, calls: tuple[Call, Call], seconds: float) -> None:
        end = self._clock() + int(seconds * 1e9)
        while self._clock() < end:
            calls[0]()
            calls[1]()

    def _block(self, calls: tuple[Call, Call], *, swapped: bool) -> _Block:
        """ABBA, or BAAB where swapped."""
        outer, inner = (1, 0) if swapped else (0, 1)
        a, b, clock = calls[outer], calls[inner], self._clock
        t0 = clock()
        a()
        t1 = clock()
        b()
        t2 = clock()
        b()
        t3 = clock()
        a()
        t4 = clock()
        for which, spent in ((outer, t1 - t0), (inner, t2 - t1), (inner, t3 - t2), (outer, t4 - t3)):
            self.timings[which].add(spent)
        log = math.log(max(min(t1 - t0, t4 - t3), 1) / max(min(t2 - t1, t3 - t2), 1))
        return _Block(-log if swapped else log, swapped)
