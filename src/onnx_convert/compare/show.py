"""What was found out, for a person at a terminal: what differs, parity, latency with its distribution, the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from onnx_convert.compare.inputs import text
from onnx_convert.github.commands import neutralise
from onnx_convert.report import numbers
from onnx_convert.report.numbers import NONE
from onnx_convert.report.plot import distributions
from onnx_convert.report.text import one_line
from onnx_convert.report.verdict import errors, shape_of, worst_case, worst_first
from onnx_convert.report.versus import VERDICT_STYLE, latency_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, RenderableType

    from onnx_convert.compare.result import Result
    from onnx_convert.report.model import Artifact, Comparison, Diagnostic, ModelReport, Report

_SEVERITY = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_WIDEST = 100
_LISTED = 8


def show(report: Report, results: Sequence[Result], console: Console) -> None:
    """Print it. Folded to the width, a name may begin a line, where it could be a command: that is undone."""
    width = min(console.width, _WIDEST)
    with console.capture() as captured:
        for part in _parts(report, results, width):
            console.print(part)
    console.file.write(neutralise(captured.get()))


def _parts(report: Report, results: Sequence[Result], width: int) -> Iterator[RenderableType]:
    several = report.baseline is not None and report.baseline.kind == "folder"
    for result in results:
        if result.base and result.row.comparison and not several:
            yield _facts(result.row, result.base, result.row.comparison)
            yield ""
    compared = [result.row for result in results if result.row.comparison]
    if parity := [line for one in results for line in _parity(one, named=several)]:
        yield Group(*parity, "")
    latencies = [(row.name, one) for row in compared if row.comparison for one in row.comparison.latency]
    if latencies:
        yield latency_table(latencies)
        yield ""
    for row_name, one in latencies:
        if plot := distributions(one, width):
            yield Text(one_line(f"{row_name}, {one.provider}" if several else one.provider, 80), style="bold")
            yield plot
            yield ""
    for row in compared:
        for found in worst_first(row.diagnostics):
            yield _finding(found, one_line(row.name, 60) if several else "")
    for found in report.diagnostics:
        yield _finding(found, "")
    yield from _others(report, compared)
    yield _verdict(report, compared).append(f" in {numbers.duration(report.seconds)}", style="not bold default")


def _facts(row: ModelReport, base: Artifact, comparison: Comparison) -> Table:
    """What is known of both files, and where they differ."""
    head = row.artifact
    assert head
    table = Table.grid(padding=(0, 2, 0, 0))
    ratio = comparison.size_ratio or 1.0
    size = numbers.change(ratio) if abs(ratio - 1) >= 0.0005 else ""
    table.add_row("", Text("base", style="cyan"), Text("head", style="magenta"))
    table.add_row("file", Text(one_line(base.path, 60)), Text(one_line(head.path, 60)))
    table.add_row("size", numbers.size(base.bytes), f"{numbers.size(head.bytes)} {size}".rstrip())
    table.add_row("nodes", f"{base.nodes:,}", f"{head.nodes:,}")
    for name in sorted({*base.opsets, *head.opsets}):
        label = Text("opset" if name == "ai.onnx" else one_line(name, 30))
        table.add_row(label, str(base.opsets.get(name, NONE)), str(head.opsets.get(name, NONE)))
    for name, (before, after) in list(comparison.operators.items())[:_LISTED]:
        table.add_row(Text(one_line(name, 30)), f"{before:,}", f"{after:,}")
    if (more := len(comparison.operators) - _LISTED) > 0:
        table.add_row(f"and {more} more operators", "", "")
    return table


def _parity(result: Result, *, named: bool) -> Iterator[Text]:
    row, parity = result.row, result.row.parity
    if parity is None:
        return
    case = worst_case(parity)
    good = parity.status == "passed"
    line = Text.assemble(
        ("✓ " if good else "✗ ", "green" if good else "bold red"),
        f"{one_line(row.name, 60)}: " if named else "",
        f"parity {parity.status}",
    )
    if case:
        worst = case.reason or ", ".join(errors(parity, case))
        line.append(f": {one_line(case.output, 40)} on {case.provider}, {one_line(worst, 300)}")
    line.append(f" (rtol {parity.rtol:g}, atol {parity.atol:g})", style="dim")
    yield line
    if not named:
        sizes = dict.fromkeys(shape_of(case.dims) for case in parity.cases)
        inputs = ", ".join(f"{one.name} {text(one)}" for one in row.inputs[:_LISTED])
        chosen = f" ({', '.join(f'--dim {name}=SIZE' for name in result.chosen)} for others)" if result.chosen else ""
        at = f"{parity.samples} samples at {'; '.join(sizes)}{chosen}"
        yield Text(one_line(f"{inputs}; {at}", 400), style="dim")


def _finding(found: Diagnostic, name: str) -> RenderableType:
    lines = [Text.assemble((f"{found.severity} {found.code} ", _SEVERITY[found.severity]), name and f"{name}: ")]
    lines[0].append(one_line(found.message, 2000))
    if found.hint:
        lines.append(Text.assemble(("help: ", "cyan"), one_line(found.hint, 2000)))
    return Group(lines[0], *(Padding(line, (0, 0, 0, 2), expand=False) for line in lines[1:]))


def _others(report: Report, rows: Sequence[ModelReport]) -> Iterator[Text]:
    new = [row.name for row in rows if row.comparison and row.comparison.status == "new"]
    for what, names in (
        ("only in the head", new),
        ("only in the base", report.baseline.deleted if report.baseline else ()),
    ):
        if names:
            yield Text(f"{what}: {', '.join(one_line(name, 60) for name in names)}")


def _verdict(report: Report, rows: Sequence[ModelReport]) -> Text:
    """The worst news in a few words."""
    if report.conclusion == "failure":
        errors_ = (one for row in rows for one in row.diagnostics if one.severity == "error")
        reasons = dict.fromkeys(_REASONS.get(one.code, f"{one.code} was found") for one in errors_)
        return Text(f"✗ {', '.join(reasons)}", style="bold red")
    verdicts = {one.verdict for row in rows if row.comparison for one in row.comparison.latency}
    said = ", ".join(verdict for verdict in VERDICT_STYLE if verdict in verdicts) or "nothing to compare"
    open_ = "inconclusive" in verdicts
    return Text(f"{'?' if open_ else '✓'} {said}", style="bold yellow" if open_ else "bold green")


_REASONS = {
    "OCA501": "the results differ",
    "OCA601": "a provider is unavailable",
    "OCA602": "a provider failed",
    "OCA650": "slower beyond the limit",
    "OCA664": "a row cannot be compared",
}
