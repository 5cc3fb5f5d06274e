"""What the comment's template shows, escaped for Markdown, in the detail that there is room for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from onnx_convert.report import numbers
from onnx_convert.report.against import base_name, beyond, kind, size_change, status, told
from onnx_convert.report.gfm import Markdown, code, prose
from onnx_convert.report.markdown.chart import chart
from onnx_convert.report.markdown.fold import findings_of, fold
from onnx_convert.report.markdown.news import news
from onnx_convert.report.markdown.values import Detail, Failure, Table, View, whole
from onnx_convert.report.numbers import NONE
from onnx_convert.report.surroundings import conditions, legs, settings
from onnx_convert.report.verdict import (
    EMOJI,
    NATIVE,
    by_noise,
    compared,
    counted,
    headline,
    label,
    paired,
    parted,
    ranked,
    shape_of,
    worst_case,
    wrong_opset,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from onnx_convert.report.markdown.values import Fold
    from onnx_convert.report.model import Case, Conclusion, ModelReport, Parity, ProviderResult, Report
    from onnx_convert.report.verdict import Line

_COLUMNS = 4
"""Providers with a column of their own; those of a further one are in the details."""

_MACHINES = 4
"""Machines of legs that are named."""
_EMOJI: dict[Conclusion, str] = {"success": "✅", "failure": "❌", "neutral": "⚪"}
_MARKS = {"faster": "🟢 ", "slower": "🔴 "}


def view(report: Report, detail: Detail, fold: Callable[[Line, Detail], Fold] = fold) -> View:
    """The report in this detail; `fold` gives a model's."""
    lines = ranked(report)
    bad = [line for line in lines if line.bad][: detail.rows]
    well = [line for line in lines if not line.bad and detail.passed_rows]
    shown, untouched = parted([*bad, *well])
    omitted = len(lines) - len(shown) - (len(untouched) if detail.untouched else 0)
    return View(
        headline=Markdown(f"{_EMOJI[report.conclusion]} {headline(report, code)}"),
        findings=findings_of(report.diagnostics, detail),
        news=tuple(news(report, lines, detail.named)),
        table=_overview(shown, report) if shown else None,
        untouched=_overview(untouched, report) if untouched and detail.untouched else None,
        omitted=Markdown(f"{counted(omitted, 'model')} not shown.") if omitted else None,
        failures=tuple(_failure(line, detail) for line in bad),
        chart=chart(report, lines) if detail.chart else None,
        folds=tuple(
            fold(line, detail) for line in shown if (detail.failed_details if line.bad else detail.passed_details)
        ),
        foot=_foot(report),
    )


def _foot(report: Report) -> Markdown:
    commit = f" at {code(report.commit[:10])}" if report.commit else ""
    base = base_name(report)
    against = f", changes against {code(base)}" if base and not (report.baseline and report.baseline.reason) else ""
    shard = f", shard {report.shard.index} of {report.shard.count}" if report.shard else ""
    return Markdown(
        f"{code(report.spec)}{commit}{shard}{against} on {_machines(report)}, "
        f"in {numbers.duration(report.seconds)}, onnx-convert-action {code(report.tool.version, 40)}"
    )


def _machines(report: Report) -> str:
    """Where it was measured; of several legs, which ones where."""
    if report.legs:
        said = legs(report, lambda name: f"`{name}`")  # `prose` makes one code span of it
        more = f"; and {len(said) - _MACHINES} other machines" if len(said) > _MACHINES else ""
        return "; ".join(prose(one, 400) for one in said[:_MACHINES]) + more
    machine = report.machine
    known = ", ".join((*settings(machine), *conditions(machine.conditions)))
    about = f", {prose(known, 400)}" if known else ""
    return f"{code(machine.cpu, 80)}, {counted(machine.cores, 'core')}{about}"


def _overview(lines: list[Line], report: Report) -> Table:
    seen = Counter(result.provider for line in lines for result in line.row.benchmark)
    providers = [name for name, _ in seen.most_common() if name != NATIVE][: _COLUMNS - 1]
    providers += [NATIVE] if NATIVE in seen else []
    head = ["Model", "Status", "Opset", "Size", "Parity", *(code(name, 30) for name in providers)]
    return Table.of(head, 2, (_row(line, providers, report.max_size_increase) for line in lines))


def _row(line: Line, providers: list[str], size_limit: float | None) -> list[str]:
    row = line.row
    results: dict[str, list[ProviderResult]] = {}
    for result in row.benchmark:
        results.setdefault(result.provider, []).append(result)
    how = " · ".join(
        filter(None, (f"{EMOJI[row.status]} {line.cause or row.status}", "cached" if row.cached else "", status(row)))
    )
    return [
        code(line.title, len(line.title)),
        how,
        _opset(row),
        _size(row, size_limit),
        _parity(row.parity),
        *("<br>".join(_latency(row, one) for one in results.get(provider, ())) or NONE for provider in providers),
    ]


def _opset(row: ModelReport) -> str:
    if not wrong_opset(row) or row.artifact is None:
        return str(row.opset or NONE)
    got = row.artifact.opsets.get("ai.onnx", row.artifact.opsets.get(""))
    return f"**{got}**, asked {row.opset}"


def _size(row: ModelReport, limit: float | None) -> str:
    if row.artifact is None:
        return NONE
    change = whole(size_change(row.comparison))
    if change and row.comparison and beyond(row.comparison.size_ratio, limit):
        change = f"**{change}**"
    beside = whole(numbers.times(row.variant_of.size_ratio)) if row.variant_of else ""
    return "<br>".join(filter(None, (whole(numbers.size(row.artifact.bytes)), change, beside)))


def _parity(parity: Parity | None) -> str:
    case = worst_case(parity) if parity else None
    if parity is None or parity.status == "skipped":
        return NONE
    if case is None or case.max_abs is None:
        return "✓" if parity.status == "passed" else "**not comparable**"
    text = whole(numbers.decibels(case.sqnr_db)) if by_noise(parity) else whole(numbers.error(case.max_abs))
    return text if parity.status == "passed" else f"**{text}**<br>{code(case.provider, 30)}"


def _latency(row: ModelReport, result: ProviderResult) -> str:
    where = label(row, result).removeprefix(result.provider)
    if result.latency_ms is None:
        return f"{result.status}{where}"
    parts = [whole(f"{numbers.latency(result.latency_ms.median)}{where}")]
    if beside := paired(row, result.provider):
        parts.append(whole(numbers.times(beside.ratio, beside.ci)))
    against = compared(row, result.provider)
    if against and kind(row) != "identical":
        verdict, *said = told(against)
        parts += [f"{_MARKS.get(against.verdict, '')}{whole(verdict)}", *said]
    return "<br>".join(parts)


def _failure(line: Line, detail: Detail) -> Failure:
    row = line.row
    bad = tuple(one for one in row.diagnostics if one.severity != "note")
    parity = row.parity if row.parity and row.parity.status == "failed" else None
    case = worst_case(parity) if parity else None
    return Failure(
        title=code(line.title, len(line.title)),
        cause=line.cause or "",
        emoji=Markdown(EMOJI[row.status]),
        findings=findings_of(bad, detail),
        more=max(0, len(bad) - detail.findings),
        worst=_worst(case) if case else None,
        blame=_blame(parity) if parity else None,
    )


def _worst(case: Case) -> Markdown:
    where = f"{code(case.output, 80)} on {code(case.provider, 30)} with {code(shape_of(case.dims), 120)}"
    if case.max_abs is None:
        return Markdown(f"Worst: {where}: {prose(case.reason or 'no numbers', 300)}")
    said = f"max abs {numbers.error(case.max_abs)}, max rel {numbers.error(case.max_rel)}"
    return Markdown(f"Worst: {where}: {said}, {case.mismatched:,} of {case.elements:,} elements beyond the tolerance")


def _blame(parity: Parity) -> Markdown | None:
    blame = parity.blame
    if blame is None:
        return None
    parts = [f"{what} {code(name, 120)}" for what, name in (("node", blame.node), ("module", blame.module)) if name]
    return Markdown(f"First stage that differs: **{blame.stage}**" + (f", {', '.join(parts)}" if parts else ""))
