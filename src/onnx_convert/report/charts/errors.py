"""Errors of the parity cases beside what the tolerance would have caught."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx_convert.report import numbers
from onnx_convert.report.charts.axis import HUGE, TINY, Axis, logarithmic
from onnx_convert.report.verdict import shape_of, strain

if TYPE_CHECKING:
    from onnx_convert.report.model import Case, Parity

_DOT_ROW = 18.0
_DOTS = 60


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
class DotPlot:
    """A drawing: its axis, its marks from the top down, its height, and how many marks had no room."""

    axis: Axis
    marks: tuple[Dot, ...]
    height: float
    more: int = 0


def error_plot(parity: Parity) -> DotPlot | None:
    """The largest absolute error of each case beside what would have been caught; None if no case has numbers."""
    worst = sorted((one for one in parity.cases if one.max_abs is not None), key=strain, reverse=True)
    values = [v for one in worst for v in (one.max_abs, one.detectable) if v is not None and TINY < v < HUGE]
    if not values:
        return None
    axis = logarithmic(values, numbers.error)
    dots = tuple(_dot(case, i, axis) for i, case in enumerate(worst[:_DOTS]))
    return DotPlot(axis, dots, _DOT_ROW * len(dots) + 30, len(worst) - len(dots))


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
    return axis.at(axis.low if value <= TINY else value if value < HUGE else axis.high)
