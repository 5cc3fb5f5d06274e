from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onnx_convert.report.markdown import comment, summary
from onnx_convert.report.model import Baseline, Conditions, LatencyComparison, Leg, Report

from . import compared, sample
from .rendered import Structure, hostile_text


def plain(markdown: str) -> str:
    """With the signs that a keyboard has, and spaces and hyphens that part."""
    return re.sub("[\N{NON-BREAKING HYPHEN}\N{MINUS SIGN}\N{EN DASH}]", "-", markdown.replace("\xa0", " "))


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
    row = plain(next(line for line in rows if line.startswith("| `tiny-cnn`")))
    for expected in (
        "✅ passed",
        "17",
        "4.2 MB<br>+0.2 %",
        "3.1e-06",
        "1.23 ms<br>🔴 slower +8.2 %<br>[+6.1 %, +10.3 %]",
        "2.87 ms",
    ):
        assert f"| {expected}" in row


def test_a_variant_stands_beside_its_float32_model() -> None:
    body = plain(comment(sample.report((sample.row(), sample.variant()))))
    row = next(line for line in body.split("\n") if line.startswith("| `tiny-cnn+fp16`"))
    assert "| 2.1 MB<br>0.51\u00d7 fp32 | 121.3 dB |" in row
    assert "| 1.23 ms<br>1.31\u00d7 fp32 [1.29, 1.34] |" in row
    assert "- Lower precision: 5 weights, 2 `Conv`, 1 `Gemm`" in body
    assert "- Still float32: 1 `Mul`" in body


def test_an_inconclusive_comparison_says_what_it_could_not_have_seen() -> None:
    row = next(line for line in plain(comment(compared.report())).split("\n") if line.startswith("| `tiny-cnn`"))
    assert "inconclusive +1.1 %<br>[-3.6 %, +5.8 %]<br>only ±7.0 % or more would show |" in row


def test_an_unchanged_latency_has_its_interval_and_no_mark() -> None:
    row = next(line for line in plain(comment(compared.report())).split("\n") if line.startswith("| `encoder`"))
    assert "| 9.16 ms<br>unchanged +0.4 %<br>[-0.2 %, +1.0 %] |" in row


def test_what_changed_against_the_base_is_named_the_worst_first() -> None:
    lines = plain(comment(compared.report())).split("\n")
    assert lines[0].endswith("against `a1b2c3d`: 2 slower, 1 not compared, 1 faster, 1 new, 1 renamed, 1 deleted")
    assert [line for line in lines if line.startswith("- **")][:6] == [
        "- **Slower than `a1b2c3d`:** `tiny-cnn` on `cpu` +8.2 %; `mixer` on `cpu` +2.1 %",
        "- **Not compared:** `tagger`: its conversion at `a1b2c3d` failed: `OCA301` no exporter",
        "- **Faster than `a1b2c3d`:** `detector` on `cpu` -13.9 %",
        "- **New:** `iris`",
        "- **Renamed:** `old-classifier` → `classifier`",
        "- **Deleted:** `legacy`",
    ]


def test_slower_rows_stand_before_faster_ones_and_these_before_unchanged_ones() -> None:
    body = comment(compared.report())
    names = re.findall(r"^\| `([^`]+)`", body[: body.index("####")], re.MULTILINE)
    assert names == ["tiny-cnn", "mixer", "tagger", "detector", "iris", "encoder", "embedder", "classifier"]


def test_a_size_beyond_its_limit_is_marked() -> None:
    body = plain(comment(compared.report()))
    assert "4.2 MB<br>**+12.4 %**" in body
    assert "4.2 MB<br>-48.7 %" in body


def test_a_hundred_identical_models_are_folded_and_do_not_drown_the_others() -> None:
    rows = (*compared.report().models, *(compared.identical(f"m{i:03d}") for i in range(100)))
    body = comment(compared.report(*rows))
    fold = body[body.index("<details><summary>102 models passed and are identical to the base") :]
    table = body[: body.index("<details>")]
    assert "`tiny-cnn`" in table
    assert "`m000`" not in table
    assert "`m099`" in fold[: fold.index("</details>")]
    assert "<code>m000</code>" not in body


def test_the_details_say_what_differs_from_the_base() -> None:
    body = plain(comment(compared.report()))
    assert (
        "- Against `a1b2c3d`: size +12.4 %; nodes 5 → 7; operators `Conv` 2 → 3, `Cast` 0 → 1; "
        "opsets `ai.onnx` 17 → 18, `ai.onnx.ml` - → 3; largest error 3.1e-06 → 4.4e-05"
    ) in body
    assert "- Identical to `a1b2c3d`, where it is `old-classifier`: the same file" in body
    assert "- New: `a1b2c3d` has no such model" in body
    assert "| `cpu` | slower | +8.2 % | [+7.6 %, +8.8 %] | 1.24 ms | 1.33 ms | 400 |" in body


def test_a_base_that_could_not_be_had_is_said_with_its_reason() -> None:
    baseline = Baseline(name="main", kind="commit", reason="the clone is shallow and the fetch was refused")
    body = comment(sample.report((sample.row(),), baseline=baseline))
    assert body.startswith("### ✅ The model passed; not compared with `main`\n")
    assert "- Not compared with `main`: the clone is shallow and the fetch was refused" in body


def test_a_comparison_without_a_ratio_has_its_reason_in_the_details() -> None:
    found = LatencyComparison(provider="cpu", verdict="inconclusive", reason="the worker was killed")
    body = plain(comment(compared.report(compared.row("a", found))))
    assert "| 1.23 ms<br>not compared |" in body
    assert "| `cpu` | inconclusive: the worker was killed | - |" in body


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


def test_the_chart_shows_medians_in_percent_of_native_where_nothing_was_compared() -> None:
    rows = tuple(row.model_copy(update={"comparison": None}) for row in sample.report().models)
    chart = Structure(comment(sample.report(rows))).chart
    assert '"two-heads cpu", "efficientnet-lite0 cpu", "tiny-cnn cpu"' in chart
    bars = re.search(r"bar \[([^]]*)\]", chart)
    assert bars is not None
    assert [round(float(bar)) for bar in bars[1].split(", ")] == [43, 63, 43, 34, 0]


def test_the_chart_shows_what_changed_in_percent_of_the_base_the_worst_first() -> None:
    chart = plain(Structure(comment(compared.report())).chart)
    labels = re.search(r"x-axis \[([^]]*)\]", chart)
    assert labels is not None
    assert labels[1] == (
        '"tiny-cnn cpu +8.2 %", "mixer cpu +2.1 %", "tiny-cnn openvino +1.1 %", "detector cpu -13.9 %", '
        '"encoder cpu +0.4 %"'
    )
    assert re.findall(r"bar \[([^]]*)\]", chart) == [
        "108.2, 102.1, 0.0, 0.0, 0.0",
        "0.0, 0.0, 0.0, 100.0, 0.0",
        "100.0, 100.0, 101.1, 86.1, 100.4",
    ]


def test_there_is_no_chart_where_native_was_not_measured() -> None:
    assert "mermaid" not in comment(sample.report((sample.row(benchmark=(sample.measured("cpu", 1.0),)),)))


@pytest.mark.parametrize(
    "report",
    [sample.report(), sample.large(), sample.large(20, 100_000), compared.large()],
    ids=["small", "200", "2MB", "compared"],
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


def test_the_summary_is_the_comment_without_marker() -> None:
    text = summary(sample.report())
    assert "<!--" not in text
    assert text.startswith("### ❌ 3 of 6 models failed")


def test_models_of_one_name_are_told_apart() -> None:
    body = comment(sample.report((sample.row("a", opset=17), sample.row("a", opset=18))))
    assert "| `a opset 17`" in body
    assert "| `a opset 18`" in body


def test_the_foot_says_what_of_the_machine_a_latency_depends_on() -> None:
    now = Conditions(seconds=20.0, steal=0.031, others=0.002)
    machine = sample.report().machine.model_copy(update={"governor": "powersave", "conditions": now})
    foot = comment(sample.report(machine=machine)).split("<sub>")[1]
    assert "2 cores, governor powersave, steal 3.1 %, other processes 0.2 % of the CPU time, in 1 min 33 s" in plain(
        foot
    )


def test_the_cell_of_a_provider_has_what_each_leg_measured() -> None:
    text = comment(sample.report((sample.on_two_legs(),))).replace("\xa0", " ")
    (line,) = [line for line in text.splitlines() if line.startswith("| `tiny-cnn`")]
    assert "200 \u00b5s on leg 2" in line
    assert "2.90 ms on leg 1<br>1.00 ms on leg 2" in line


def test_the_foot_names_a_few_of_many_machines() -> None:
    machine = sample.report().machine
    legs = tuple(
        Leg(index=index, models=(), started="", machine=machine.model_copy(update={"cores": index}))
        for index in range(1, 257)
    )
    text = comment(sample.report(legs=legs))
    assert "and 252 other machines" in text
