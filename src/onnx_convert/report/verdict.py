"""What a report says, in the words and the order that every renderer shares.

Nothing is decided here: the pipeline sets conclusion and status. All strings that come back are plain text and, where
they hold a name from the report, hostile; `headline` takes the function that escapes names for where they go.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx_convert.report import against, numbers
from onnx_convert.report.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from onnx_convert.report.model import (
        Case,
        Diagnostic,
        LatencyComparison,
        ModelReport,
        PairedLatency,
        Parity,
        ProviderResult,
        Report,
        Severity,
        Status,
    )

NATIVE = "native"
TITLE_LIMIT = 120
_NAMED = 5
"""Failing models that the headline names; the rest are counted."""
_UNTOUCHED = 3
"""So many rows identical to the base are shown as any other."""

ORDER: tuple[Status, ...] = ("error", "failed", "passed", "skipped")
WORST_SEVERITY: tuple[Severity, ...] = ("error", "warning", "note")
SYMBOLS: dict[Status, str] = {"passed": "✓", "failed": "✗", "error": "!", "skipped": "-"}
EMOJI: dict[Status, str] = {"passed": "✅", "failed": "❌", "error": "💥", "skipped": "⏭️"}
_STAGES = {
    "0": "environment",
    "1": "spec",
    "2": "source",
    "3": "export",
    "4": "simplify",
    "5": "parity",
    "6": "benchmark",
    "9": "internal",
}
_GATES = {"OCA650": "latency", "OCA652": "size"}
"""The gates of a comparison with the base, by the code of their finding."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row with what the renderers say of it: a title that no other row has, and why it is bad news."""

    title: str
    row: ModelReport
    cause: str | None

    @property
    def bad(self) -> bool:
        """Whether the row failed or ended in an error."""
        return self.row.status in {"failed", "error"}

    @property
    def untouched(self) -> bool:
        """Whether it is no news: what it was in the base, and well. What is found of it was to be found before."""
        return self.row.status == "passed" and against.kind(self.row) == "identical"


def ranked(report: Report) -> tuple[Line, ...]:
    """The rows, worst first: by status, then by the news against the base, then in the report's order."""
    lines = [Line(title, row, cause(row)) for title, row in zip(_titles(report.models), report.models, strict=True)]
    return tuple(
        sorted(lines, key=lambda line: (ORDER.index(line.row.status), against.ORDER.index(against.kind(line.row))))
    )


def parted(lines: Iterable[Line]) -> tuple[list[Line], list[Line]]:
    """The rows to be read, and those that are untouched and so many that they would drown the others."""
    found = list(lines)
    untouched = [line for line in found if line.untouched]
    if len(untouched) <= _UNTOUCHED:
        return found, []
    return [line for line in found if not line.untouched], untouched


def _titles(rows: tuple[ModelReport, ...]) -> list[str]:
    """Name and variant, which a name has already where it is a key; the opset too where a model has several."""
    plain = [
        row.name if row.variant == "fp32" or row.name.endswith(f"+{row.variant}") else f"{row.name} {row.variant}"
        for row in rows
    ]
    seen = Counter(plain)
    full = [
        title if seen[title] == 1 or row.opset is None else f"{title} opset {row.opset}"
        for title, row in zip(plain, rows, strict=True)
    ]
    return [one_line(title, TITLE_LIMIT) for title in full]


def wrong_opset(row: ModelReport) -> bool:
    """Whether the artifact has another opset than the row's."""
    if row.artifact is None or row.opset is None:
        return False
    opsets = row.artifact.opsets
    return opsets.get("ai.onnx", opsets.get("", row.opset)) != row.opset


def cause(row: ModelReport) -> str | None:
    """The stage or gate that ended a failed row, in one word; None for a row that is well."""
    if row.status not in {"failed", "error"}:
        return None
    if wrong_opset(row):
        return "opset"
    if row.parity is not None and row.parity.status == "failed":
        return "parity"
    worst = next((one for one in row.diagnostics if one.severity == "error"), None)
    if worst is None:
        return "gate"
    stage = _STAGES.get(worst.code[3], "internal")
    return _GATES.get(worst.code) or ("provider" if stage == "benchmark" else stage)


def headline(report: Report, quote: Callable[[str], str] = str, *, took: str = "") -> str:
    """The verdict in one sentence, without a full stop: `2 of 6 models failed: tiny-cnn (parity), iris (opset)`.

    After it what changed against the base: `; against a1b2c3d: 1 slower`. `quote` escapes each title and the base's
    name for where the sentence goes. At most five models are named. `took` stands behind the outcome.
    """
    return _outcome(report, quote) + took + against.clause(report, quote) + ("" if report.complete else " (unfinished)")


def _outcome(report: Report, quote: Callable[[str], str]) -> str:
    lines = ranked(report)
    bad = [line for line in lines if line.bad]
    total = counted(len(lines), "model")
    if not lines:
        return _run_failed(report) or "No model was converted"
    if bad:
        named = ", ".join(f"{quote(line.title)} ({line.cause})" for line in bad[:_NAMED])
        more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
        return f"{len(bad)} of {total} failed: {named}{more}"
    failed = _run_failed(report)
    if report.conclusion == "failure" and (failed or report.complete):
        return failed or "The run failed"
    skipped = sum(line.row.status == "skipped" for line in lines)
    passed = len(lines) - skipped
    if not passed:
        return counted(skipped, "model") + " skipped"
    who = ("The model" if len(lines) == 1 else f"All {len(lines)} models") if not skipped else counted(passed, "model")
    return f"{who} passed" + (f", {skipped} skipped" if skipped else "")


def counted(count: int, noun: str) -> str:
    """`1 model`, `6 models`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _run_failed(report: Report) -> str | None:
    worst = next((one for one in report.diagnostics if one.severity == "error"), None)
    return f"The run failed ({worst.code})" if worst else None


def worst_first(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Errors, warnings, notes; in their order within each."""
    return tuple(sorted(diagnostics, key=lambda one: WORST_SEVERITY.index(one.severity)))


def by_noise(parity: Parity) -> bool:
    """Whether a comparison was judged by signal to noise alone, as variants in lower precision are."""
    return parity.min_sqnr is not None and parity.max_mismatch >= 1


def worst_case(parity: Parity) -> Case | None:
    """The case furthest beyond its tolerance or, where all passed, closest to it; None without cases."""
    return max(parity.cases, key=lambda case: strain(case, noise=by_noise(parity)), default=None)


def strain(case: Case, *, noise: bool = False) -> tuple[bool, bool, float, float]:
    """How bad a case is, to sort by: failed, without numbers, fraction of elements that mismatch, use of the tolerance.

    The last is `max_abs` over the smallest error that the tolerance would have caught. NaN counts as infinite. Where
    `noise` decides, it is the noise instead, and elements do not count.
    """
    if noise:
        return (not case.passed, case.max_abs is None, 0.0, -math.inf if case.sqnr_db is None else -case.sqnr_db)
    used = math.inf if case.max_abs is None else case.max_abs / (case.detectable or 1.0)
    share = case.mismatched / case.elements if case.elements > 0 else 0.0
    return (not case.passed, case.max_abs is None, share, math.inf if math.isnan(used) else used)


def errors(parity: Parity, case: Case) -> tuple[str, str]:
    """A case's error in two numbers: absolute, and relative or, where that decides, its signal to noise."""
    noise = by_noise(parity) and case.sqnr_db is not None
    return f"abs {numbers.error(case.max_abs)}", (
        numbers.decibels(case.sqnr_db) if noise else f"rel {numbers.error(case.max_rel)}"
    )


def place(diagnostic: Diagnostic) -> str:
    """`onnx-convert.toml:12:3`, as far as it is known; empty without a file."""
    if diagnostic.file is None:
        return ""
    parts = [diagnostic.file, diagnostic.line, diagnostic.column if diagnostic.line is not None else None]
    return ":".join(str(part) for part in parts if part is not None)


def measured(row: ModelReport) -> dict[str, ProviderResult]:
    """The results that have a latency, by their labels."""
    return {label(row, one): one for one in row.benchmark if one.status == "measured" and one.latency_ms is not None}


def label(row: ModelReport, result: ProviderResult) -> str:
    """A result's provider, and its leg where the row was measured on several: `native on leg 9`."""
    if result.leg is None or all(one.leg == result.leg for one in row.benchmark):
        return result.provider
    return f"{result.provider} on leg {result.leg}"


def native_median(row: ModelReport, beside: ProviderResult) -> float | None:
    """Median of the original framework in milliseconds, if it was measured on the machine that `beside` was."""
    medians = (one.latency_ms.median for one in measured(row).values() if one.latency_ms and _native(one, beside.leg))
    return next(medians, None)


def _native(result: ProviderResult, leg: int | None) -> bool:
    return result.provider == NATIVE and result.leg == leg


def compared(row: ModelReport, provider: str) -> LatencyComparison | None:
    """The comparison with the base on a provider, if there is one."""
    if row.comparison is None:
        return None
    return next((one for one in row.comparison.latency if one.provider == provider), None)


def paired(row: ModelReport, provider: str) -> PairedLatency | None:
    """A variant's latency over its float32 model's on a provider, if they were measured in turn."""
    if row.variant_of is None:
        return None
    return next((one for one in row.variant_of.latency if one.provider == provider), None)


def shape_of(dims: dict[str, int]) -> str:
    """`batch=4, height=224`; `fixed` without dynamic dimensions."""
    return ", ".join(f"{name}={size}" for name, size in dims.items()) or "fixed"
