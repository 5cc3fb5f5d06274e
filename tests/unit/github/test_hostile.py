"""Reports that no run writes are told from those that one does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.github.hostile import ROWS, contradictions
from onnx_convert.report.model import Case, Comparison, LatencyComparison, Parity, Report, VariantOf
from onnx_convert.report.write import parse, to_json
from tests.unit.report import compared, sample


def against(**latency: Any) -> Report:
    """A report whose only row was measured in turn with its base."""
    one = LatencyComparison(**{"provider": "cpu", "ratio": 1.1, "ci": (1.05, 1.15), "verdict": "slower"} | latency)
    return of(sample.row(comparison=Comparison(baseline="a1b2c3d", size_ratio=1.0, latency=(one,))))


def failed(case: Case) -> Parity:
    return Parity(status="failed", rtol=1e-3, atol=1e-5, cases=(case,))


def of(*rows: Any, **more: Any) -> Report:
    return sample.report(rows, **{"conclusion": "success", "commit": "a" * 40} | more)


def changed(report: Report, *path: str | int, to: Any) -> Report:
    """The same report with another value at a place, as a stranger's JSON has it."""
    whole = json.loads(to_json(report))
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return parse(json.dumps(whole).encode(), "report.json")


@pytest.mark.parametrize("report", [sample.report(), sample.large(), compared.report()], ids=["small", "large", "base"])
def test_what_a_run_writes_holds(report: Report) -> None:
    assert list(contradictions(report)) == []
    assert list(contradictions(of(sample.row()))) == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("conclusion",), "failure", "its conclusion is failure, and from its rows follows success"),
        (("conclusion",), "neutral", "its conclusion is neutral, and from its rows follows success"),
        (("complete",), False, "its conclusion is success, and from its rows follows failure"),
        (("commit",), "HEAD", "its commit is no hash"),
        (("commit",), "a" * 40 + "\n", "its commit is no hash"),
        (("seconds",), 1e999, "the run: seconds is inf"),
        (("seconds",), -1, "the run: seconds is -1.0"),
        (("machine", "cores"), 2**63 - 1, "the run: cores is 9223372036854775807"),
        (("machine", "cores"), -1, "the run: cores is -1"),
        (("models", 0, "status"), "error", "'tiny-cnn' ended in an error and has an artifact"),
        (("models", 0, "status"), "failed", "'tiny-cnn' failed without an error"),
        (("models", 0, "artifact"), None, "'tiny-cnn' passed without an artifact"),
        (("models", 0, "artifact", "sha256"), "0", "'tiny-cnn' has an artifact whose sha256 is none"),
        (("models", 0, "artifact", "bytes"), -1, "'tiny-cnn': bytes is -1"),
        (("models", 0, "parity", "status"), "failed", "'tiny-cnn' has the parity failed, which its cases are not"),
        (("models", 0, "parity", "cases"), [], "'tiny-cnn' has the parity passed, which its cases are not"),
        (
            ("models", 0, "parity", "cases", 0, "passed"),
            False,
            "'tiny-cnn' has the parity passed, which its cases are not",
        ),
        (
            ("models", 0, "parity", "cases", 0, "mismatched"),
            10**9,
            "'tiny-cnn' has 1000000000 of 40 elements that differ",
        ),
        (("models", 0, "benchmark", 0, "latency_ms", "p90"), 0.001, "'tiny-cnn' has percentiles that are out of order"),
        (("models", 0, "benchmark", 0, "latency_ms", "median"), 0.0, "'tiny-cnn' took no time"),
        (("models", 0, "benchmark", 0, "latency_ms", "median"), 1e308 * 10, "'tiny-cnn': median is inf"),
        (("models", 0, "benchmark", 0, "status"), "failed", "'tiny-cnn' is failed on 'cpu' with a latency"),
        (("models", 0, "benchmark", 0, "latency_ms"), None, "'tiny-cnn' is measured on 'cpu' without a latency"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_what_no_run_writes_is_named(path: tuple[str | int, ...], value: Any, said: str) -> None:
    assert said in list(contradictions(changed(of(sample.row()), *path, to=value)))


@pytest.mark.parametrize(
    ("latency", "said"),
    [
        ({}, None),
        ({"ratio": 1.2}, "an interval that leaves out its ratio"),
        ({"ci": (0.0, 1.15)}, "an interval that leaves out its ratio"),
        ({"ci": (0.9, 1.3)}, "called slower"),
        ({"ratio": 1.01, "ci": (1.005, 1.02)}, "called slower"),
        ({"verdict": "faster"}, "called faster"),
        ({"verdict": "unchanged"}, "called unchanged"),
        ({"verdict": "unchanged", "ratio": 1.0, "ci": (0.99, 1.2)}, "called unchanged"),
        ({"verdict": "unchanged", "ratio": 1.0, "ci": (0.97, 1.03)}, None),
        ({"verdict": "unchanged", "confirmed": 1.0, "reason": "a second process found it unchanged"}, None),
        ({"verdict": "faster", "ratio": 0.9, "ci": (0.85, 0.95)}, None),
        ({"verdict": "inconclusive", "ratio": 1.0, "ci": (0.5, 2.0)}, None),
        ({"verdict": "inconclusive", "ratio": None, "ci": None, "reason": "one round took 60 s"}, None),
        ({"ratio": None, "ci": None}, "slower without a measurement"),
    ],
)
def test_a_verdict_is_that_of_its_interval(latency: dict[str, Any], said: str | None) -> None:
    found = list(contradictions(against(**latency)))
    assert any(said in one for one in found) if said else not found, found


@pytest.mark.parametrize(
    ("gate", "row"),
    [
        ("latency", against().models[0]),
        ("size", sample.row(comparison=Comparison(baseline="a1b2c3d", size_ratio=1.3))),
        ("opset", changed(of(sample.row()), "models", 0, "artifact", "opsets", to={"ai.onnx": 3}).models[0]),
        ("parity", sample.row(parity=failed(sample.case(passed=False)))),
    ],
)
def test_a_row_that_breaks_a_gate_has_not_passed(gate: str, row: Any) -> None:
    limits = {"max_latency_increase": 0.05, "max_size_increase": 0.1}
    assert f"'tiny-cnn' passed, and breaks the gate {gate}" in list(contradictions(of(row, fail_on=(gate,), **limits)))
    assert list(contradictions(of(row, fail_on=(), **limits))) == []


def test_a_variants_ratio_lies_in_its_interval() -> None:
    variant = VariantOf(model="a", size_ratio=0.5, latency=({"provider": "cpu", "ratio": 0.5, "ci": (0.6, 0.7)},))  # type: ignore[arg-type]
    assert any("leaves out its ratio" in one for one in contradictions(of(sample.row(variant_of=variant))))


def test_infinities_and_nan_are_where_a_measurement_may_find_them() -> None:
    case = sample.case(max_abs=float("inf"), max_rel=1e300, passed=False, sqnr_db=float("nan"))
    row = sample.row(status="failed", parity=failed(case), diagnostics=(sample.diagnostic(),))
    assert list(contradictions(of(row, conclusion="failure"))) == []


def test_more_rows_than_anybody_renders_are_not_looked_at() -> None:
    assert list(contradictions(of(*[sample.row()] * (ROWS + 1)))) == [f"it has {ROWS + 1} rows"]


@given(st.text())
def test_a_name_can_say_nothing_of_its_own(name: str) -> None:
    row = sample.row(name=name, status="failed")
    (said,) = contradictions(of(row))
    assert said == f"{name[:80]!r} failed without an error"
    assert said.isprintable()
