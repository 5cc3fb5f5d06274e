"""What stands folded in the comment: everything else of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.report import numbers
from onnx_convert.report.against import differences, hidden
from onnx_convert.report.gfm import Markdown, code, html_code, prose
from onnx_convert.report.markdown.values import Finding, Fold, Table, whole
from onnx_convert.report.mixture import mixture
from onnx_convert.report.numbers import NONE
from onnx_convert.report.verdict import (
    EMOJI,
    NATIVE,
    counted,
    label,
    native_median,
    place,
    shape_of,
    strain,
    worst_first,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from onnx_convert.report.against import Difference
    from onnx_convert.report.markdown.values import Detail
    from onnx_convert.report.model import (
        Comparison,
        Diagnostic,
        LatencyComparison,
        ModelReport,
        Parity,
        ProviderResult,
        VariantOf,
    )
    from onnx_convert.report.verdict import Line

_ITEMS = 12
"""Operators and opsets named of a difference."""


def fold(line: Line, detail: Detail) -> Fold:
    """A model in this detail."""
    row = line.row
    return Fold(
        title=Markdown(f"{EMOJI[row.status]} {html_code(line.title, len(line.title))}"),
        facts=tuple(_facts(row)),
        findings=() if line.bad else findings_of(row.diagnostics, detail),
        comparison=_latencies(row.comparison) if row.comparison and row.comparison.latency else None,
        cases=_cases(row.parity, detail.cases) if row.parity and row.parity.cases and detail.cases else None,
        benchmark=_benchmark(row) if row.benchmark else None,
    )


def remembering() -> Callable[[Line, Detail], Fold]:
    """`fold`, which does a model anew only where the detail differs in what a fold shows of it."""
    known: dict[tuple[object, ...], Fold] = {}

    def remembered(line: Line, detail: Detail) -> Fold:
        key = (id(line.row), detail.cases, detail.findings, detail.hints, detail.text)
        if key not in known:
            known[key] = fold(line, detail)
        return known[key]

    return remembered


def findings_of(diagnostics: tuple[Diagnostic, ...], detail: Detail) -> tuple[Finding, ...]:
    """The worst findings, as many as the detail allows."""
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


def _facts(row: ModelReport) -> Iterable[Markdown]:
    export, artifact = row.export, row.artifact
    if row.comparison:
        yield from _against(row.comparison)
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


def _against(found: Comparison) -> Iterable[Markdown]:
    base, was = code(found.baseline, 40), f", where it is {code(found.base, 120)}" if found.base else ""
    if found.status == "identical":
        yield Markdown(f"Identical to {base}{was}: the same file, so nothing was measured against it")
    elif found.status == "new":
        yield Markdown(f"New: {base} has no such model")
    elif found.status == "failed":
        yield Markdown(f"Not compared with {base}{was}: {prose(found.reason or 'no reason given', 300)}")
    else:
        changed = "; ".join(_difference(one) for one in differences(found)) or "no difference in size, graph and parity"
        yield Markdown(f"Against {base}{was}: {changed}")


def _difference(one: Difference) -> str:
    shown = ", ".join(_item(*item) for item in one.items[:_ITEMS])
    more = f" and {len(one.items) - _ITEMS} more" if len(one.items) > _ITEMS else ""
    return f"{one.what.lower()} {shown}{more}"


def _item(name: str, base: str, head: str) -> str:
    return " ".join(filter(None, (code(name, 40) if name else "", f"{base} → {head}" if base else head)))


def _latencies(found: Comparison) -> Table:
    head = ("Provider", "Against the base", "Change", "95 % interval", "Base", "Now", "Pairs")
    return Table.of(head, 2, map(_latency, found.latency))


def _latency(one: LatencyComparison) -> tuple[str, ...]:
    why = ": ".join(filter(None, (one.verdict, prose(one.reason, 200) if one.reason else hidden(one))))
    base, now = (numbers.latency(side.median if side else None) for side in (one.base_ms, one.head_ms))
    change = whole(numbers.change(one.ratio))
    pairs = NONE if one.pairs is None else f"{one.pairs:,}"
    return (code(one.provider, 30), why, change, whole(numbers.changes(one.ci)) or NONE, whole(base), whole(now), pairs)


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
    head = ("Provider", "Ran on", "Median", "p90", "p99", "Speed-up", "Calls/s", "Load", "Peak memory")
    return Table.of(head, 2, (_measurement(row, one) for one in row.benchmark))


def _measurement(row: ModelReport, result: ProviderResult) -> tuple[str, ...]:
    found, native = result.latency_ms, native_median(row, result)
    if found is None:
        return (code(label(row, result), 40), f"{result.status}: {prose(result.reason or '', 200)}", *[NONE] * 7)
    ran = ", ".join(f"{code(name, 40)} {whole(share)}" for name, share in mixture(result))
    return (
        code(label(row, result), 40),
        ran or NONE,
        f"{whole(numbers.latency(found.median))} {whole(numbers.interval(found.median, found.ci95))}",
        whole(numbers.latency(found.p90)),
        whole(numbers.latency(found.p99)),
        NONE if native is None or result.provider == NATIVE else numbers.speed_up(native, found.median),
        NONE if result.throughput_per_s is None else f"{result.throughput_per_s:,.0f}",
        whole(numbers.latency(result.load_ms)),
        whole(numbers.size(result.peak_memory_bytes)),
    )
