"""Two models beside each other on a terminal: a table of latencies, live while it is measured, and what was found."""

from __future__ import annotations

import sys
from threading import RLock
from typing import TYPE_CHECKING, Self, TextIO

from rich import box
from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from onnx_convert.github.commands import neutralise
from onnx_convert.report import numbers
from onnx_convert.report.numbers import NONE
from onnx_convert.report.text import one_line, visible_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from onnx_convert.report.model import Latency, LatencyComparison, Verdict
    from onnx_convert.stages.results import Progress

    Key = tuple[str, str]
    """A row and a provider."""

VERDICT_STYLE: dict[Verdict, str] = {  # the worst news first
    "slower": "bold red",
    "inconclusive": "yellow",
    "faster": "green",
    "unchanged": "",
    "identical": "dim",
}
_NAME, _PROVIDER = 40, 20


class LiveComparison:
    """The table while it grows. A context manager; leaving it ends the live table.

    It is live where the stream is a terminal and neither `CI` nor `GITHUB_ACTIONS` is set; elsewhere each stage that
    begins and each result is a line.
    """

    def __init__(self, environ: Mapping[str, str], *, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._lock = RLock()
        self._stages: dict[Key, str] = {}
        self._progress: dict[Key, Progress] = {}
        self._found: dict[Key, LatencyComparison] = {}
        plain = any(environ.get(name) for name in ("CI", "GITHUB_ACTIONS")) or not self._stream.isatty()
        self._spinner = Spinner("dots")
        console = Console(file=self._stream, highlight=False)
        self._live = None if plain else Live(get_renderable=self._table, console=console, transient=True)

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def message(self, text: str) -> None:
        """Something worth a line of its own, such as an environment that is being built."""
        with self._lock:
            for line in visible_lines(text).splitlines():
                self._print(line)

    def expect(self, keys: Sequence[Key]) -> None:
        """What is still to come, so that the table shows how far it is."""
        with self._lock:
            self._stages.update(dict.fromkeys(keys, ""))

    def begin(self, row: str, provider: str, stage: str) -> None:
        """A row's comparison on a provider enters a stage."""
        with self._lock:
            self._stages[row, provider] = stage
            self._progress.pop((row, provider), None)
            if not self._live:
                self._print(f"{row}: {stage} on {provider}")

    def progress(self, row: str, provider: str, progress: Progress) -> None:
        """A measurement has come this far."""
        with self._lock:
            self._progress[row, provider] = progress

    def finish(self, row: str, found: LatencyComparison) -> None:
        """A row is done on a provider."""
        with self._lock:
            self._found[row, found.provider] = found
            self._stages[row, found.provider] = ""
            if not self._live:
                change = "" if found.ratio is None else f" {numbers.change(found.ratio)} {numbers.changes(found.ci)}"
                self._print(f"{row}: {found.verdict} on {found.provider}{change}")

    def _print(self, line: str) -> None:
        if self._live:
            self._live.console.print(Text(line), soft_wrap=True)
        else:
            self._stream.write(neutralise(one_line(line, 400)) + "\n")
            self._stream.flush()

    def _table(self) -> Table:
        with self._lock:
            table = _columns(named=len({row for row, _ in self._stages}) > 1)
            for key, stage in self._stages.items():
                if key in self._found:
                    _add(table, key, latency_cells(self._found[key]))
                elif key in self._progress:
                    _add(table, key, _so_far(stage, self._progress[key], self._spinner))
                else:
                    _add(table, key, (NONE, NONE, NONE, _doing(stage, self._spinner) if stage else Text("waiting")))
            return table


Cells = tuple["Text | str", "Text | str", "Text | str", "Text | Table"]


def latency_table(found: Sequence[tuple[str, LatencyComparison]]) -> Table:
    """A line for each row and provider: medians, the change with its interval, the verdict."""
    table = _columns(named=len({row for row, _ in found}) > 1)
    for row, one in found:
        _add(table, (row, one.provider), latency_cells(one))
    return table


def latency_cells(found: LatencyComparison) -> Cells:
    """Base, head, change and verdict of one comparison."""
    verdict = Text(found.verdict, style=VERDICT_STYLE[found.verdict])
    if found.reason:
        verdict.append(f": {one_line(found.reason, 160)}", style="dim")
    return _median(found.base_ms), _median(found.head_ms), _change(found.ratio, found.ci), verdict


def _so_far(stage: str, progress: Progress, spinner: Spinner) -> Cells:
    said = stage if progress.verdict is None else f"{stage}: {progress.verdict} so far"
    took = "" if progress.seconds is None else f", {numbers.duration(progress.seconds)}"
    doing = _doing(f"{said}{took}", spinner)
    return (
        numbers.latency(progress.base),
        numbers.latency(progress.model),
        _change(progress.ratio, progress.ci),
        doing,
    )


def _doing(text: str, spinner: Spinner) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row(spinner, Text(text, style="dim"))
    return grid


def _median(latency: Latency | None) -> str:
    return NONE if latency is None else numbers.latency(latency.median)


def _change(ratio: float | None, ci: tuple[float, float] | None) -> Text:
    if ratio is None:
        return Text(NONE)
    return Text.assemble((numbers.change(ratio), "bold"), (f" {numbers.changes(ci)}" if ci else "", "dim"))


def _columns(*, named: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    if named:
        table.add_column("Model", overflow="fold", min_width=8)
    table.add_column("Provider", no_wrap=True)
    table.add_column("Base", no_wrap=True, justify="right")
    table.add_column("Head", no_wrap=True, justify="right")
    table.add_column("Change [95 %]", no_wrap=True)
    table.add_column("Verdict", overflow="fold")
    return table


def _add(table: Table, key: Key, cells: Cells) -> None:
    row, provider = Text(one_line(key[0], _NAME)), Text(one_line(key[1], _PROVIDER))
    names = (row, provider) if len(table.columns) == 6 else (provider,)
    table.add_row(*names, *cells)
