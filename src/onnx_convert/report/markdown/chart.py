"""The comment's chart, in the Mermaid that GitHub renders.

Mermaid's xychart draws several series of bars over each other, and each from the start of the axis; what a later bar
leaves uncovered of an earlier one is the difference of the two. https://mermaid.js.org/syntax/xyChart.html
"""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING

from onnx_convert.report import numbers
from onnx_convert.report.against import ORDER, base_name
from onnx_convert.report.gfm import Markdown, chart_label
from onnx_convert.report.markdown.values import Chart
from onnx_convert.report.verdict import NATIVE, measured, native_median

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from onnx_convert.report.model import LatencyComparison, Report
    from onnx_convert.report.verdict import Line

_BARS = 24
_HEAD, _BAR, _LEAST = 110, 28, 220
"""Pixels of title and axis, of a bar, and of all: Mermaid leaves out the name of an axis where there is less."""
_RED, _GREEN, _GREY, _LINE = "#cf222e", "#2da44e", "#8c959f", "#57606a"
"""Each legible on GitHub's light and dark ground."""
_BLUE = "#54aeff"


def chart(report: Report, lines: tuple[Line, ...]) -> Chart | None:
    """The change against the base where there is one to see, else latencies beside the original framework's."""
    changed = [(line, one) for line in lines for one in _compared(line)]
    if changed:
        changed.sort(key=lambda one: (ORDER.index(one[1].verdict), -abs(math.log(one[1].ratio or 1.0))))
        return _against(base_name(report) or "", changed[:_BARS])
    return _beside_native(lines)


def _compared(line: Line) -> Iterator[LatencyComparison]:
    found = line.row.comparison.latency if line.row.comparison else ()
    return (one for one in found if one.ratio is not None and 1e-4 < one.ratio < 1e4)


def _against(base: str, changed: list[tuple[Line, LatencyComparison]]) -> Chart:
    """Head in percent of base: what is slower stands out red beyond 100, what is faster leaves green up to it."""
    percents = [(one.ratio or 0.0) * 100 for _, one in changed]
    slower = [value if one.verdict == "slower" else 0 for value, (_, one) in zip(percents, changed, strict=True)]
    faster = [100.0 if one.verdict == "faster" else 0 for _, one in changed]
    common = [
        min(value, 100) if one.verdict == "slower" else value for value, (_, one) in zip(percents, changed, strict=True)
    ]
    labels = [f"{chart_label(f'{line.title} {one.provider}')} {numbers.change(one.ratio)}" for line, one in changed]
    return _chart(
        title=f"Latency in percent of {chart_label(base)}: red is slower, green is faster",
        unit="% of the base",
        labels=labels,
        layers=(slower, faster, common),
        colours=(_RED, _GREEN, _GREY, _LINE),
    )


def _beside_native(lines: Iterable[Line]) -> Chart | None:
    """A bar a model and provider; None where nothing was measured beside the original framework."""
    bars = list(chain.from_iterable(_bars(line) for line in lines))[:_BARS]
    if not bars:
        return None
    return _chart(
        title="Median latency in percent of the original framework",
        unit="% (less is faster)",
        labels=[chart_label(label) for label, _ in bars],
        layers=([value for _, value in bars],),
        colours=(_BLUE, _LINE),
    )


def _bars(line: Line) -> Iterable[tuple[str, float]]:
    for name, result in measured(line.row).items():
        native = native_median(line.row, result)
        if native and result.provider != NATIVE and result.latency_ms:
            percent = result.latency_ms.median / native * 100
            if 0 < percent < 1e6:
                yield f"{line.title} {name}", percent


def _chart(
    *, title: str, unit: str, labels: list[str], layers: tuple[list[float], ...], colours: tuple[str, ...]
) -> Chart:
    return Chart(
        title=Markdown(title),
        unit=Markdown(unit),
        labels=Markdown(", ".join(f'"{label}"' for label in labels)),
        layers=tuple(Markdown(", ".join(f"{value:.1f}" for value in layer)) for layer in layers),
        colours=Markdown(", ".join(colours)),
        reference=Markdown(", ".join("100" for _ in labels)),
        top=Markdown(f"{max(120.0, *(value * 1.1 for layer in layers for value in layer)):.0f}"),
        height=max(_LEAST, _HEAD + _BAR * len(labels)),
    )
