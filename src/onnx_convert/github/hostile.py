"""What a report from elsewhere says that no run could have found: where it does not follow from itself.

A pull request's own run can lie about what it measured, and nothing here can tell. But it cannot have found rows that
are well and a run that failed, an interval that leaves out its ratio, or a change of the time that its verdict hides.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from onnx_convert.gates import conclude, fails
from onnx_convert.report.verdict import wrong_opset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx_convert.report.model import Latency, LatencyComparison, ModelReport, Report

ROWS = 4_096
"""Rows that are looked at and rendered: of more models no pull request is read."""

ALARM = 1.015
"""Smaller changes are never an alarm (`workers.artifact.ratios.FLOOR`)."""
MATTERS = 0.05
"""A larger change is never `unchanged` (`stages.pair.LIMIT`)."""

_ROUNDING = 1e-5
_LARGEST = 1e18
"""What a report counts, times or weighs is less."""
_MAY_BE_ANYTHING = frozenset(
    {"max_abs", "max_rel", "mean_abs", "cosine", "sqnr_db", "detectable", "expected", "actual", "parity", "min_sqnr"}
)
"""Numbers of the report that may be infinite, none, or as large as they like."""
_MAY_BE_NEGATIVE = frozenset({"cosine", "sqnr_db", "expected", "actual", "parity", "min_sqnr", "others", "shape"})
_HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def contradictions(report: Report) -> Iterator[str]:
    """What does not hold, in sentences; a name in them is quoted as Python does."""
    if len(report.models) > ROWS:
        yield f"it has {len(report.models)} rows"
        return
    yield from _impossible(report.model_dump(exclude={"models"}), "the run")
    for row in report.models:
        yield from _impossible(row.model_dump(), repr(row.name[:80]))
    if report.commit is not None and not _HASH.fullmatch(report.commit):
        yield "its commit is no hash"
    follows = conclude(report.models, complete=report.complete)
    beside = any(one.severity == "error" for one in report.diagnostics)  # such as a leg that is missing
    if report.conclusion != follows and not (beside and report.conclusion == "failure"):
        yield f"its conclusion is {report.conclusion}, and from its rows follows {follows}"
    for row in report.models:
        for wrong in _of_row(row, report):
            yield f"{row.name[:80]!r} {wrong}"


def _impossible(value: Any, where: str, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _impossible(each, where, name if isinstance(name, str) else key)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _impossible(each, where, key)
    elif isinstance(value, int | float) and not _possible(value, key):
        yield f"{where}: {key} is {value}"


def _possible(value: float, key: str) -> bool:
    signed = value >= 0 or key in _MAY_BE_NEGATIVE or not math.isfinite(value)
    return signed and (key in _MAY_BE_ANYTHING or abs(value) < _LARGEST)


def _of_row(row: ModelReport, report: Report) -> Iterator[str]:
    yield from _status(row)
    yield from _parity(row)
    yield from _gates(row, report)
    if row.artifact is not None and not _DIGEST.fullmatch(row.artifact.sha256):
        yield "has an artifact whose sha256 is none"
    for one in row.benchmark:
        if (one.status == "measured") != (one.latency_ms is not None):
            wrong = "with" if one.latency_ms else "without"
            yield f"is {one.status} on {one.provider[:40]!r} {wrong} a latency"
        yield from _latency(one.latency_ms)
    for compared in row.comparison.latency if row.comparison else ():
        yield from _verdict(compared)
        yield from _latency(compared.base_ms)
        yield from _latency(compared.head_ms)
    for paired in row.variant_of.latency if row.variant_of else ():
        if not paired.ci[0] - _ROUNDING <= paired.ratio <= paired.ci[1] + _ROUNDING:
            yield "has an interval that leaves out its ratio"


def _status(row: ModelReport) -> Iterator[str]:
    wrong = fails(row)
    if row.status == "passed" and (wrong or row.artifact is None):
        yield f"passed {'with an error' if wrong else 'without an artifact'}"
    if row.status == "failed" and not (wrong and row.artifact):
        yield f"failed without an {'artifact' if wrong else 'error'}"
    if row.status == "error" and row.artifact:
        yield "ended in an error and has an artifact"


def _parity(row: ModelReport) -> Iterator[str]:
    parity = row.parity
    if parity is None:
        return
    well = bool(parity.cases) and all(case.passed for case in parity.cases)
    if (parity.status == "passed" and not well) or (parity.status == "failed" and well and parity.reason is None):
        yield f"has the parity {parity.status}, which its cases are not"
    for case in parity.cases:
        if not 0 <= case.mismatched <= case.elements and case.reason is None:
            yield f"has {case.mismatched} of {case.elements} elements that differ"


def _gates(row: ModelReport, report: Report) -> Iterator[str]:
    """Gates that the row breaks and that fail the run, where it is not said to have failed."""
    if row.status != "passed":
        return
    broken = {
        "parity": row.parity is not None and row.parity.status == "failed",
        "opset": wrong_opset(row),
        "latency": report.max_latency_increase is not None
        and any(
            _slower(one, report.max_latency_increase) for one in (row.comparison.latency if row.comparison else ())
        ),
        "size": report.max_size_increase is not None
        and row.comparison is not None
        and row.comparison.size_ratio is not None
        and row.comparison.size_ratio > 1 + report.max_size_increase,
    }
    yield from (
        f"passed, and breaks the gate {name}" for name, holds in broken.items() if holds and name in report.fail_on
    )


def _slower(one: LatencyComparison, limit: float) -> bool:
    return one.verdict == "slower" and one.ratio is not None and one.ratio > 1 + limit


def _latency(one: Latency | None) -> Iterator[str]:
    if one is None:
        return
    ordered = [one.median, one.p90, one.p99]
    if ordered != sorted(ordered) or list(one.quantiles) != sorted(one.quantiles) or one.ci95[0] > one.ci95[1]:
        yield "has percentiles that are out of order"
    if one.median <= 0:
        yield "took no time"


def _verdict(one: LatencyComparison) -> Iterator[str]:
    """Where the verdict is not that of its interval, by the rules of `workers.artifact.ratios.verdict`."""
    if one.ratio is None or one.ci is None:
        if one.verdict in {"faster", "slower", "unchanged"}:
            yield f"is {one.verdict} without a measurement"
        return
    low, high = one.ci
    if not 0 < low - _ROUNDING <= one.ratio <= high + _ROUNDING:
        yield "has an interval that leaves out its ratio"
    sure = {
        "slower": low >= 1 - _ROUNDING and one.ratio > ALARM - _ROUNDING,
        "faster": high <= 1 + _ROUNDING and one.ratio < 1 / ALARM + _ROUNDING,
        # An alarm that a second process did not confirm has the first one's interval.
        "unchanged": one.confirmed is not None
        or (low > 1 / (1 + MATTERS) - _ROUNDING and high < 1 + MATTERS + _ROUNDING),
    }
    if not sure.get(one.verdict, True):
        yield f"is called {one.verdict}, and {one.ratio} in [{low}, {high}] is not"
