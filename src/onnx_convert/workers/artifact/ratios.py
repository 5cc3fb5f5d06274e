"""From the rounds of a paired measurement to a ratio, its interval and a verdict. Pure functions of numbers.

A round holds logarithms of ratios, first model over second, in time order. What the machine does for a while falls on a
whole round, so rounds are resampled; where there are few, these say little, so single logarithms are resampled as well,
and the wider of the two bootstraps counts (percentile intervals: Davison and Hinkley, "Bootstrap Methods and their
Application", 1997, sections 3.8 and 5.3).

Depends on numpy alone, 1.23 or newer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Logs = NDArray[np.float64]
Verdict = Literal["faster", "unchanged", "slower", "inconclusive"]

SHOWN = 0.95
"""Confidence of the interval that is shown."""

SURE = 0.98
"""Usual confidence of the interval that decides."""

FLOOR = math.log(1.015)
"""Smaller changes are never an alarm: two processes of the same model may differ by as much, for ever."""

MIN_ROUNDS = 2
RESAMPLES = 500
KEPT = 1024
"""Logarithms that are resampled; of more, an even selection."""


@dataclass(frozen=True)
class Estimate:
    """The median of the logarithms, and its intervals: with the confidence `SHOWN`, and the one that decides."""

    log: float
    shown: tuple[float, float]
    sure: tuple[float, float]
    rounds: int

    @property
    def detectable(self) -> float:
        """The smallest change, as a fraction, that would have been an alarm with this much noise."""
        low, high = self.sure
        return math.expm1(max(FLOOR, self.log - low, high - self.log))


def estimate(rounds: Sequence[Logs], *, confidence: float = SURE, seed: int = 0) -> Estimate:
    """The estimate from rounds, none of them empty. A single round gives an interval without bounds."""
    logs = np.concatenate(rounds)
    log, count = float(np.median(logs)), len(rounds)
    if count == 1:
        endless = (-math.inf, math.inf)
        return Estimate(log, endless, endless, count)
    draw = np.random.default_rng(seed)
    # Resampled rounds vary by (n - 1) / n of what rounds do.
    of_rounds = (_by_round(rounds, draw) - log) * math.sqrt(count / (count - 1))
    of_logs = _by_log(logs, draw) - log
    shown, sure = (_wider(of_rounds, of_logs, level) for level in (SHOWN, confidence))
    return Estimate(log, (log + shown[0], log + shown[1]), (log + sure[0], log + sure[1]), count)


def verdict(found: Estimate, *, limit: float) -> Verdict:
    """What an estimate says when no more is measured; `limit` is the change, as a fraction, that matters.

    `unchanged` where a change of the limit is ruled out and no smaller one is shown; `inconclusive` where it is not.
    """
    low, high = found.sure
    if low > 0 and found.log > FLOOR:
        return "slower"
    if high < 0 and found.log < -FLOOR:
        return "faster"
    matters = math.log1p(limit)
    return "unchanged" if -matters < low and high < matters else "inconclusive"


def clear(found: Estimate, *, limit: float, spent: float) -> bool:
    """Whether to stop: `spent` is the fraction of the budget that is used up.

    Before the end of the budget only what cannot turn any more is clear; after it, every answer that is one, unless a
    change shows that is not certain yet.
    """
    if found.rounds < MIN_ROUNDS:
        return False
    said = verdict(found, limit=limit)
    low, high = found.sure
    if said in {"slower", "faster"}:
        return True
    if said == "inconclusive":
        return False
    return (low > -FLOOR and high < FLOOR) or (spent >= 1 and abs(found.log) < FLOOR / 2)


def _by_round(rounds: Sequence[Logs], draw: np.random.Generator) -> Logs:
    """Medians of the logarithms of rounds that are drawn with replacement: the same as of logarithms with weights."""
    values = np.concatenate(rounds)
    owner = np.repeat(np.arange(len(rounds)), [len(one) for one in rounds])
    step = -(-len(values) // KEPT)
    values, owner = values[::step], owner[::step]
    order = np.argsort(values)
    drawn = draw.multinomial(len(rounds), np.full(len(rounds), 1 / len(rounds)), size=RESAMPLES)
    weights = np.cumsum(drawn[:, owner[order]], axis=1)
    middle = (weights < weights[:, -1:] / 2).sum(axis=1)
    medians: Logs = values[order][np.minimum(middle, len(values) - 1)]
    return medians


def _by_log(logs: Logs, draw: np.random.Generator) -> Logs:
    values = logs[:: -(-len(logs) // KEPT)]
    chosen = draw.integers(0, len(values), size=(RESAMPLES, len(values)))
    medians: Logs = np.median(values[chosen], axis=1)
    return medians


def _wider(one: Logs, other: Logs, confidence: float) -> tuple[float, float]:
    tail = (1 - confidence) / 2
    lows, highs = zip(*(np.quantile(each, [tail, 1 - tail]) for each in (one, other)), strict=True)
    return min(0.0, *map(float, lows)), max(0.0, *map(float, highs))
