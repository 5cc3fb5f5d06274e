"""How much slower one call is than another, both timed in turn so that a busy machine slows them alike.

Calls are timed in blocks of four, ABBA or BAAB by chance: a machine that gets steadily slower, or slow for a while,
falls on both. A block gives one logarithm of a ratio; the estimate is their median, with a block bootstrap interval.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from onnx_convert.workers.timing import HARD_CAP, MIN_ITERATIONS, WARM_UP_SHARE, median_interval

Call = Callable[[], object]
Clock = Callable[[], int]


@dataclass(frozen=True)
class Ratio:
    """Time of the first call over that of the second, with its 95 % interval, from so many blocks."""

    ratio: float
    ci: tuple[float, float]
    blocks: int


def measure(first: Call, second: Call, *, seconds: float, clock: Clock = time.perf_counter_ns, seed: int = 0) -> Ratio:
    """Time two calls in turn for about `seconds` after a warm-up of a fifth of that.

    Slow calls get at least ten blocks, unless that takes three times the budget. What a call raises is raised.
    """
    orders = np.random.default_rng(seed)
    _warm_up(first, second, clock() + int(seconds * WARM_UP_SHARE * 1e9), clock)
    logs: list[float] = []
    opened = clock()
    budget, cap = int(seconds * 1e9), int(seconds * HARD_CAP * 1e9)
    elapsed = 0
    while not logs or elapsed < budget or (len(logs) < MIN_ITERATIONS and elapsed < cap):
        logs.append(_block(first, second, clock, swapped=bool(orders.integers(2))))
        elapsed = clock() - opened
    values = np.asarray(logs, np.float64)
    low, high = median_interval(values)
    return Ratio(math.exp(float(np.median(values))), (math.exp(low), math.exp(high)), len(logs))


def _warm_up(first: Call, second: Call, end: int, clock: Clock) -> None:
    while True:
        first()
        second()
        if clock() >= end:
            return


def _block(first: Call, second: Call, clock: Clock, *, swapped: bool) -> float:
    """ABBA, or BAAB where swapped; the logarithm of the time of A over that of B."""
    outer, inner = (second, first) if swapped else (first, second)
    outside = _timed(outer, clock)
    inside = _timed(inner, clock) + _timed(inner, clock)
    outside += _timed(outer, clock)
    log = math.log(max(outside, 1) / max(inside, 1))
    return -log if swapped else log


def _timed(call: Call, clock: Clock) -> int:
    started = clock()
    call()
    return clock() - started
