"""What the comment's template shows, escaped for Markdown, in the detail that there is room for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from onnx_convert.report import numbers
from onnx_convert.report.gfm import Markdown, cell, chart_label, code, html_code, prose
from onnx_convert.report.numbers import NONE
from onnx_convert.report.verdict import (
    EMOJI,
    NATIVE,
    Line,
    by_noise,
    compared,
    counted,
    headline,
    measured,
    native_median,
    paired,
    place,
    ranked,
    shape_of,
    strain,
    worst_case,
    worst_first,
    wrong_opset,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from onnx_convert.report.model import (
        Case,
        Conclusion,
        Diagnostic,
        ModelReport,
        Parity,
        ProviderResult,
        Report,
        VariantOf,
    )

_COLUMNS = 4
"""Providers with a column of their own; those of a further one are in the details."""
_BARS = 24
_VERSIONS = 12

_EMOJI: dict[Conclusion, str] = {"success": "✅", "failure": "❌", "neutral": "⚪"}
_VERDICTS = {"identical": "identical", "faster": "🟢", "unchanged": "", "slower": "🔴", "inconclusive": "inconclusive"}


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is shown. `cases` and `findings` are at most so many a model, `rows` so many failed models."""

    chart: bool = True
    cases: int = 40
    passed_details: bool = True
    passed_rows: bool = True
    failed_details: bool = True
    hints: bool = True
    findings: int = 20
    text: int = 2_000
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic: its code, sentence, place and remedy."""

    code: Markdown
    severity: str
    message: Markdown
    place: Markdown | None
    hint: Markdown | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of escaped cells; `align` is the row under its head."""

    head: tuple[Markdown, ...]
    align: Markdown
    rows: tuple[tuple[Markdown, ...], ...]
    more: int = 0

    @classmethod
    def of(cls, head: Iterable[str], left: int, rows: Iterable[Iterable[str]], more: int = 0) -> Table:
        """A table whose first `left` columns are text and the others numbers."""
        names = tuple(cell(name) for name in head)
        align = "|".join([":--"] * left + ["--:"] * (len(names) - left))
        return cls(names, Markdown(f"|{align}|"), tuple(tuple(map(cell, row)) for row in rows), more)


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed model, explained."""

    title: Markdown
    cause: str
    emoji: Markdown
    findings: tuple[Finding, ...]
    more: int
    worst: Markdown | None
    blame: Markdown | None


@dataclass(frozen=True, slots=True)
class Fold:
    """Everything else of a model; `title` is for HTML."""

    title: Markdown
    facts: tuple[Markdown, ...]
    findings: tuple[Finding, ...]
    cases: Table | None
    benchmark: Table | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Median latencies in percent of the original framework's."""

    labels: Markdown
    values: Markdown
    base: Markdown
    top: Markdown


@dataclass(frozen=True, slots=True)
class View:
    """The whole comment."""

    headline: Markdown
    findings: tuple[Finding, ...]
    table: Table | None
    omitted: Markdown | None
    failures: tuple[Failure, ...]
    chart: Chart | None
    folds: tuple[Fold, ...]
    foot: Markdown


def view(report: Report, detail: Detail) -> View:
    """The report in this detail."""
    lines = ranked(report)
    bad = [line for line in lines if line.bad][: detail.rows]
    shown = [*bad, *(line for line in lines if not line.bad and detail.passed_rows)]
    omitted = len(lines) - len(shown)
    return View(
        headline=Markdown(f"{_EMOJI[report.conclusion]} {headline(report, code)}"),
        findings=_findings(report.diagnostics, detail),
        table=_overview(shown) if shown else None,
        omitted=Markdown(f"{counted(omitted, 'model')} not shown.") if omitted else None,
        failures=tuple(_failure(line, detail) for line in bad),
        chart=_chart(lines) if detail.chart else None,
        folds=tuple(
            _fold(line, detail) for line in shown if (detail.failed_details if line.bad else detail.passed_details)
        ),
        foot=_foot(report),
    )


def _foot(report: Report) -> Markdown:
    commit = f" at {code(report.commit[:10])}" if report.commit else ""
    base = next((row.comparison.baseline for row in report.models if row.comparison), None)
    against = f", changes against {code(base[:40])}" if base else ""
    machine = report.machine
    return Markdown(
        f"{code(report.spec)}{commit}{against} on {code(machine.cpu, 80)}, {counted(machine.cores, 'core')}, "
        f"in {numbers.duration(report.seconds)}, onnx-convert-action {code(report.tool.version, 40)}"
    )


def _findings(diagnostics: tuple[Diagnostic, ...], detail: Detail) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code=Markdown(one.code),
            severity=one.severity,
            message=prose(one.message, detail.text),
            place=code(place(one), 120) if one.file is not None else None,
            hint=prose(one.hint, detail.text) if one.hint and detail.hints else None,
        )
        for one in worst_first(diagnostics)[: detail.findings]
    )


def _overview(lines: list[Line]) -> Table:
    seen = Counter(result.provider for line in lines for result in line.row.benchmark)
    providers = [name for name, _ in seen.most_common() if name != NATIVE][: _COLUMNS - 1]
    providers += [NATIVE] if NATIVE in seen else []
    head = ["Model", "Status", "Opset", "Size", "Parity", *(code(name, 30) for name in providers)]
    return Table.of(head, 2, (_row(line, providers) for line in lines))


def _row(line: Line, providers: list[str]) -> list[str]:
    row = line.row
    results = {result.provider: result for result in row.benchmark}
    status = f"{EMOJI[row.status]} {line.cause or row.status}" + (" · cached" if row.cached else "")
    return [
        code(line.title, len(line.title)),
        status,
        _opset(row),
        _size(row),
        _parity(row.parity),
        *(_latency(row, results.get(provider)) for provider in providers),
    ]


def _opset(row: ModelReport) -> str:
    if not wrong_opset(row) or row.artifact is None:
        return str(row.opset or NONE)
    got = row.artifact.opsets.get("ai.onnx", row.artifact.opsets.get(""))
    return f"**{got}**, asked {row.opset}"


def _size(row: ModelReport) -> str:
    if row.artifact is None:
        return NONE
    ratio = row.comparison.size_ratio if row.comparison else None
    change = f"<br>{_whole(numbers.change(ratio))}" if ratio is not None else ""
    beside = f"<br>{_whole(numbers.times(row.variant_of.size_ratio))}" if row.variant_of else ""
    return _whole(numbers.size(row.artifact.bytes)) + change + beside


def _parity(parity: Parity | None) -> str:
    case = worst_case(parity) if parity else None
    if parity is None or parity.status == "skipped":
        return NONE
    if case is None or case.max_abs is None:
        return "✓" if parity.status == "passed" else "**not comparable**"
    text = _whole(numbers.decibels(case.sqnr_db)) if by_noise(parity) else numbers.error(case.max_abs)
    return text if parity.status == "passed" else f"**{text}**<br>{code(case.provider, 30)}"


def _latency(row: ModelReport, result: ProviderResult | None) -> str:
    if result is None:
        return NONE
    if result.latency_ms is None:
        return result.status
    against = compared(row, result.provider)
    text = _whole(numbers.latency(result.latency_ms.median))
    if beside := paired(row, result.provider):
        text += f"<br>{_whole(numbers.times(beside.ratio, beside.ci))}"
    if against is None:
        return text
    change = "" if against.ratio is None else _whole(numbers.change(against.ratio))
    said = " ".join(filter(None, (_VERDICTS[against.verdict], change, _whole(numbers.changes(against.ci)))))
    return f"{text}<br>{said}" if said else text


def _whole(number: str) -> str:
    """A number with its unit, which a narrow cell must not part."""
    return number.replace(" ", "\xa0").replace(",\xa0", ", ")


def _failure(line: Line, detail: Detail) -> Failure:
    row = line.row
    bad = tuple(one for one in row.diagnostics if one.severity != "note")
    parity = row.parity if row.parity and row.parity.status == "failed" else None
    case = worst_case(parity) if parity else None
    return Failure(
        title=code(line.title, len(line.title)),
        cause=line.cause or "",
        emoji=Markdown(EMOJI[row.status]),
        findings=_findings(bad, detail),
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


def _fold(line: Line, detail: Detail) -> Fold:
    row = line.row
    return Fold(
        title=Markdown(f"{EMOJI[row.status]} {html_code(line.title, len(line.title))}"),
        facts=tuple(_facts(row)),
        findings=() if line.bad else _findings(row.diagnostics, detail),
        cases=_cases(row.parity, detail.cases) if row.parity and row.parity.cases and detail.cases else None,
        benchmark=_benchmark(row) if row.benchmark else None,
    )


def _facts(row: ModelReport) -> Iterable[Markdown]:
    export, artifact = row.export, row.artifact
    if row.framework:
        versions = ", ".join(code(f"{name} {one}", 60) for name, one in (export.versions if export else {}).items())
        yield Markdown(f"From {code(row.framework, 30)}{f' with {versions}' if versions else ''}")
    if export:
        reason = f": {prose(export.reason, 300)}" if export.reason else ""
        yield Markdown(f"Exporter {code(export.exporter, 60)}{reason}")
        yield from (
            Markdown(f"Not kept: {code(one.exporter, 60)}: {prose(one.reason, 300)}") for one in export.attempts[:4]
        )
    if artifact:
        before = f", {artifact.nodes_before_simplify:,} before simplifying" if artifact.nodes_before_simplify else ""
        opsets = ", ".join(f"{name} {one}" for name, one in artifact.opsets.items())
        nodes = counted(artifact.nodes, "node")
        yield Markdown(f"{nodes}{before}, opsets {code(opsets)}, IR version {artifact.ir_version}")
        yield Markdown(f"SHA-256 {code(artifact.sha256, 64)}")
    if row.variant_of:
        yield from _variant(row.variant_of)
    if export and export.simplification and export.simplification.status == "undone":
        yield Markdown(f"Simplification by {export.simplification.simplifier} was undone")
    if row.parity and row.parity.status == "skipped":
        yield Markdown(f"Parity was not checked: {prose(row.parity.reason or 'no reason given', 300)}")


def _variant(variant: VariantOf) -> Iterable[Markdown]:
    yield Markdown(f"Lower precision: {counted(variant.weights, 'weight')}, {_counts(variant.operators)}")
    if variant.kept:
        yield Markdown(f"Still float32: {_counts(variant.kept)}")


def _counts(operators: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {code(name, 40)}" for name, count in operators.items())


def _cases(parity: Parity, limit: int) -> Table:
    worst = sorted(parity.cases, key=strain, reverse=True)
    head = ("Output", "Provider", "Dimensions", "", "Max abs", "Max rel", "SQNR dB", "Agreement", "Mismatched")
    rows = (
        (
            code(case.output, 60),
            code(case.provider, 30),
            code(shape_of(case.dims), 80),
            "✓" if case.passed else "✗",
            numbers.error(case.max_abs),
            numbers.error(case.max_rel),
            NONE if case.sqnr_db is None else f"{case.sqnr_db:.0f}",
            NONE if case.agreement is None else f"{case.agreement:.1%}",
            f"{case.mismatched:,} of {case.elements:,}" if case.reason is None else prose(case.reason, 120),
        )
        for case in worst[:limit]
    )
    return Table.of(head, 4, rows, max(0, len(worst) - limit))


def _benchmark(row: ModelReport) -> Table:
    native = native_median(row)
    head = ("Provider", "Ran on", "Median", "p90", "p99", "Speed-up", "Calls/s", "Load", "Peak memory")
    return Table.of(head, 2, (_measurement(one, native) for one in row.benchmark))


def _measurement(result: ProviderResult, native: float | None) -> tuple[str, ...]:
    found = result.latency_ms
    if found is None:
        return (code(result.provider, 30), f"{result.status}: {prose(result.reason or '', 200)}", *[NONE] * 7)
    ran = ", ".join(f"{code(name, 40)} {share:.0%}" for name, share in result.effective.items())
    return (
        code(result.provider, 30),
        ran or NONE,
        f"{_whole(numbers.latency(found.median))} {_whole(numbers.interval(found.median, found.ci95))}",
        _whole(numbers.latency(found.p90)),
        _whole(numbers.latency(found.p99)),
        NONE if native is None or result.provider == NATIVE else numbers.speed_up(native, found.median),
        NONE if result.throughput_per_s is None else f"{result.throughput_per_s:,.0f}",
        _whole(numbers.latency(result.load_ms)),
        _whole(numbers.size(result.peak_memory_bytes)),
    )


def _chart(lines: tuple[Line, ...]) -> Chart | None:
    """A bar a model and provider; None where nothing was measured beside the original framework."""
    bars = list(chain.from_iterable(_bars(line) for line in lines))[:_BARS]
    if not bars:
        return None
    top = max(120.0, *(value * 1.1 for _, value in bars))
    return Chart(
        labels=Markdown(", ".join(f'"{chart_label(label)}"' for label, _ in bars)),
        values=Markdown(", ".join(f"{value:.1f}" for _, value in bars)),
        base=Markdown(", ".join("100" for _ in bars)),
        top=Markdown(f"{top:.0f}"),
    )


def _bars(line: Line) -> Iterable[tuple[str, float]]:
    native = native_median(line.row)
    for provider, result in measured(line.row).items():
        if native and provider != NATIVE and result.latency_ms:
            percent = result.latency_ms.median / native * 100
            if 0 < percent < 1e6:
                yield f"{line.title} {provider}", percent
