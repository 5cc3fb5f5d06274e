"""Progress while a run is going: a live table on a terminal, plain lines elsewhere, folds in a job's log.

Threads call it side by side. Everything goes to the error stream; what comes from models is made visible and cannot be
a workflow command.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING, Self, TextIO

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from onnx_convert.github.commands import endgroup, group, neutralise
from onnx_convert.report import numbers
from onnx_convert.report.against import brief, differences, kind, status, told, worst
from onnx_convert.report.terminal import STATUS_STYLE
from onnx_convert.report.text import one_line, visible_lines
from onnx_convert.report.verdict import SYMBOLS, counted, errors, measured, place, worst_case, worst_first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

    from onnx_convert.report.model import ModelReport

_LINE = 400


@dataclass(frozen=True, slots=True)
class _Doing:
    stage: str
    detail: str | None
    since: float


class LiveRun:
    """What is being done. A context manager; leaving it ends the live table and leaves the finished lines.

    It is live where the stream is a terminal and neither `CI` nor `GITHUB_ACTIONS` is set. Under GitHub Actions what
    was found out about a model is printed as one fold when it is finished: folds cannot interleave.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._lock = RLock()
        self._started = clock()
        self._doing: dict[str, _Doing] = {}
        self._stages: dict[str, list[str]] = {}
        self._folds = environ.get("GITHUB_ACTIONS") == "true"
        plain = bool(environ.get("CI")) or self._folds or not self._stream.isatty()
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

    def update(self, model: str, stage: str, detail: str | None = None) -> None:
        """A model is in a stage now; the same stage again only changes the detail."""
        with self._lock:
            before = self._doing.get(model)
            if before and before.stage == stage:
                self._doing[model] = _Doing(stage, detail, before.since)
                return
            self._close_stage(model)
            self._doing[model] = _Doing(stage, detail, self._clock())
            if not self._live:
                self._print(f"{model}: {stage}{f' {detail}' if detail else ''}")

    def finish(self, model: str, row: ModelReport) -> None:
        """A model is done and this is its row."""
        with self._lock:
            self._close_stage(model)
            stages = self._stages.pop(model, [])
            title = _title(model, row)
            if self._live:
                self._live.console.print(Text(title, style=STATUS_STYLE[row.status]), soft_wrap=True)
            elif self._folds:
                self._write(group(title), *map(_safe, _told(row, stages)), endgroup())
            else:
                self._print(title)

    def message(self, text: str) -> None:
        """Something worth a line of its own, such as an environment that is being built."""
        with self._lock:
            for line in visible_lines(text).splitlines():
                if self._live:
                    self._live.console.print(Text(line), soft_wrap=True)
                else:
                    self._print(line)

    def _close_stage(self, model: str) -> None:
        if done := self._doing.pop(model, None):
            took = numbers.duration(self._clock() - done.since)
            self._stages.setdefault(model, []).append(f"{done.stage}: {took}")

    def _print(self, line: str) -> None:
        self._write(_safe(f"[{self._clock() - self._started:7.1f} s] {line}"))

    def _write(self, *lines: str) -> None:
        self._stream.write("".join(f"{line}\n" for line in lines))
        self._stream.flush()

    def _table(self) -> Table:
        with self._lock:
            now = self._clock()
            table = Table.grid(padding=(0, 1))
            for model, doing in self._doing.items():
                table.add_row(
                    self._spinner,
                    Text(one_line(model, 60), style="bold"),
                    Text(doing.stage),
                    Text(one_line(doing.detail or "", 60), style="dim"),
                    Text(numbers.duration(now - doing.since), style="dim"),
                )
            return table


def _safe(text: str) -> str:
    return neutralise(one_line(text, _LINE))


def _title(model: str, row: ModelReport) -> str:
    took = "cached" if row.cached else numbers.duration(row.seconds)
    news = _news(row)
    return neutralise(
        f"{SYMBOLS[row.status]} {one_line(model, 120)}: {row.status} ({took}){f', {news}' if news else ''}"
    )


def _news(row: ModelReport) -> str:
    """What became of a row since the base, in a few words; empty where it was not compared."""
    if kind(row) in {"slower", "faster", "inconclusive"}:
        return ", ".join(f"{one_line(one.provider, 30)} {brief(one)}" for one in worst(row))
    return status(row)


def _told(row: ModelReport, stages: list[str]) -> Iterator[str]:
    """What a fold of the log says of a model."""
    yield from (f"done again: {reason}" for reason in row.not_cached)
    yield from stages
    if row.export:
        yield f"exporter {row.export.exporter}" + (f": {row.export.reason}" if row.export.reason else "")
    if row.artifact:
        yield f"opset {row.opset}, {numbers.size(row.artifact.bytes)}, {counted(row.artifact.nodes, 'node')}"
    case = worst_case(row.parity) if row.parity else None
    if row.parity and case:
        said = case.reason or ", ".join(errors(row.parity, case))
        yield f"parity {row.parity.status}, worst: {case.output} on {case.provider}: {said}"
    for provider, result in measured(row).items():
        if found := result.latency_ms:
            spread = numbers.interval(found.median, found.ci95)
            yield f"latency on {provider}: {numbers.latency(found.median)} {spread}"
    yield from _against(row)
    for one in worst_first(row.diagnostics):
        yield f"{one.severity} {one.code}: {one.message}" + (f" ({place(one)})" if one.file else "")
        if one.hint:
            yield f"  help: {one.hint}"


def _against(row: ModelReport) -> Iterator[str]:
    found = row.comparison
    if found is None:
        return
    base = f"against {found.baseline}{f' ({found.base})' if found.base else ''}"
    if what := status(row):
        yield f"{base}: {what}{f': {found.reason}' if found.reason else ''}"
    for one in differences(found):
        items = (" ".join(filter(None, (name, before and f"{before} →", now))) for name, before, now in one.items)
        yield f"{base}: {one.what.lower()} {', '.join(items)}"
    for latency in found.latency:
        reason = f" ({latency.reason})" if latency.reason else ""
        yield f"{base}: latency on {latency.provider} {' '.join(told(latency))}{reason}"
