"""Why each row was or was not done again, as a table on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from onnx_convert.github.commands import neutralise
from onnx_convert.report.text import one_line
from onnx_convert.report.verdict import TITLE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx_convert.report.model import ModelReport, Report

_REASONS = 6
_LINE = 300


def show_cache(report: Report, *, looked: bool, console: Console | None = None) -> None:
    """Print the table; where nothing was `looked` up, that is the reason of every row."""
    console = console or Console()
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("Model", overflow="fold", min_width=20)
    table.add_column("Cache", no_wrap=True)
    table.add_column("Why", overflow="fold")
    for row in report.models:
        reasons = list(_reasons(row)) if looked else ["--no-cache"]
        found = Text("used", style="green") if row.cached else Text("done again" if row.artifact else "not used")
        table.add_row(Text(one_line(row.name, TITLE_LIMIT)), found, Text("\n".join(reasons)))
    with console.capture() as captured:
        console.print(table)
        console.print()
    console.file.write(neutralise(captured.get()))


def _reasons(row: ModelReport) -> Iterator[str]:
    if row.cached:
        yield "nothing changed that it depends on"
        return
    for reason in row.not_cached[:_REASONS]:
        yield one_line(reason, _LINE)
    if len(row.not_cached) > _REASONS:
        yield f"and {len(row.not_cached) - _REASONS} more"
    if not row.not_cached:
        yield "it was not looked for: it was not done"
