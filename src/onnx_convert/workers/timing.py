"""How long a call takes: warm-up, single timings until the budget is spent, and an honest interval.

The interval is a percentile bootstrap of the median over blocks of consecutive timings (circular block bootstrap:
Politis and Romano, "A circular block-resampling procedure for stationary data", 1992). Timings next to each other are
alike, because a machine is slow for a while and fast for a while; resampling single ones would hide that.

Depends on numpy alone, 1.23 or newer.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

MIN_ITERATIONS = 10
HARD_CAP = 3.0
"""Slow calls are timed at least `MIN_ITERATIONS` times, unless that takes `HARD_CAP` times the budget."""

MAX_KEPT = 200_000
"""Timings kept; of more, every second, fourth, ... is kept, so that they still cover the whole time."""

WARM_UP_SHARE = 0.2
WINDOW_SHARE = 0.02
WINDOW_CALLS = 5
STEADY = 0.05
"""Warm when the medians of two consecutive windows are within `STEADY` of each other."""

RESAMPLES = 1000
BLOCKS = 32
BOOTSTRAP_KEPT = 2048
_BATCH = 50

Clock = Callable[[], int]
Call = Callable[[], object]


OUTLIER = 3.0
"""A timing is an outlier beyond the third quartile by so many interquartile ranges (Tukey's far out)."""

Floats = NDArray[np.float64]


@dataclass
class Series:
    """Timings in nanoseconds, in order, thinned evenly when there are too many."""

    kept: list[int] = field(default_factory=list)
    stride: int = 1
    count: int = 0
    total: int = 0

    def add(self, nanoseconds: int) -> None:
        """Add a timing."""
        if self.count % self.stride == 0:
            if len(self.kept) == MAX_KEPT:
                del self.kept[1::2]
                self.stride *= 2
            self.kept.append(nanoseconds)
        self.count += 1
        self.total += nanoseconds

    def summary(self) -> dict[str, Any]:
        """`median`, `p90`, `p99`, `ci95` of the median and `quantiles` (0 %, 1 %, ... 100 %) in milliseconds.

        Nothing is thrown away: `outliers` is how many of the calls were, estimated from those that were kept.
        """
        milliseconds = np.asarray(self.kept, np.float64) / 1e6
        quantiles = np.quantile(milliseconds, np.linspace(0, 1, 101))
        return {
            "median": float(quantiles[50]),
            "p90": float(quantiles[90]),
            "p99": float(quantiles[99]),
            "ci95": list(median_interval(milliseconds)),
            "quantiles": [float(value) for value in quantiles],
            "outliers": int((milliseconds > _fence(quantiles)).sum()) * self.stride,
        }


def measure(call: Call, *, seconds: float, clock: Clock = time.perf_counter_ns) -> dict[str, Any]:
    """Time a call for about `seconds` after its warm-up, which takes at most a fifth of that (and one call).

    Returns a `Series.summary`; `iterations` and `warmup_iterations`; `steady`, whether the warm-up ended because
    timings no longer changed; `measuring_seconds`, of warm-up and timings together; `throughput_per_s`, calls a second.
    The clock counts nanoseconds. What the call raises is raised.
    """
    began = clock()
    warmup_iterations, steady = _warm_up(call, seconds, clock)
    series = _timings(call, seconds, clock)
    measuring_seconds = (clock() - began) / 1e9
    return {
        **series.summary(),
        "iterations": series.count,
        "warmup_iterations": warmup_iterations,
        "steady": steady,
        "measuring_seconds": measuring_seconds,
        "throughput_per_s": series.count / max(series.total, 1) * 1e9,
    }


def median_interval(values: Floats, *, confidence: float = 0.95, seed: int = 0) -> tuple[float, float]:
    """Bootstrap an interval of the median of a series in time order, in the unit of the values.

    Of long series an even selection of `BOOTSTRAP_KEPT` values is resampled: bounded cost, and an interval that is
    rather too wide than too narrow. Values that never vary have an interval of no width.
    """
    median = float(np.median(values))
    values = values[:: -(-len(values) // BOOTSTRAP_KEPT)]
    count = len(values)
    length = max(1, count // BLOCKS)
    blocks = -(-count // length)
    rng = np.random.default_rng(seed)
    within = np.arange(length)
    medians: list[Floats] = []
    for _ in range(0, RESAMPLES, _BATCH):
        starts = rng.integers(0, count, size=(_BATCH, blocks, 1))
        positions = ((starts + within) % count).reshape(_BATCH, -1)[:, :count]
        medians.append(np.median(values[positions], axis=1))
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(medians), [tail, 1 - tail])
    return min(float(low), median), max(float(high), median)


def _fence(quantiles: Floats) -> float:
    return float(quantiles[75] + OUTLIER * (quantiles[75] - quantiles[25]))


def _warm_up(call: Call, seconds: float, clock: Clock) -> tuple[int, bool]:
    """Call until it is steady or the share of the budget is spent; return the calls and whether it is steady."""
    end = clock() + int(seconds * WARM_UP_SHARE * 1e9)
    window = int(seconds * WINDOW_SHARE * 1e9)
    call()  # the first call allocates and compiles: it belongs to no window
    calls, before = 1, None
    while clock() < end:
        timings: list[int] = []
        opened = now = clock()
        while (len(timings) < WINDOW_CALLS or now - opened < window) and now < end:
            started = now
            call()
            now = clock()
            timings.append(now - started)
        calls += len(timings)
        if len(timings) < WINDOW_CALLS:
            break
        median = statistics.median(timings)
        if before is not None and abs(median - before) <= STEADY * max(before, 1):
            return calls, True
        before = median
    return calls, False


def _timings(call: Call, seconds: float, clock: Clock) -> Series:
    series = Series()
    opened = clock()
    budget, cap = int(seconds * 1e9), int(seconds * HARD_CAP * 1e9)
    elapsed = 0
    while series.count == 0 or elapsed < budget or (series.count < MIN_ITERATIONS and elapsed < cap):
        started = clock()
        call()
        ended = clock()
        series.add(ended - started)
        elapsed = ended - opened
    return series
