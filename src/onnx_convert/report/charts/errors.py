"""Charts as values: positions in a drawing of fixed width, which the HTML template draws as SVG.

Both axes are logarithmic: latencies of a native framework and a provider often differ tenfold, errors by more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from onnx_convert.report import numbers
from onnx_convert.report.verdict import measured, shape_of, strain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from onnx_convert.report.model import Case, Latency, ModelReport, Parity

LEFT, WIDTH, RIGHT = 210.0, 700.0, 12.0
ROW = 44.0
_DOT_ROW = 18.0
_DOTS = 60
_TINY, _HUGE = 1e-30, 1e30


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis from `low` to `high`, with ticks of position and label."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def at(self, value: float) -> float:
        """Where a positive value lies, in drawing units; the ends of the axis beyond it."""
        share = (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return round(LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT), 2)


@dataclass(frozen=True, slots=True)
class Strip:
    """The distribution of one provider: an outline of its density, its median and the interval of the median."""

    label: str
    y: float
    outline: str
    median: float
    ci: tuple[float, float]
    said: str


@dataclass(frozen=True, slots=True)
class Dot:
    """The error of one case and the smallest one the tolerance would have caught; either may be missing."""

    label: str
    y: float
    error: float | None
    detectable: float | None
    passed: bool
    said: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing: its axis, its marks from the top down, its height, and how many marks had no room."""

    axis: Axis
    marks: tuple[Strip, ...] | tuple[Dot, ...]
    height: float
    more: int = 0


def latency_plot(row: ModelReport) -> Plot | None:
    """Where the latencies of each provider lie, from their quantiles; None if none were kept."""
    found = {
        provider: result.latency_ms
        for provider, result in measured(row).items()
        if result.latency_ms and _usable(result.latency_ms)
    }
    if not found:
        return None
    spread = [value for one in found.values() for value in (_at(one, 0.005), _at(one, 0.99))]
    axis = _axis(spread, numbers.latency)
    strips = tuple(_strip(provider, one, i, axis) for i, (provider, one) in enumerate(found.items()))
    return Plot(axis, strips, ROW * len(strips) + 30)


def error_plot(parity: Parity) -> Plot | None:
    """The largest absolute error of each case beside what would have been caught; None if no case has numbers."""
    worst = sorted((one for one in parity.cases if one.max_abs is not None), key=strain, reverse=True)
    values = [v for one in worst for v in (one.max_abs, one.detectable) if v is not None and _TINY < v < _HUGE]
    if not values:
        return None
    axis = _axis(values, numbers.error)
    dots = tuple(_dot(case, i, axis) for i, case in enumerate(worst[:_DOTS]))
    return Plot(axis, dots, _DOT_ROW * len(dots) + 30, len(worst) - len(dots))


def _usable(latency: Latency) -> bool:
    quantiles = latency.quantiles
    sane = all(_TINY < value < _HUGE for value in (latency.median, *latency.ci95, *quantiles))
    return len(quantiles) == 101 and sane and all(a <= b for a, b in pairwise(quantiles))


def _at(latency: Latency, probability: float) -> float:
    return latency.quantiles[round(probability * 100)]


def _axis(values: Iterable[float], label: Callable[[float], str]) -> Axis:
    """An axis that holds the values, with at most eight ticks at 1, 2, 5 times powers of ten or at some powers."""
    found = list(values)
    low, high = min(found) / 1.15, max(found) * 1.15
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [step * 10.0**power for power in powers for step in (1, 2, 5)]
    coarse = [10.0**power for power in powers]
    chosen = next(
        some
        for some in (fine, coarse, coarse[:: -(-len(coarse) // 6)])
        if len([tick for tick in some if low <= tick <= high]) <= 8
    )
    inside = [tick for tick in chosen if low <= tick <= high]
    if len(inside) < 2:
        inside = sorted({low * 1.15, high / 1.15})
    bare = Axis(low, high, ())
    return Axis(low, high, tuple((bare.at(tick), label(tick)) for tick in inside))


def _strip(provider: str, latency: Latency, position: int, axis: Axis) -> Strip:
    y = ROW * position + ROW / 2
    spread = numbers.interval(latency.median, latency.ci95)
    return Strip(
        label=provider,
        y=y,
        outline=_outline(latency, y, axis),
        median=axis.at(latency.median),
        ci=(axis.at(latency.ci95[0]), axis.at(latency.ci95[1])),
        said=f"median {numbers.latency(latency.median)} {spread}, p99 {numbers.latency(latency.p99)}",
    )


def _outline(latency: Latency, y: float, axis: Axis) -> str:
    """An SVG path about the line y, as high as the calls are dense there.

    Between quantiles i - 2 and i + 2 lie 4 % of the calls, so their density is inverse to the distance of the two. The
    slowest percent is left out: one slow call would flatten everything.
    """
    shown = latency.quantiles[:100]
    points = [axis.at(value) for value in shown]
    ends = [(max(0, i - 2), min(len(points) - 1, i + 2)) for i in range(len(points))]
    density = [(last - first) / max(points[last] - points[first], 0.5) for first, last in ends]
    scale = (ROW / 2 - 5) / max(density)
    heights = [round(one * scale, 2) for one in density]
    above = [f"{x:g},{y - h:g}" for x, h in zip(points, heights, strict=True)]
    below = [f"{x:g},{y + h:g}" for x, h in zip(reversed(points), reversed(heights), strict=True)]
    return f"M{' L'.join(above + below)}Z"


def _dot(case: Case, position: int, axis: Axis) -> Dot:
    assert case.max_abs is not None
    caught = f", would have caught {numbers.error(case.detectable)}" if case.detectable is not None else ""
    return Dot(
        label=f"{case.output} {case.provider} {shape_of(case.dims)}",
        y=_DOT_ROW * position + _DOT_ROW / 2,
        error=_place(case.max_abs, axis),
        detectable=None if case.detectable is None else _place(case.detectable, axis),
        passed=case.passed,
        said=f"{case.output} on {case.provider}, {shape_of(case.dims)}: max abs {numbers.error(case.max_abs)}{caught}",
    )


def _place(value: float, axis: Axis) -> float:
    """Zero lies at the low end, NaN and infinity at the high end."""
    return axis.at(axis.low if value <= _TINY else value if value < _HUGE else axis.high)
