from __future__ import annotations

import math

import pytest

from onnx_convert.report.model import Diagnostic, Parity, Report
from onnx_convert.report.verdict import (
    cause,
    errors,
    headline,
    label,
    measured,
    native_median,
    place,
    ranked,
    worst_case,
    wrong_opset,
)

from . import sample


def test_the_headline_counts_and_names_what_failed_worst_first() -> None:
    expected = "3 of 6 models failed: minilm (export), two-heads (parity), efficientnet-lite0 (provider)"
    expected += "; against a1b2c3d: 1 slower"
    assert headline(sample.report()) == expected


def test_the_headline_names_five_failures_and_counts_the_rest() -> None:
    said = headline(sample.large(models=30))
    assert said.count("(parity)") == 5
    assert said.endswith("and 5 more")


def test_the_headline_escapes_names_with_the_function_it_is_given() -> None:
    assert "<two-heads> (parity)" in headline(sample.report(), lambda name: f"<{name}>")


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (sample.report((sample.row(),)), "The model passed"),
        (sample.report((sample.row("a"), sample.row("b"))), "All 2 models passed"),
        (sample.report((sample.row("a"), sample.row("b", status="skipped"))), "1 model passed, 1 skipped"),
        (sample.report((sample.row(status="skipped"),)), "1 model skipped"),
        (
            sample.report((sample.row(), sample.row("b", status="skipped")), complete=False, conclusion="failure"),
            "1 model passed, 1 skipped (unfinished)",
        ),
        (
            sample.report((sample.row(),), conclusion="failure", diagnostics=(sample.diagnostic("OCA903"),)),
            "The run failed (OCA903)",
        ),
    ],
)
def test_the_headline_of_runs_without_failed_models(report: Report, expected: str) -> None:
    assert headline(report) == expected


def test_a_run_without_models_says_so() -> None:
    empty = sample.report().model_copy(update={"models": ()})
    assert headline(empty) == "No model was converted"


def test_rows_are_ordered_errors_failures_passes_skips() -> None:
    assert [line.row.status for line in ranked(sample.report())] == [
        "error", "failed", "failed", "passed", "passed", "skipped",
    ]  # fmt: skip


def test_titles_tell_variants_and_opsets_apart() -> None:
    rows = (sample.row("a", opset=17), sample.row("a", opset=18), sample.row("b", variant="fp16"), sample.row("c"))
    titles = [line.title for line in ranked(sample.report(rows))]
    assert titles == ["a opset 17", "a opset 18", "b fp16", "c"]


def test_a_title_has_no_characters_that_cannot_be_seen() -> None:
    assert ranked(sample.report((sample.row("a\n\x1b[2J\u202eb"),)))[0].title == "a \\x1b[2J\\u202eb"


def test_another_opset_than_the_asked_one_is_the_cause() -> None:
    row = sample.row(status="failed", artifact=sample.artifact("a", opsets={"ai.onnx": 18}))
    assert wrong_opset(row)
    assert cause(row) == "opset"


def test_models_without_the_standard_domain_have_no_wrong_opset() -> None:
    assert not wrong_opset(sample.row(artifact=sample.artifact("a", opsets={"com.microsoft": 1})))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("OCA010", "environment"),
        ("OCA203", "source"),
        ("OCA310", "export"),
        ("OCA601", "provider"),
        ("OCA650", "latency"),
        ("OCA652", "size"),
        ("OCA901", "internal"),
    ],
)
def test_the_cause_is_the_stage_of_the_first_error(code: str, expected: str) -> None:
    warning = sample.diagnostic("OCA402", severity="warning")
    assert cause(sample.row(status="failed", diagnostics=(warning, sample.diagnostic(code)))) == expected


def test_a_row_that_is_well_has_no_cause() -> None:
    assert cause(sample.row()) is None


def test_the_worst_case_is_a_failed_one_without_numbers_then_the_one_that_uses_most_of_its_tolerance() -> None:
    loose = sample.case(1e-3, output="loose", detectable=1.0)
    tight = sample.case(1e-6, output="tight", detectable=1e-6)
    nan = sample.case(math.nan, output="nan", detectable=1.0)
    failed = sample.case(1e-9, output="failed", passed=False)
    shape = sample.case(None, output="shape", passed=False)
    order = []
    cases = [loose, tight, nan, failed, shape]
    while cases:
        worst = worst_case(Parity(status="failed", rtol=0, atol=0, cases=tuple(cases)))
        assert worst is not None
        order.append(worst.output)
        cases.remove(worst)
    assert order == ["shape", "failed", "nan", "tight", "loose"]


def test_no_cases_have_no_worst() -> None:
    assert worst_case(Parity(status="passed", rtol=0, atol=0)) is None


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, ""),
        ({"file": "a.toml"}, "a.toml"),
        ({"file": "a.toml", "line": 3}, "a.toml:3"),
        ({"file": "a.toml", "line": 3, "column": 0}, "a.toml:3:0"),
        ({"file": "a.toml", "column": 7}, "a.toml"),
    ],
)
def test_a_place_goes_as_far_as_it_is_known(where: dict[str, object], expected: str) -> None:
    assert place(Diagnostic.model_validate({"code": "OCA101", "severity": "error", "message": "", **where})) == expected


def test_what_was_judged_by_noise_is_told_by_its_noise() -> None:
    """Another element may be further off, relative to a tolerance that did not count."""
    cases = (sample.case(0.5, sqnr_db=60.0, mismatched=40), sample.case(0.1, sqnr_db=45.5, mismatched=1))
    whole = Parity(status="passed", rtol=1e-3, atol=1e-5, max_mismatch=1.0, min_sqnr=40.0, cases=cases)
    assert worst_case(whole) == cases[1]
    assert errors(whole, cases[1]) == ("abs 1.0e-01", "45.5 dB")
    elements = Parity(status="passed", rtol=1e-3, atol=1e-5, cases=cases)
    assert worst_case(elements) == cases[0]
    assert errors(elements, cases[0]) == ("abs 5.0e-01", "rel 2.0e+01")


def test_results_of_several_legs_are_labelled_and_compared_with_the_original_framework_of_their_own() -> None:
    row = sample.on_two_legs()
    assert list(measured(row)) == ["cpu on leg 1", "native on leg 1", "tensorrt on leg 2", "native on leg 2"]
    assert [round(native_median(row, one) or 0, 1) for one in row.benchmark] == [2.9, 2.9, 1.0, 1.0]


def test_results_of_one_leg_are_called_by_their_providers() -> None:
    row = sample.row(benchmark=(sample.measured("cpu", 1.0, leg=3), sample.measured("native", 2.0, leg=3)))
    assert [label(row, one) for one in row.benchmark] == ["cpu", "native"]
    assert native_median(row, row.benchmark[0]) is not None


def test_where_native_was_measured_on_another_leg_alone_there_is_nothing_to_compare_with() -> None:
    row = sample.row(benchmark=(sample.measured("tensorrt", 1.0, leg=2), sample.measured("native", 2.0, leg=1)))
    assert native_median(row, row.benchmark[0]) is None
