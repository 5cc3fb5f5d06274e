from __future__ import annotations

import math
import re
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from onnx_convert.report.charts import LEFT, WIDTH, error_plot, latency_plot
from onnx_convert.report.html import page
from onnx_convert.report.model import Latency, Parity

from . import sample
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
    assert body.count("<svg") == body.count('role="img" aria-labelledby=') > 0
    assert all('scope="' in head for head in re.findall(r"<th\b[^>]*>", body))
    ids = re.findall(r' id="([^"]*)"', body)
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
