"""Head against base: the ratios of single pairs of calls, what is concluded from them, and the gate's limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.report import numbers
from onnx_convert.report.against import told
from onnx_convert.report.charts.axis import Axis, of_changes
from onnx_convert.report.charts.strips import FOOT, ROW, Rule, Strip, StripPlot, is_quantiles, outline, sane

if TYPE_CHECKING:
    from onnx_convert.report.model import Comparison, LatencyComparison

_HEAD = 20.0
"""Room for the labels of rules."""
_SHOWN = slice(5, 96)
"""Percentiles of the pairs that are drawn: a few pairs in which the machine was elsewhere would flatten everything."""
_REACH = 5
"""A limit further away than so many times of what was found is not drawn."""


def change_plot(found: Comparison, limit: float | None) -> StripPlot | None:
    """A strip a provider on an axis of changes in percent; None where nothing was measured in turn.

    `limit` is the gate's, a fraction; it is marked where it is not far beyond what was found.
    """
    drawn = [one for one in found.latency if one.ratio is not None and sane((one.ratio, *(one.ci or ())))]
    if not drawn:
        return None
    concluded = [ratio for one in drawn for ratio in (one.ratio, *(one.ci or ())) if ratio is not None]
    marked = limit is not None and 0 < limit < max(_REACH * _width(concluded), 0.1)
    limits = [1 + limit] if marked and limit is not None else []
    axis = _axis(concluded, limits, [one.spread[_SHOWN] for one in drawn if is_quantiles(one.spread)])
    rules = [Rule(axis.at(1.0), "zero", "base")]
    rules += [Rule(axis.at(one), "gate", f"limit {numbers.change(one)}") for one in limits]
    strips = tuple(_strip(one, i, axis) for i, one in enumerate(drawn))
    return StripPlot(axis, strips, _HEAD + ROW * len(strips) + FOOT, tuple(rules))


def _axis(concluded: list[float], limits: list[float], spreads: list[tuple[float, ...]]) -> Axis:
    """An axis that holds what was concluded, and of the pairs as many as leave that to be seen.

    The pairs of the steadiest provider are held whole. On its right is a fifth of the axis left for a limit's label.
    """
    low, high = min(1.0, *concluded), max(1.0, *concluded, *limits)
    if spreads:
        steady = min(spreads, key=lambda one: one[-1] / one[0])
        low, high = min(low, steady[0]), max(high, steady[-1])
    return of_changes([low, high, *(low * (limit / low) ** 1.25 for limit in limits)])


def _width(ratios: list[float]) -> float:
    return max(ratios) - min(1.0, *ratios)


def _strip(one: LatencyComparison, position: int, axis: Axis) -> Strip:
    assert one.ratio is not None
    y = _HEAD + ROW * position + ROW / 2
    low, high = one.ci or (one.ratio, one.ratio)
    return Strip(
        label=one.provider,
        note=told(one)[0],
        y=y,
        outline=_outline(one, y, axis),
        median=axis.at(one.ratio),
        ci=(axis.at(low), axis.at(high)),
        tone=one.verdict,
        said=" ".join(told(one)),
    )


def _outline(one: LatencyComparison, y: float, axis: Axis) -> str:
    """The shape of the pairs, cut where the axis ends."""
    inside = [value for value in one.spread[_SHOWN] if axis.low <= value <= axis.high]
    return outline(inside, y, axis, window=4) if is_quantiles(one.spread) and len(inside) > 1 else ""
