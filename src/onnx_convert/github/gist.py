"""What a report says in short: what would have to be different for readers to want to be told again.

It holds statuses, causes, opsets, verdicts against the base, and sizes beyond their limit. It holds no times, no
messages, and nothing that noise decides: `inconclusive` and `unchanged` are the same here.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from onnx_convert.report import against
from onnx_convert.report.verdict import cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from onnx_convert.report.model import Diagnostic, ModelReport, Report


def gist(report: Report) -> str:
    """A digest of the gist: 32 hexadecimal digits. The order of rows does not count."""
    said = {
        "conclusion": report.conclusion,
        "complete": report.complete,
        "errors": _errors(report.diagnostics),
        "deleted": _deleted(report),
        "models": sorted((_row(row, report) for row in report.models), key=_canonical),
    }
    return hashlib.sha256(_canonical(said).encode()).hexdigest()[:32]


def failing(report: Report) -> bool:
    """Whether the run, or a model of it, failed."""
    return report.conclusion == "failure" or any(row.status in {"failed", "error"} for row in report.models)


def calm(report: Report) -> bool:
    """Whether there is no news: all is well, and as it was in the base if there was one to compare with."""
    odd = any(any(_news(row, report)) or _parity(row) == "failed" for row in report.models)
    return not (failing(report) or odd or _errors(report.diagnostics) or _deleted(report) or not report.complete)


def _row(row: ModelReport, report: Report) -> list[Any]:
    return [
        [row.name, row.variant, row.opset, row.framework],
        [row.status, cause(row), _errors(row.diagnostics), _parity(row)],
        sorted(row.artifact.opsets.items()) if row.artifact else [],
        sorted([one.provider, one.status] for one in row.benchmark if one.status != "measured"),
        sorted(_news(row, report)),
    ]


def _news(row: ModelReport, report: Report) -> Iterator[str]:
    """What a row is to the base, where that is worth telling."""
    found = row.comparison
    if found is None:
        return
    if (kind := against.kind(row)) in {"failed", "new", "changed"}:
        yield f"{kind}"
    if found.base and found.base != row.name:
        yield f"renamed from {found.base}"
    if against.beyond(found.size_ratio, report.max_size_increase):
        yield "larger than its limit"
    for one in found.latency:
        if one.verdict in {"slower", "faster"}:
            yield f"{one.verdict} on {one.provider}"


def _parity(row: ModelReport) -> str:
    return row.parity.status if row.parity else ""


def _deleted(report: Report) -> list[str]:
    return sorted(report.baseline.deleted) if report.baseline else []


def _errors(diagnostics: Iterable[Diagnostic]) -> list[str]:
    return sorted({one.code for one in diagnostics if one.severity == "error"})


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
