"""Distributions as strips: an outline as high as values are dense, their middle and its interval."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from onnx_convert.report import numbers
from onnx_convert.report.charts.axis import HUGE, TINY, Axis, logarithmic
from onnx_convert.report.verdict import NATIVE, measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from onnx_convert.report.model import Latency, LatencyComparison, ModelReport

ROW = 44.0
FOOT = 30.0
"""Room for the ticks."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A distribution: an outline of its density (may be empty), its middle and the interval of that.

    `label` and the `note` under it may hold names; `tone` is a class of the style sheet.
    """

    label: str
    note: str
    y: float
    outline: str
    median: float
    ci: tuple[float, float]
    tone: str
    said: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across all strips, with its class of the style sheet and its label."""

    x: float
    tone: str
    label: str


@dataclass(frozen=True, slots=True)
class StripPlot:
    """A drawing of strips from the top down."""

    axis: Axis
    marks: tuple[Strip, ...]
    height: float
    rules: tuple[Rule, ...] = ()

    @property
    def said(self) -> str:
        """Everything that is drawn, in words."""
        return "; ".join(f"{mark.label}: {mark.said}" for mark in self.marks)


def latency_plot(row: ModelReport) -> StripPlot | None:
    """Where the latencies of each provider lie, from their quantiles; None if none were kept."""
    return _plot((name, result.provider, result.latency_ms) for name, result in measured(row).items())


def sides_plot(one: LatencyComparison) -> StripPlot | None:
    """The latencies of base and head on one axis; None if the quantiles of either were not kept."""
    found = _plot((("base", NATIVE, one.base_ms), ("now", "strip", one.head_ms)))
    return found if found and len(found.marks) == 2 else None


def _plot(latencies: Iterable[tuple[str, str, Latency | None]]) -> StripPlot | None:
    """A strip for each label, tone and latency that can be drawn."""
    found = [(label, tone, one) for label, tone, one in latencies if one and _usable(one)]
    if not found:
        return None
    shown = [value for _, _, one in found for value in (one.quantiles[0], one.quantiles[99])]
    axis = logarithmic(shown, numbers.latency)
    strips = tuple(_strip(label, tone, one, i, axis) for i, (label, tone, one) in enumerate(found))
    return StripPlot(axis, strips, ROW * len(strips) + FOOT)


def sane(values: Iterable[float]) -> bool:
    """Whether all values are positive and neither endless nor vanishing."""
    return all(TINY < value < HUGE for value in values)


def is_quantiles(values: Sequence[float]) -> bool:
    """Whether these can be the percentiles 0 to 100 of something positive."""
    return len(values) == 101 and sane(values) and all(a <= b for a, b in pairwise(values))


def _usable(latency: Latency) -> bool:
    return sane((latency.median, *latency.ci95)) and is_quantiles(latency.quantiles)


def _strip(label: str, tone: str, latency: Latency, position: int, axis: Axis) -> Strip:
    y = ROW * position + ROW / 2
    spread = numbers.interval(latency.median, latency.ci95)
    median = f"{numbers.latency(latency.median)} {spread}"
    return Strip(
        label=label,
        note=median,
        y=y,
        # Every second percentile is finer than the eye, and halves the report. The slowest is left out: one slow call
        # would flatten everything.
        outline=outline(latency.quantiles[:100:2], y, axis, window=1),
        median=axis.at(latency.median),
        ci=(axis.at(latency.ci95[0]), axis.at(latency.ci95[1])),
        tone=NATIVE if tone == NATIVE else "strip",
        said=f"median {median}, p99 {numbers.latency(latency.p99)}",
    )


def outline(quantiles: Sequence[float], y: float, axis: Axis, *, window: int = 2) -> str:
    """An SVG path about the line y, as high as values are dense there, given successive percentiles.

    Between percentiles i - 2 and i + 2 lie 4 % of the values, so their density is inverse to the distance of the two;
    few values need a wider window.
    """
    points = axis.along(quantiles)
    ends = [(max(0, i - window), min(len(points) - 1, i + window)) for i in range(len(points))]
    density = [(last - first) / max(points[last] - points[first], 0.5) for first, last in ends]
    scale = (ROW / 2 - 5) / max(density)
    sides = [(x, round(one * scale, 2)) for x, one in zip(points, density, strict=True)]
    above = [f"{x:g},{y - h:g}" for x, h in sides]
    below = [f"{x:g},{y + h:g}" for x, h in reversed(sides)]
    return f"M{' L'.join(above + below)}Z"
