"""The report on a terminal: a table of models and, below it, what was found. Imported by `run` only: Rich is slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from onnx_convert.github.commands import neutralise
from onnx_convert.report import numbers
from onnx_convert.report.against import base_name, brief, size_change, status
from onnx_convert.report.numbers import NONE
from onnx_convert.report.text import one_line
from onnx_convert.report.verdict import (
    NATIVE,
    SYMBOLS,
    TITLE_LIMIT,
    Line,
    compared,
    counted,
    errors,
    headline,
    native_median,
    paired,
    parted,
    place,
    ranked,
    worst_case,
    worst_first,
    wrong_opset,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console, RenderableType

    from onnx_convert.report.model import (
        Conclusion,
        Diagnostic,
        LatencyComparison,
        ModelReport,
        Parity,
        ProviderResult,
        Report,
        Severity,
        Status,
    )

STATUS_STYLE: dict[Status, str] = {"passed": "green", "failed": "bold red", "error": "bold red", "skipped": "dim"}
_SEVERITY_STYLE: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_CONCLUSION_STYLE: dict[Conclusion, str] = {"success": "bold green", "failure": "bold red", "neutral": "bold"}
_MESSAGE = 2_000
_NAMED = 10


def show(report: Report, console: Console) -> None:
    """Print the table. Folded to the width, a text of a model's may begin a line, where it could be a command."""
    with console.capture() as captured:
        console.print(summary_table(report))
    console.file.write(neutralise(captured.get()))


def summary_table(report: Report) -> RenderableType:
    """Everything a person at the terminal wants at the end: a row a model, the findings, the verdict last."""
    lines = ranked(report)
    shown, untouched = parted(lines)
    parts: list[RenderableType] = [_table(shown)] if shown else []
    parts += [Text(said, style="dim") for said in _apart(report, untouched)]
    if report.diagnostics:
        parts.append(_findings("", report.diagnostics))
    parts += [_findings(titles, found) for titles, found in _told_once(shown)]
    verdict = headline(report, took=f" in {numbers.duration(report.seconds)}")
    return Group(*parts, Text(verdict, style=_CONCLUSION_STYLE[report.conclusion]))


def _told_once(lines: Iterable[Line]) -> Iterator[tuple[str, tuple[Diagnostic, ...]]]:
    """The findings of the rows with their titles; rows of which the same was found share it."""
    titles: dict[tuple[Diagnostic, ...], list[str]] = {}
    for line in lines:
        if line.row.diagnostics:
            titles.setdefault(line.row.diagnostics, []).append(line.title)
    return ((_listed(named), found) for found, named in titles.items())


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _apart(report: Report, untouched: list[Line]) -> Iterator[str]:
    """What the table does not hold: rows that are as they were, and rows that are no more."""
    base = base_name(report)
    if untouched:
        found = sum(len(line.row.diagnostics) for line in untouched)
        where = f" ({counted(found, 'finding')} in report.html)" if found else ""
        yield f"✓ {counted(len(untouched), 'more model')} passed, identical to {base}{where}"
    if deleted := report.baseline.deleted if report.baseline else ():
        yield f"deleted since {base}: {_listed([one_line(name, TITLE_LIMIT) for name in deleted])}"


def _table(lines: Iterable[Line]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, show_lines=True, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("Model", overflow="fold", min_width=20)
    table.add_column("ONNX", no_wrap=True)
    table.add_column("Parity, max", overflow="fold", min_width=11, max_width=12)
    table.add_column("Latency", no_wrap=True, overflow="ellipsis")
    for line in lines:
        table.add_row(_model(line), _artifact(line.row), _parity(line.row.parity), _latencies(line.row))
    return table


def _model(line: Line) -> Text:
    row = line.row
    style = STATUS_STYLE[row.status]
    took = "cached" if row.cached else numbers.duration(row.seconds) if row.seconds else ""
    return Text("\n").join(
        (
            Text.assemble((f"{SYMBOLS[row.status]} ", style), (line.title, "bold")),
            Text(f"  {row.status}" + (f": {line.cause}" if line.cause else ""), style=style),
            *(Text(f"  {said}") for said in _news(row)),
            Text("  " + " ".join(filter(None, (one_line(row.framework or "", 40), took))), style="dim"),
        )
    )


def _news(row: ModelReport) -> Iterator[str]:
    """What the row is to the base, and its name there where that is another."""
    if what := status(row):
        yield what
    if was := row.comparison.base if row.comparison else None:
        yield f"was {one_line(was, TITLE_LIMIT)}"


def _artifact(row: ModelReport) -> Text:
    if row.artifact is None:
        return Text(f"opset {row.opset}" if row.opset else NONE, style="dim")
    artifact = row.artifact
    got = artifact.opsets.get("ai.onnx", artifact.opsets.get("", row.opset))
    wrong = wrong_opset(row)
    opset = Text(f"opset {got}" + (f", not {row.opset}" if wrong else ""), style="bold red" if wrong else "")
    before = f"{artifact.nodes_before_simplify:,}→" if artifact.nodes_before_simplify is not None else ""
    size = Text(numbers.size(artifact.bytes))
    if change := size_change(row.comparison):
        size.append(f" {change}", style="bold")
    if row.variant_of:
        size.append(f" {numbers.times(row.variant_of.size_ratio)}", style="dim")
    return Text("\n").join((opset, size, Text(f"{before}{counted(artifact.nodes, 'node')}")))


def _parity(parity: Parity | None) -> Text:
    if parity is None:
        return Text(NONE, style="dim")
    case = worst_case(parity)
    if parity.status == "skipped" or case is None:
        return Text(one_line(parity.reason or parity.status, 48), style="dim")
    style = "" if parity.status == "passed" else STATUS_STYLE["failed"]
    if case.max_abs is None:
        return Text(one_line(case.reason or "no numbers", 48), style=style)
    text = Text("\n".join(errors(parity, case)), style=style)
    if not case.passed:
        text.append(f"\n{one_line(case.output, 40)} on {one_line(case.provider, 20)}", style="default")
    return text


def _latencies(row: ModelReport) -> Text:
    """A line a provider: median, half its interval, how many times faster than native; below it the change.

    Where several legs measured, each one's lines stand below its own.
    """
    if not row.benchmark:
        return Text(NONE, style="dim")
    names = [one_line(result.provider, 16) for result in row.benchmark]
    width = max(map(len, names))
    lines: list[Text] = []
    several, leg = len({one.leg for one in row.benchmark}) > 1, None
    for name, result in sorted(zip(names, row.benchmark, strict=True), key=_place):
        if several and result.leg != leg:
            leg = result.leg
            lines.append(Text(f"on leg {leg}", style="dim"))
        beside = native_median(row, result) if result.provider != NATIVE else None
        lines.append(Text(f"{name:<{width}} ", style="dim" if beside is None else "").append(_latency(result, beside)))
        against = compared(row, result.provider)
        if against and against.verdict != "identical":
            lines.append(_change(against))
        if beside_base := paired(row, result.provider):
            lines.append(Text(f"  {numbers.times(beside_base.ratio, beside_base.ci)}", style="dim"))
    return Text("\n").join(lines)


def _place(named: tuple[str, ProviderResult]) -> tuple[int, bool]:
    result = named[1]
    return result.leg or 0, result.provider == NATIVE


def _latency(result: ProviderResult, native: float | None) -> Text:
    found = result.latency_ms
    if found is None:
        return Text(result.status, style="yellow")
    text = Text(f"{numbers.latency(found.median):>7} ").append(
        f"{numbers.interval(found.median, found.ci95):<7}", style="dim"
    )
    return text.append(f" {numbers.speed_up(native, found.median):>4}", style="bold") if native else text


def _change(against: LatencyComparison) -> Text:
    style = {"slower": "bold red", "faster": "green"}.get(against.verdict, "dim")
    return Text(f"  {brief(against)}", style=style)


def _findings(title: str, diagnostics: tuple[Diagnostic, ...]) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    for one in worst_first(diagnostics):
        grid.add_row(
            Text(one.severity, style=_SEVERITY_STYLE[one.severity]),
            Text(one.code, style="bold"),
            Text("\n").join(_explained(one)),
        )
    return Group(*([Text(title, style="bold")] if title else []), Padding(grid, (0, 0, 1, 2)))


def _explained(diagnostic: Diagnostic) -> Iterator[Text]:
    yield Text(one_line(diagnostic.message, _MESSAGE))
    if diagnostic.hint:
        yield Text.assemble(("help: ", "cyan"), one_line(diagnostic.hint, _MESSAGE))
    if where := place(diagnostic):
        yield Text(one_line(where, 300), style="dim")
