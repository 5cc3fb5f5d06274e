from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onnx_convert.report.markdown import comment, summary
from onnx_convert.report.model import Report

from . import sample
from .rendered import Structure, hostile_text

PLAIN = Structure(comment(sample.hostile("word")))


@settings(max_examples=25, deadline=None)
@given(hostile_text)
def test_the_structure_of_a_comment_does_not_depend_on_the_text_in_it(text: str) -> None:
    body = comment(sample.hostile(f"word {text}"))
    seen = Structure(body)
    assert seen.tags == PLAIN.tags
    assert seen.references() == []
    assert re.findall("<!--|-->", re.sub("```mermaid.*?```", "", body, flags=re.DOTALL)) == ["<!--", "-->"]
    assert body.endswith("<!-- onnx-convert-action -->\n")


def test_the_verdict_is_in_the_first_line_and_the_marker_in_the_last() -> None:
    lines = comment(sample.report(), check_name="models").rstrip().split("\n")
    assert lines[0].startswith("### ❌ 3 of 6 models failed: `minilm` (export)")
    assert lines[-1] == "<!-- onnx-convert-action: models -->"


def test_every_model_has_a_row_with_what_was_measured() -> None:
    rows = [line for line in comment(sample.report()).split("\n") if line.startswith("| `")]
    row = next(line for line in rows if line.startswith("| `tiny-cnn`")).replace("\xa0", " ")
    for expected in (
        "✅ passed",
        "17",
        "4.2 MB<br>+0.2 %",
        "3.1e-06",
        "1.23 ms<br>🔴 +8.2 % [+6.1 %, +10.3 %]",
        "2.87 ms",
    ):
        assert f"| {expected}" in row


def test_a_variant_stands_beside_its_float32_model() -> None:
    body = comment(sample.report((sample.row(), sample.variant()))).replace("\xa0", " ")
    row = next(line for line in body.split("\n") if line.startswith("| `tiny-cnn+fp16`"))
    assert "| 2.1 MB<br>0.51\u00d7 fp32 | 121.3 dB |" in row
    assert "| 1.23 ms<br>1.31\u00d7 fp32 [1.29, 1.34] |" in row
    assert "- Lower precision: 5 weights, 2 `Conv`, 1 `Gemm`" in body
    assert "- Still float32: 1 `Mul`" in body


def test_an_inconclusive_comparison_says_so() -> None:
    assert "inconclusive +0.4\xa0%" in comment(sample.report())


def test_an_unavailable_provider_has_no_latency() -> None:
    row = next(line for line in comment(sample.report()).split("\n") if line.startswith("| `efficientnet"))
    assert "| unavailable |" in row


def test_a_failure_is_explained_with_code_place_remedy_worst_case_and_blame() -> None:
    body = comment(sample.report())
    start = body.index("#### ❌ `two-heads`: parity")
    said = body[start : body.index("####", start + 4)]
    for expected in (
        "**OCA501** output `scores` differs on cpu",
        "`onnx-convert.toml:12:1`",
        "<br>**Try:** set simplify = false",
        "Worst: `mask` on `cpu`",
        "First stage that differs: **simplify**, node `/head/Softmax_3`, module `head.softmax`",
    ):
        assert expected in said


def test_the_chart_shows_medians_in_percent_of_native() -> None:
    chart = Structure(comment(sample.report())).chart
    assert '"tiny-cnn cpu", "tiny-cnn openvino", "iris cpu"' in chart
    bars = re.search(r"bar \[([^]]*)\]", chart)
    assert bars is not None
    assert [round(float(bar)) for bar in bars[1].split(", ")] == [43, 63, 43, 34, 0]


def test_there_is_no_chart_where_native_was_not_measured() -> None:
    assert "mermaid" not in comment(sample.report((sample.row(benchmark=(sample.measured("cpu", 1.0),)),)))


@pytest.mark.parametrize(
    "report", [sample.report(), sample.large(), sample.large(20, 100_000)], ids=["small", "200", "2MB"]
)
@pytest.mark.parametrize("limit", [1_024, 4_096, 16_384, 65_536])
def test_a_comment_keeps_to_its_limit_of_bytes_and_stays_whole(report: Report, limit: int) -> None:
    body = comment(report, limit=limit)
    seen = Structure(body)
    assert len(body.encode()) <= limit
    assert "failed" in body.split("\n")[0]
    assert body.endswith("<!-- onnx-convert-action -->\n")
    assert body.count("<details>") == body.count("</details>")
    assert body.count("```") % 2 == 0
    columns = {row.count(" | ") for row in body.split("\n") if row.startswith("| `model-")}
    assert len(columns) <= 1
    assert seen.tags.count("table []") == seen.tags.count("/table")


def test_what_is_left_out_is_named_and_the_worst_news_kept() -> None:
    body = comment(sample.large(), limit=65_536)
    assert "this leaves out the chart, parity case by case, details of models that passed" in body
    assert "133 models not shown." in body
    assert body.count("#### ❌") == 67


def test_detail_is_dropped_in_a_fixed_order() -> None:
    report = sample.large(24)
    dropped = [
        found[1].split(", ") if (found := re.search(r"leaves out ([^.;]*)[.;]", comment(report, limit=limit))) else []
        for limit in (60_000, 30_000, 20_000, 12_000, 8_000, 5_000, 3_000, 2_000)
    ]
    assert dropped[0] == []
    assert "the chart" in dropped[-1]
    for more, less in zip(dropped[1:], dropped, strict=False):
        assert more[: len(less)] == less


def test_a_detail_that_was_not_there_is_not_said_to_be_left_out() -> None:
    rows = tuple(sample.row(f"m{i}", benchmark=(), parity=None) for i in range(300))
    body = comment(sample.report(rows))
    assert "leaves out details of models that passed" in body


@settings(max_examples=12, deadline=None)
@given(st.integers(min_value=1_024, max_value=20_000))
def test_no_limit_cuts_a_character_a_table_or_a_fold(limit: int) -> None:
    seen = Structure(comment(LARGE, limit=limit))
    assert set(seen.tags) <= ALLOWED
    assert seen.tags.count("details []") == seen.tags.count("/details")


LARGE = sample.large(20, 600)
ALLOWED = set(Structure(comment(sample.large(3, 600))).tags)


def test_a_limit_that_nothing_fits_is_refused() -> None:
    with pytest.raises(ValueError, match="1024"):
        comment(sample.report(), limit=1_000)


def test_the_summary_has_no_marker_and_tells_of_annotations_that_are_not_shown() -> None:
    found = tuple(sample.diagnostic(message=f"finding {i}") for i in range(14))
    text = summary(sample.report((sample.row(status="failed", diagnostics=found),)))
    assert "<!--" not in text
    assert "not shown on the spec's lines: 4 errors more." in text


def test_models_of_one_name_are_told_apart() -> None:
    body = comment(sample.report((sample.row("a", opset=17), sample.row("a", opset=18))))
    assert "| `a opset 17`" in body
    assert "| `a opset 18`" in body
