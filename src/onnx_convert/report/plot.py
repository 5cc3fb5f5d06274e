"""Distributions in a terminal: densities drawn from quantiles, one below the other over one axis.

What is drawn needs no colour to be read. Quantiles are 0 %, 1 %, ... 100 %, as in the report.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.text import Text

from onnx_convert.report import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from onnx_convert.report.model import LatencyComparison

BASE_STYLE, HEAD_STYLE = "cyan", "magenta"
_BLOCKS = " ▁▂▃▄▅▆▇█"
_HEIGHT = 2
_LABEL, _VALUE = 7, 10
_FAR = 3.0
"""Values further from the middle half than so many times its width are left out: they would squeeze the rest."""


def fractions(quantiles: Sequence[float], low: float, high: float, width: int) -> list[float]:
    """Which fraction of the values lies in each of `width` equal bins of [low, high]; what lies outside is in none."""
    edges = [low + (high - low) * bin_ / width for bin_ in range(width)] + [high]
    below = [_below(quantiles, edge) for edge in edges]
    if low <= quantiles[0]:
        below[0] = 0.0  # values equal to `low` are in the first bin
    return [right - left for left, right in pairwise(below)]


def _below(quantiles: Sequence[float], value: float) -> float:
    """The fraction of values up to `value`, between quantiles in proportion."""
    position = bisect_right(quantiles, value)
    if position == 0:
        return 0.0
    if position == len(quantiles):
        return 1.0
    left, right = quantiles[position - 1], quantiles[position]
    return (position - 1 + (value - left) / (right - left)) / (len(quantiles) - 1)


def bars(heights: Sequence[float], rows: int) -> list[str]:
    """Heights from 0 to their largest as lines of blocks, the top line first. What is not zero can be seen."""
    top = max(heights, default=0.0) or 1.0
    eighths = [max(1, math.ceil(8 * rows * height / top - 1e-9)) if height > 0 else 0 for height in heights]
    return ["".join(_BLOCKS[min(8, max(0, e - 8 * row))] for e in eighths) for row in reversed(range(rows))]


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round values within [low, high]: steps of 1, 2 or 5 times a power of ten; else low."""
    if not low < high or most < 1:
        return [low][:most]
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    found = [low]
    for step in (power, 2 * power, 5 * power, 10 * power):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if first > last:  # no multiple of it lies within, and more than `most` of the step before
            break
        found = [min(max(number * step, low), high) for number in range(first, last + 1)]
        if len(found) <= most:
            break
    return found[:most]


def axis(low: float, high: float, width: int, label: Callable[[float], str]) -> list[str]:
    """A line with a mark at each tick, and below it the labels, none of which touches another."""
    marks, labels, end = ["─"] * width, " " * width, 0
    for tick in ticks(low, high, max(1, width // 12)):
        column = _column(tick, low, high, width)
        marks[column] = "┴"
        text = label(tick)
        start = min(max(column - len(text) // 2, end), width - len(text))
        if start >= end:
            labels = labels[:start] + text + labels[start + len(text) :]
            end = start + len(text) + 1
    return ["".join(marks), labels.rstrip()]


def distributions(found: LatencyComparison, width: int = 80) -> Text | None:
    """Latencies of base and head, and the ratios of single pairs with the interval; None where nothing was measured."""
    parts = [part for part in (_latencies(found, width), _ratios(found, width)) if part]
    return Text("\n").join(parts) if parts else None


def _latencies(found: LatencyComparison, width: int) -> Text | None:
    base, head = found.base_ms, found.head_ms
    if base is None or head is None or len(base.quantiles) < 3 or len(head.quantiles) < 3:
        return None
    low, high = _room(*_span(base.quantiles, head.quantiles))
    inner = width - _LABEL - _VALUE
    lines: list[Text] = []
    for name, one, style in (("base", base, BASE_STYLE), ("head", head, HEAD_STYLE)):
        drawn = bars(fractions(one.quantiles, low, high, inner), _HEIGHT)
        beyond = 1 - _below(one.quantiles, high)
        said = [f"{beyond:.0%} →" if beyond >= 0.02 else "", numbers.latency(one.median)]
        lines += _strip(["", name], drawn, said, style)
    lines += [Text(" " * _LABEL + line, style="dim") for line in axis(low, high, inner, numbers.latency)]
    return Text("\n").join(lines)


def _ratios(found: LatencyComparison, width: int) -> Text | None:
    if found.ratio is None or found.ci is None or len(found.spread) < 3:
        return None
    spread, (left, right) = found.spread, found.ci
    # Single pairs are far noisier than their median: at most the middle nine tenths of them are drawn.
    low, high = _span(spread[5:-5])
    low, high = _room(min(low, left, 1.0), max(high, right, 1.0))
    inner = width - _LABEL - _VALUE
    drawn = bars(fractions(spread, low, high, inner), _HEIGHT)
    lines = _strip(["head/", "base"], drawn, ["", numbers.change(found.ratio)], "")
    one = _column(1.0, low, high, inner)
    interval = [" "] * inner
    interval[one] = "┊"
    first, middle, last = (_column(value, low, high, inner) for value in (left, found.ratio, right))
    interval[first : last + 1] = "━" * (last + 1 - first)
    interval[first], interval[last], interval[middle] = "┣", "┫", "●"
    lines.append(Text(f"{'95 %':<{_LABEL}}" + "".join(interval), style="bold"))
    lines += [Text(" " * _LABEL + line, style="dim") for line in axis(low, high, inner, numbers.change)]
    return Text("\n").join(lines)


def _strip(labels: Sequence[str], drawn: Sequence[str], values: Sequence[str], style: str) -> list[Text]:
    return [
        Text.assemble(f"{label:<{_LABEL}}", (line, style), f"{value:>{_VALUE}}")
        for label, line, value in zip(labels, drawn, values, strict=True)
    ]


def _span(*distributions: Sequence[float]) -> tuple[float, float]:
    """From the least to the largest value worth drawing: none of the last hundredth, and none that is far out."""
    lows, highs = [], []
    for values in distributions:
        last = len(values) - 1
        left, right = values[last // 4], values[last - last // 4]
        far = _FAR * (right - left) or math.inf
        lows.append(max(values[0], left - far))
        highs.append(min(values[last - 1], right + far))
    return min(lows), max(highs)


def _room(low: float, high: float) -> tuple[float, float]:
    """An axis with some length, also where all values are the same."""
    margin = (high - low) * 0.02 or abs(high) * 0.01 or 1.0
    return low - margin, high + margin


def _column(value: float, low: float, high: float, width: int) -> int:
    return min(width - 1, max(0, int((value - low) / (high - low) * width)))
