from __future__ import annotations

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from onnx_convert.report.model import Report
from onnx_convert.report.terminal import show, summary_table

from . import compared, sample


def shown(report: Report, width: int = 100) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, force_terminal=True, color_system=None).print(summary_table(report))
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("report", [sample.report(), sample.hostile()], ids=["usual", "hostile"])
def test_no_line_is_wider_than_the_terminal(width: int, report: Report) -> None:
    assert max(cell_len(line) for line in shown(report, width).split("\n")) <= width


@pytest.mark.parametrize("width", [80, 140])
def test_status_and_numbers_are_legible_without_colour(width: int) -> None:
    text = shown(sample.report(), width)
    for expected in (
        "✗ two-heads", "failed: parity", "✓ iris", "passed", "cached", "opset 17", "4.2 MB", "9→5 nodes", "abs 3.1e-06",
        "1.23 ms ± 0.004", "2.3\u00d7", "slower +8.2 ± 2.1 %", "inconclusive +0.4 ± 3.6 %", "unavailable", "- legacy",
        "skipped",
    ):  # fmt: skip
        assert expected in text


def test_findings_are_grouped_by_model_with_code_help_and_place() -> None:
    text = shown(sample.report(), 140)
    start = text.index("\ntwo-heads\n")
    said = text[start : text.index("\nefficientnet-lite0\n")]
    assert "error   OCA501 output `scores` differs on cpu" in said
    assert "help: set simplify = false" in said
    assert "onnx-convert.toml:12:1" in said
    assert "warning OCA402" in said


def test_a_message_that_is_folded_anywhere_begins_no_workflow_command() -> None:
    said = sample.diagnostic("OCA200", " ".join("x" * length + " ::error::" for length in range(1, 60)), hint="")
    report = sample.report()
    row = report.models[0].model_copy(update={"diagnostics": (said,)})
    stream = io.StringIO()
    show(report.model_copy(update={"models": (row,)}), Console(file=stream, width=80))
    begun = [line for line in shown(report.model_copy(update={"models": (row,)}), 80).split("\n") if "::" in line[:40]]
    assert any(line.lstrip().startswith("::") for line in begun)  # it is folded so that it would
    assert not [line for line in stream.getvalue().split("\n") if line.lstrip().startswith("::")]


def test_the_verdict_is_the_last_line() -> None:
    last = shown(sample.report(), 140).rstrip().split("\n")[-1]
    assert last == (
        "3 of 6 models failed: minilm (export), two-heads (parity), efficientnet-lite0 (provider) in 1 min 33 s; "
        "against a1b2c3d: 1 slower"
    )


def test_another_opset_is_named_beside_the_asked_one() -> None:
    wrong = sample.row(status="failed", artifact=sample.artifact("a", opsets={"ai.onnx": 18}))
    assert "opset 18, not 17" in shown(sample.report((wrong,)))


@pytest.mark.parametrize("width", [80, 140])
def test_a_variant_stands_beside_its_float32_model(width: int) -> None:
    text = shown(sample.report((sample.row(), sample.variant())), width)
    for expected in ("\u2713 tiny-cnn+fp16 ", "2.1 MB 0.51\u00d7 fp32", "1.31\u00d7 fp32 [1.29, 1.34]", "121.3 dB"):
        assert expected in text
    assert "fp16 fp16" not in text


def test_hostile_text_sends_no_escape_sequence_and_is_no_markup() -> None:
    text = shown(sample.hostile("[bold]x[/bold] \x1b]0;title\x07 \u202e"))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "[bold]x[/bold]" in text


@pytest.mark.parametrize("width", [80, 120])
def test_changes_against_the_base_are_legible_without_colour(width: int) -> None:
    text = shown(compared.report(), width).replace("\N{MINUS SIGN}", "-")
    for expected in (
        "failed: latency", "4.2 MB +12.4 %", "slower +8.2 ± 0.6 %", "inconclusive, hides ±7.0 %",
        "faster -13.9 ± 0.5 %", "unchanged +0.4 ± 0.6 %", "  new", "  identical", "  not compared",
        "  was old-classifier", "deleted since a1b2c3d: legacy",
    ):  # fmt: skip
        assert expected in text
    assert "…" not in text


def test_rows_that_are_identical_and_many_are_a_line() -> None:
    rows = (*compared.report().models, *(compared.identical(f"m{i:03d}") for i in range(100)))
    text = shown(compared.report(*rows), 80)
    assert "✓ 102 more models passed, identical to a1b2c3d" in text
    assert "m000" not in text
    assert text.index("✗ tiny-cnn") < text.index("✓ mixer") < text.index("✓ detector") < text.index("✓ encoder")


def test_what_was_found_of_several_models_is_told_once() -> None:
    found = (sample.diagnostic("OCA674", "the machine was busy", severity="warning"),)
    names = [f"m{i:02d}" for i in range(12)]
    text = shown(sample.report(tuple(sample.row(name, diagnostics=found) for name in names)), 140)
    assert text.count("OCA674") == 1
    assert ", ".join(names[:10]) + " and 2 more\n  warning OCA674" in re.sub(r" +\n", "\n", text)


def test_findings_of_rows_that_are_not_shown_are_counted() -> None:
    found = (sample.diagnostic("OCA674", "the machine was busy", severity="warning"),)
    rows = tuple(compared.identical(f"m{i}", row={"diagnostics": found}) for i in range(9))
    text = shown(compared.report(*rows), 100)
    assert "✓ 9 more models passed, identical to a1b2c3d (9 findings in report.html)" in text
    assert "OCA674" not in text


def test_what_several_legs_measured_stands_apart_with_the_original_framework_of_each() -> None:
    text = shown(sample.report((sample.on_two_legs(),)), 80)
    words = ("on leg 1", "cpu ", "2.9\u00d7", "native", "on leg 2", "tensorrt", "5\u00d7", "native")
    place = 0
    for word in words:
        place = text.index(word, place) + 1
