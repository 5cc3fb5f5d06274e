"""Axes: where a value lies in a drawing of fixed width. All are logarithmic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

LEFT, WIDTH, RIGHT = 210.0, 700.0, 26.0
TINY, HUGE = 1e-30, 1e30
_MINUS = "\N{MINUS SIGN}"
_TICKS = 8
_APART = 50.0
"""Room for the label of a tick, in drawing units."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis from `low` to `high`, with ticks of position and label."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def at(self, value: float) -> float:
        """Where a positive value lies, in drawing units; the ends of the axis beyond it."""
        return self.along((value,))[0]

    def along(self, values: Sequence[float]) -> list[float]:
        """Where positive values lie, each as `at` says."""
        first, room = math.log(self.low), WIDTH - LEFT - RIGHT
        scale = room / (math.log(self.high) - first)
        return [round(LEFT + min(max((math.log(value) - first) * scale, 0.0), room), 2) for value in values]


def logarithmic(values: Iterable[float], label: Callable[[float], str]) -> Axis:
    """An axis that holds the values, with at most eight ticks: even, or 1, 2, 5 times powers of ten, or some powers."""
    found = list(values)
    margin = min(max((max(found) / min(found)) ** 0.1, 1.02), 1.15)
    low, high = min(found) / margin, max(found) * margin
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [step * 10.0**power for power in powers for step in (1, 2, 5)]
    coarse = [10.0**power for power in powers]
    chosen = _even(low, high) or next(
        some
        for some in (fine, coarse, coarse[:: -(-len(coarse) // 6)])
        if len([tick for tick in some if low <= tick <= high]) <= _TICKS
    )
    inside = [tick for tick in chosen if low <= tick <= high]
    if len(set(map(label, inside))) < max(2, len(inside)):
        inside = sorted({low * margin, high / margin})
    bare = Axis(low, high, ())
    return Axis(low, high, tuple((bare.at(tick), label(tick)) for tick in inside))


def _even(low: float, high: float) -> list[float]:
    """Ticks at equal distances where the range is narrow, else none."""
    if high > 4 * low:
        return []
    scale = 10.0 ** math.floor(math.log10(high - low))
    step = next(step for step in (scale / 5, scale / 2, scale, scale * 2) if (high - low) / step <= _TICKS - 1)
    return [count * step for count in range(math.ceil(low / step), math.floor(high / step) + 1)]


def of_changes(ratios: Iterable[float]) -> Axis:
    """An axis that holds these ratios and 1, with at most eight ticks at round changes in percent."""
    found = [1.0, *ratios]
    low, high = min(found) / 1.01, max(found) * 1.01
    bare = Axis(low, high, ())
    steps = (step * 10.0**power for power in range(-2, 40) for step in (1, 2, 5))
    few = (some for step in steps if len(some := _changes(low, high, step)) <= _TICKS)
    marked = (tuple((bare.at(1 + percent / 100), _change(percent)) for percent in some) for some in few)
    return Axis(low, high, next(ticks for ticks in marked if _fits([x for x, _ in ticks])))


def _fits(ticks: list[float]) -> bool:
    return all(after - before >= _APART for before, after in pairwise(ticks))


def _changes(low: float, high: float, step: float) -> list[float]:
    """Multiples of a step, in percent, that lie in a range of ratios; so many too many are not counted on."""
    first, last = math.ceil((low - 1) * 100 / step), math.floor((high - 1) * 100 / step)
    return [count * step for count in range(first, min(last, first + _TICKS) + 1) if count * step > -100]


def _change(percent: float) -> str:
    return "0 %" if percent == 0 else f"{percent:+,g} %".replace("-", _MINUS)
