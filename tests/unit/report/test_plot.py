"""Distributions drawn as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from onnx_convert.report import plot
from onnx_convert.report.model import Latency, LatencyComparison

from . import sample

finite = st.floats(-1e6, 1e6, allow_nan=False)
quantiles = st.lists(finite, min_size=101, max_size=101).map(sorted)


def latency(values: list[float]) -> Latency:
    return Latency(median=values[50], p90=values[90], p99=values[99], ci95=(values[46], values[54]), quantiles=values)


def comparison(
    base: list[float], head: list[float], spread: list[float], ratio: float, half: float
) -> LatencyComparison:
    return LatencyComparison(
        provider="cpu",
        verdict="slower",
        ratio=ratio,
        ci=(ratio - half, ratio + half),
        base_ms=latency(base),
        head_ms=latency(head),
        spread=spread,
    )


def drawn(found: LatencyComparison, width: int = 80, **options: object) -> str:
    console = Console(width=width, **{"color_system": None, **options})  # type: ignore[arg-type]
    with console.capture() as captured:
        console.print(plot.distributions(found, width))
    return captured.get()


EXAMPLE = comparison(
    list(sample.latency(1.2).quantiles),
    list(sample.latency(1.26, seed=2).quantiles),
    list(sample.latency(1.05, seed=3).quantiles),
    1.05,
    0.01,
)


@given(quantiles, st.integers(1, 60))
def test_every_value_is_in_one_bin(values: list[float], width: int) -> None:
    low, high = values[0] - 1, values[-1] + 1
    found = plot.fractions(values, low, high, width)
    assert len(found) == width
    assert sum(found) == pytest.approx(1)
    assert min(found) >= -1e-9


def test_half_of_the_values_is_in_half_of_an_even_distribution() -> None:
    even = [float(value) for value in range(101)]
    assert plot.fractions(even, 0, 100, 4) == pytest.approx([0.25] * 4)
    assert plot.fractions(even, 50, 150, 2) == pytest.approx([0.5, 0.0])


def test_values_that_are_all_the_same_are_in_one_bin() -> None:
    assert plot.fractions([2.0] * 101, 1, 3, 5) == pytest.approx([0, 0, 1, 0, 0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(1, 4))
def test_bars_are_as_wide_as_their_heights_and_show_all_that_is_not_zero(heights: list[float], rows: int) -> None:
    lines = plot.bars(heights, rows)
    assert [len(line) for line in lines] == [len(heights)] * rows
    for column, height in enumerate(heights):
        assert (lines[-1][column] == " ") == (height == 0)
    tallest = heights.index(max(heights))
    assert max(heights) == 0 or lines[0][tallest] == "█"


@given(finite, st.floats(1e-6, 1e6), st.integers(1, 8))
def test_ticks_are_few_and_within(low: float, length: float, most: int) -> None:
    found = plot.ticks(low, low + length, most)
    assert 1 <= len(found) <= most
    assert all(low - 1e-6 * length <= tick <= low + length * (1 + 1e-6) for tick in found)


def test_where_no_step_leaves_as_few_as_are_wanted_the_first_ones_are_taken() -> None:
    assert plot.ticks(6.5, 9.5, 1) == [8]
    assert plot.ticks(6.5, 8.5, 1) == [8]
    assert plot.ticks(11, 14, 1) == [12]


def test_ticks_are_round() -> None:
    assert plot.ticks(0.97, 1.13, 4) == pytest.approx([1.0, 1.05, 1.1])
    assert plot.ticks(38.2, 61, 5) == pytest.approx([40, 45, 50, 55, 60])


@given(finite, st.floats(1e-3, 1e6), st.integers(12, 90))
def test_no_label_of_an_axis_touches_another_or_leaves_it(low: float, length: float, width: int) -> None:
    line, labels = plot.axis(low, low + length, width, lambda value: f"{value:.0f}")
    assert len(line) == width
    assert len(labels) <= width
    known = [f"{tick:.0f}" for tick in plot.ticks(low, low + length, max(1, width // 12))]
    assert all(label in known for label in labels.split())


def test_the_picture_of_two_latencies_and_their_ratio() -> None:
    text = drawn(EXAMPLE)
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[1].startswith("base ")
    assert lines[1].endswith("1.20 ms")
    assert lines[3].startswith("head ")
    assert lines[3].endswith("1.26 ms")
    assert lines[7].startswith("base ")
    assert lines[7].endswith("+5.0 %")
    assert "●" in lines[8]
    assert "┊" in lines[8]
    assert lines[8].index("┊") < lines[8].index("●")
    assert "1.20 ms" in lines[5]
    assert "+0.0 %" in lines[10]


def test_the_head_is_drawn_to_the_right_of_a_faster_base() -> None:
    slow, fast = [2 + value / 1000 for value in range(101)], [1 + value / 1000 for value in range(101)]
    lines = drawn(comparison(fast, slow, [2.0] * 101, 2.0, 0.1)).splitlines()
    base, head = (next(i for i, mark in enumerate(lines[at][7:], 7) if mark in "▁▂▃▄▅▆▇█") for at in (1, 3))
    assert base < head


def test_a_few_calls_that_took_much_longer_do_not_squeeze_the_rest_and_are_counted() -> None:
    quiet = [1 + value / 1000 for value in range(101)]
    disturbed = quiet[:90] + [50.0 + value for value in range(11)]
    lines = drawn(comparison(quiet, disturbed, [1.0] * 101, 1.0, 0.01)).splitlines()
    assert lines[2].endswith("11% →")  # from the last near value on
    assert sum(mark in "▁▂▃▄▅▆▇█" for mark in lines[3]) > 20


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_picture_keeps_its_width(width: int) -> None:
    assert all(len(line) <= width for line in drawn(EXAMPLE, width).splitlines())


def test_without_colour_the_picture_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    colours = {"force_terminal": True, "color_system": "truecolor", "_environ": {}}
    coloured = drawn(EXAMPLE, **colours)
    plain = drawn(EXAMPLE, **(colours | {"_environ": {"NO_COLOR": "1"}}))
    assert "\x1b[36m" in coloured
    assert "\x1b[36m" not in plain
    assert "▁" in plain


@given(quantiles, quantiles, quantiles, st.floats(0.01, 100), st.floats(0, 0.009))
def test_whatever_was_measured_can_be_drawn(
    base: list[float], head: list[float], spread: list[float], ratio: float, half: float
) -> None:
    for line in drawn(comparison(base, head, spread, ratio, half)).splitlines():
        assert len(line) <= 80


def test_what_was_not_measured_is_not_drawn() -> None:
    nothing: dict[str, object] = {"base_ms": None, "spread": ()}
    assert "head/" not in drawn(EXAMPLE.model_copy(update={"spread": ()}))
    assert "1.20 ms" not in drawn(EXAMPLE.model_copy(update={"base_ms": None}))
    assert plot.distributions(EXAMPLE.model_copy(update=nothing)) is None
