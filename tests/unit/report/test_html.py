from __future__ import annotations

import math
import re
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from onnx_convert.report.charts import LEFT, WIDTH, change_plot, error_plot, latency_plot, sides_plot
from onnx_convert.report.html import page
from onnx_convert.report.model import Baseline, Comparison, Latency, LatencyComparison, Leg, Parity

from . import compared, sample
from .rendered import hostile_text


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def plain(body: str) -> str:
    """What is read, with the signs that a keyboard has."""
    return re.sub("[\N{MINUS SIGN}\N{EN DASH}]", "-", re.sub(r"\s+", " ", Tags(body.replace("</", " </")).text))


@settings(max_examples=25, deadline=None)
@given(hostile_text)
def test_the_elements_of_a_page_do_not_depend_on_the_text_in_it(text: str) -> None:
    seen, plain = Tags(page(sample.hostile(f"word {text}"))), Tags(page(sample.hostile("word")))
    assert seen.tags == plain.tags
    assert [one[:2] for one in seen.attributes] == [one[:2] for one in plain.attributes]


def test_a_page_loads_nothing_and_runs_nothing() -> None:
    seen = Tags(page(sample.hostile()))
    policy = next(value for _, name, value in seen.attributes if name == "content" and "default-src" in (value or ""))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(seen.tags)
    assert not [one for one in seen.attributes if one[1].startswith("on") or one[1] == "src"]
    assert all(value is not None and value.startswith("#m") for _, name, value in seen.attributes if name == "href")


def test_a_page_shows_every_model_with_its_numbers_and_findings() -> None:
    text = re.sub(r"\s+", " ", Tags(page(sample.report())).text)
    for expected in (
        "3 of 6 models failed", "tiny-cnn", "iris", "legacy", "4.2 MB", "3.1e-06", "1.23 ms", "OCA501",
        "Try: set simplify",
        "First stage that differs: simplify", "node /head/Softmax_3", "libnvinfer.so.10", "expected 0.5, got nan",
    ):  # fmt: skip
        assert expected in text


def test_a_variant_stands_beside_its_float32_model_with_what_it_was_judged_by() -> None:
    text = re.sub(r"\s+", " ", Tags(page(sample.report((sample.row(), sample.variant())))).text)
    for expected in (
        "0.51\u00d7 fp32", "1.31\u00d7 fp32 [1.29, 1.34]", "tiny-cnn: 5 weights in lower precision",
        "still float32: Mul", "signal to noise of at least 40.0 dB, 4 samples", "rtol 0.001, atol 1e-05, 4 samples",
    ):  # fmt: skip
        assert expected in text


def test_drawings_and_tables_can_be_read_aloud() -> None:
    body = page(sample.report())
    drawings = re.findall(r"<svg.*?</svg>", page(compared.report()), re.DOTALL)
    assert len(drawings) > 10
    for drawing in drawings:
        head = re.match(r'<svg [^>]*role="img" aria-labelledby="(\S+) ?(\S*)">\n<title id="(.*?)">', drawing)
        assert head is not None
        assert head[1] == head[3]
        assert not head[2] or f'<desc id="{head[2]}">' in drawing
    assert all('scope="' in head for head in re.findall(r"<th\b[^>]*>", body))
    ids = re.findall(r' id="([^"]*)"', page(compared.report()))
    assert len(ids) == len(set(ids))
    assert '<html lang="en">' in body


def test_an_empty_run_is_a_page_too() -> None:
    assert "No model was converted" in page(sample.report().model_copy(update={"models": ()}))


floats = st.floats() | st.floats(min_value=1e-9, max_value=1e9)


@settings(deadline=None)
@given(st.lists(floats, min_size=101, max_size=101), floats, st.booleans())
def test_latencies_are_drawn_inside_the_drawing_or_not_at_all(
    quantiles: list[float], median: float, ordered: bool
) -> None:
    some = sorted(quantiles, key=lambda value: (math.isnan(value), value)) if ordered else quantiles
    latency = Latency(median=median, p90=median, p99=median, ci95=(median, median), quantiles=tuple(some))
    plot = latency_plot(sample.row(benchmark=(sample.measured("cpu", 1.0, latency_ms=latency),)))
    if plot is None:
        return
    drawn = [float(x) for mark in plot.marks for x in re.findall(r"[ML ]([-\d.e+]+),", getattr(mark, "outline", ""))]
    assert all(LEFT <= x <= WIDTH for x in [*drawn, *(x for x, _ in plot.axis.ticks)])
    assert 1 <= len(plot.axis.ticks) <= 8


@given(st.lists(st.tuples(floats, floats | st.none()), max_size=20))
def test_errors_are_drawn_inside_the_drawing_or_not_at_all(values: list[tuple[float, float | None]]) -> None:
    cases = tuple(sample.case(error, detectable=caught) for error, caught in values)
    plot = error_plot(Parity(status="passed", rtol=0, atol=0, cases=cases))
    for mark in plot.marks if plot else ():
        for x in (getattr(mark, "error", None), getattr(mark, "detectable", None)):
            assert x is None or LEFT <= x <= WIDTH


def test_the_median_lies_where_its_latency_is_on_the_axis() -> None:
    plot = latency_plot(sample.row())
    assert plot is not None
    cpu, native = plot.marks
    assert plot.axis.at(1.23) - 1 < getattr(cpu, "median", 0) < plot.axis.at(1.24)
    assert getattr(cpu, "median", 0) < getattr(native, "median", 0)


def test_a_provider_whose_quantiles_are_not_in_order_is_not_drawn() -> None:
    good = sample.latency(1.0)
    bad = good.model_copy(update={"quantiles": good.quantiles[::-1]})
    assert latency_plot(sample.row(benchmark=(sample.measured("cpu", 1.0, latency_ms=bad),))) is None


def test_a_page_says_of_each_row_what_became_of_it_since_the_base() -> None:
    text = plain(page(compared.report()))
    for expected in (
        "against a1b2c3d: 2 slower, 1 not compared, 1 faster, 1 new, 1 renamed, 1 deleted",
        "Deleted since a1b2c3d : legacy .",
        "slower +8.2 % [+7.6 %, +8.8 %]",
        "inconclusive +1.1 % [-3.6 %, +5.8 %] only ±7.0 % or more would show",
        "Size +12.4 % Nodes 5 → 7 Operators Conv 2 → 3, Cast 0 → 1 Opsets ai.onnx 17 → 18, ai.onnx.ml - → 3",
        "Identical: the same file, so nothing was measured against it. There it is called old-classifier .",
        "New: it has no such model.",
        "Not compared: its conversion at a1b2c3d failed: OCA301 no exporter",
    ):
        assert expected in text


def test_a_page_says_why_there_was_no_base() -> None:
    baseline = Baseline(name="main", kind="commit", reason="the clone is shallow")
    assert "Not compared with main : the clone is shallow" in plain(
        page(sample.report((sample.row(),), baseline=baseline))
    )


def test_models_that_are_identical_and_many_are_folded_below_the_others() -> None:
    rows = (*compared.report().models, *(compared.identical(f"m{i:03d}") for i in range(100)))
    body = page(compared.report(*rows))
    before, _, after = body.partition("<summary>102 models passed and are identical to a1b2c3d</summary>")
    assert ">tiny-cnn</a>" in before
    assert ">m000</a>" not in before
    assert ">m099</a>" in after[: after.index("</details>")]


def test_the_change_of_a_slower_model_lies_beyond_the_line_of_the_gate() -> None:
    found = compared.report().models[4].comparison
    assert found is not None
    plot = change_plot(found, 0.05)
    assert plot is not None
    base, gate = plot.rules
    assert base.x < gate.x < plot.marks[0].ci[0] < plot.marks[0].median < plot.marks[0].ci[1]
    assert (base.label, gate.label) == ("base", "limit +5.0 %")
    assert [mark.tone for mark in plot.marks] == ["slower", "inconclusive"]
    assert "0 %" in [label for _, label in plot.axis.ticks]


def test_a_limit_far_beyond_what_was_found_does_not_squash_it() -> None:
    found = Comparison(baseline="a", latency=(compared.paired("cpu", "unchanged", 1.001, noise=0.002),))
    plot = change_plot(found, 3.0)
    assert plot is not None
    assert [rule.label for rule in plot.rules] == ["base"]


def test_base_and_head_are_drawn_on_one_axis() -> None:
    plot = sides_plot(compared.paired("cpu", "slower", 1.082))
    assert plot is not None
    before, now = plot.marks
    assert (before.label, now.label) == ("base", "now")
    assert before.median < now.median
    assert sides_plot(LatencyComparison(provider="cpu", verdict="slower", ratio=1.1)) is None


@settings(deadline=None)
@given(
    st.floats(), st.tuples(st.floats(), st.floats()), st.lists(floats, min_size=101, max_size=101), st.none() | floats
)
def test_changes_are_drawn_inside_the_drawing_or_not_at_all(
    ratio: float, ci: tuple[float, float], spread: list[float], limit: float | None
) -> None:
    ordered = tuple(sorted(spread, key=lambda value: (math.isnan(value), value)))
    one = LatencyComparison(provider="cpu", verdict="slower", ratio=ratio, ci=ci, spread=ordered)
    plot = change_plot(Comparison(baseline="a", latency=(one,)), limit)
    if plot is None:
        return
    drawn = [float(x) for mark in plot.marks for x in re.findall(r"[ML ]([-\d.e+]+),", mark.outline)]
    drawn += [x for mark in plot.marks for x in (mark.median, *mark.ci)] + [rule.x for rule in plot.rules]
    assert all(LEFT <= x <= WIDTH for x in [*drawn, *(x for x, _ in plot.axis.ticks)])
    assert 1 <= len(plot.axis.ticks) <= 8


def test_outliers_are_counted_beside_the_calls() -> None:
    result = sample.measured("cpu", 1.0, iterations=4_000, outliers=17)
    assert "4000, 17 of them outliers" in plain(page(sample.report((sample.row(benchmark=(result,)),))))


def test_ratios_to_the_original_framework_are_within_a_leg() -> None:
    text = page(sample.report((sample.on_two_legs(),)))
    for said, ratio in (("cpu on leg 1", "2.9\u00d7"), ("tensorrt on leg 2", "5\u00d7")):
        (line,) = [line for line in text.splitlines() if line.startswith(f"<div>{said}")]
        assert ratio in line


def test_a_merged_report_says_which_legs_measured_on_what() -> None:
    report = sample.report()
    machine = report.machine.model_copy(update={"cpu": "Other CPU"})
    legs = tuple(Leg(index=n, models=(), started="", machine=m) for n, m in ((1, report.machine), (2, machine)))
    text = page(sample.report(legs=legs))
    assert "Measured by leg 1 on AMD EPYC" in text
    assert "leg 2 on Other CPU" in text
    assert "Measured on" not in text
