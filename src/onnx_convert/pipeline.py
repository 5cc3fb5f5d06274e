"""A run: what runs beside what, and what is kept when something fails.

Conversions run side by side, as many as there are jobs and as the memory goes, in threads that wait for processes.
Measurements come after the last conversion and one after the other, so that nothing disturbs them. A row that fails
ends alone.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from onnx_convert import __version__, assemble, conditions, machine, memory
from onnx_convert.admission import Admission, Expectations
from onnx_convert.baseline.opposite import opposite_of
from onnx_convert.cache import ResultCache
from onnx_convert.cache.store import DEFAULT_BYTES
from onnx_convert.conversion import Means, Side
from onnx_convert.engines import Engines
from onnx_convert.environments import Environments
from onnx_convert.gates import conclude
from onnx_convert.isolation import Fence
from onnx_convert.kept import KeptRows
from onnx_convert.measurement import Measuring
from onnx_convert.output import LOGS, OutputFolder
from onnx_convert.plan import families
from onnx_convert.report.model import Report, Tool
from onnx_convert.report.write import write_json
from onnx_convert.reuse import Reuse
from onnx_convert.stages.values import Devices, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from onnx_convert.baseline.values import Base
    from onnx_convert.conditions import Sample
    from onnx_convert.plan import Family, Row
    from onnx_convert.report.model import Diagnostic, Machine, ModelReport, ProviderResult, Shard
    from onnx_convert.spec.load import LoadedSpec
    from onnx_convert.stages.row import Made


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller of a run decides.

    `jobs` conversions run side by side; without a folder for `results` nothing is reused; `everything` is false where
    only some of the spec's models are in the plan; those of a `shard` are a part of all that are done.
    """

    out: Path
    environments: Path
    results: Path | None
    everything: bool = True
    jobs: int = 2
    benchmark: bool = True
    shard: Shard | None = None
    results_bytes: int = DEFAULT_BYTES


@dataclass(frozen=True, slots=True)
class Edges:
    """The world around a run."""

    environ: Mapping[str, str]
    machine: Machine
    commit: str | None
    memory: Callable[[], int | None] = memory.available
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic
    sample: Callable[[], Sample] = conditions.sample
    load: Callable[[], float | None] = conditions.load_average


class Listener(Protocol):
    """Who watches a run. Called from several threads."""

    def message(self, text: str) -> None:
        """Something about the run, such as an environment being built."""

    def update(self, model: str, stage: str, detail: str | None = None) -> None:
        """A row entered a stage."""

    def finish(self, model: str, row: ModelReport) -> None:
        """A row is done."""


class Run:
    """One run of a plan. Raises OSError before any work is done.

    The report on disk has every row from the beginning, each as far as it is known: a run may be killed at any moment.
    """

    def __init__(
        self,
        loaded: LoadedSpec,
        rows: tuple[Row, ...],
        options: Options,
        edges: Edges,
        listener: Listener,
        base: Base | None = None,
    ) -> None:
        self._loaded, self._rows, self._options, self._edges, self._listener = loaded, rows, options, edges, listener
        self._output = OutputFolder(options.out)
        self._environments = Environments(options.environments, environ=edges.environ, say=listener.message)
        identity = machine.identity(edges.machine)
        cache = ResultCache(options.results, options.results_bytes) if options.results else None
        kept = KeptRows(cache, self._environments, identity) if cache else None
        self._opposite = opposite_of(base, loaded, kept, benchmark=options.benchmark)
        self._reuse = Reuse(kept, self._opposite, loaded, self._output, measured=options.benchmark)
        self._started, self._began = edges.now(), edges.clock()
        missed = Finding("OCA902", "this model was not done when this report was written")
        self._known = {row.key: assemble.skipped(loaded, row, missed) for row in rows}
        self._done: set[str] = set()
        self._warnings: tuple[Diagnostic, ...] = ()
        self._machine, self._load = edges.machine, edges.load()
        self._interrupted = False

    def begin(self) -> Report:
        """Write the report of a run of which nothing is done, and remove what an earlier one said. Raises OSError."""
        self._save()
        self._output.begin()
        return self._report(complete=False)

    def execute(self) -> Report:
        """Convert, compare and measure every row. An interrupt leaves in the report what is known of each."""
        with self._reuse.in_use():
            self._execute()
        for row in self._rows:
            if row.key not in self._done:
                self._listener.finish(row.key, self._known[row.key])
        return self._report(complete=True)

    def _execute(self) -> None:
        try:
            self.begin()
            shutil.rmtree(self._options.out / LOGS, ignore_errors=True)
            if self._options.everything:
                self._output.forget_others([row.key for row in self._rows])
            todo = [family for family in families(self._rows) if not self._taken(family)]
            self._save()
            if todo:
                self._work(todo)
        except KeyboardInterrupt:
            self._interrupted = True

    def _engines(self) -> Engines | None:
        """Where engines are kept for the next run; nowhere where nothing is reused."""
        return Engines(self._options.environments / "engines") if self._options.results else None

    def _work(self, todo: list[Family]) -> None:
        with ExitStack() as stack:
            work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onnx-convert-")))
            work.chmod(0o711)
            fence = stack.enter_context(Fence(work / "jobs", environ=self._edges.environ, repository=self._loaded.root))
            admission, threads = Admission(self._edges.memory), machine.threads(self._edges.machine)
            devices = Devices(gpus=self._edges.machine.gpus, engines=self._engines())
            means = Means(fence, self._environments, admission, Expectations(), threads, self._edges.clock, devices)
            side = Side(self._loaded, self._output, self._output.models, means, self._listener.update)
            self._opposite.prepare(means, work, self._output.root, self._listener.update)
            try:
                waiting = self._convert_all(todo, side, work)
                self._machine = self._machine.model_copy(update={"versions": self._environments.versions("onnx")})
                measuring = Measuring(side, self._machine, self._edges.sample, self._load, work / "bases")
                for made in waiting:
                    self._conclude(self._measure(made, measuring, side), side)
            finally:
                fence.close()
                self._warnings = fence.warnings

    def _convert_all(self, todo: list[Family], side: Side, work: Path) -> list[Made]:
        """Convert every row, and of the base what it takes to say what each is against it.

        Those to be measured come back, in the plan's order; the others are done.
        """
        waiting: list[Made] = []
        unsettled: list[Made] = []
        with ThreadPoolExecutor(max_workers=self._options.jobs, thread_name_prefix="row") as pool:
            running: set[Future[list[Made] | None]]
            running = {pool.submit(side.convert, family, work / "rows") for family in todo}
            try:
                while running:
                    ended, running = wait(running, return_when=FIRST_COMPLETED)
                    ended_rows = [made for future in ended for made in future.result() or ()]
                    unsettled = self._settle([*unsettled, *ended_rows], waiting, side)
                    running |= {pool.submit(convert_base) for convert_base in self._opposite.due(unsettled)}
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                side.close()
                raise
        order = {row.key: position for position, row in enumerate(self._rows)}
        return sorted(waiting, key=lambda made: order[made.row.key])

    def _settle(self, rows: list[Made], waiting: list[Made], side: Side) -> list[Made]:
        """Conclude the rows of which it is known what they are against the base; those to be measured come to wait.

        The others come back.
        """
        unsettled = []
        for before in rows:
            made = self._opposite.settle(before)
            if made is None:
                unsettled.append(before)
                if self._known[before.row.key].artifact is None:
                    self._keep(before, side)
            elif self._options.benchmark and made.row.model.benchmark and made.simplified:
                waiting.append(made)
                self._keep(made, side)
            else:
                self._conclude(made, side)
        return unsettled

    def _measure(self, made: Made, measuring: Measuring, side: Side) -> Made:
        native = self._native(made.derived.model) if made.derived else None
        measured = measuring.measure(made, native, lambda known: self._keep(known, side))
        self._machine = measuring.machine
        return measured

    def _native(self, key: str) -> ProviderResult | None:
        """The original framework as it was measured for a row of this run."""
        return next((one for one in self._known[key].benchmark if one.provider == "native"), None)

    def _assembled(self, made: Made, side: Side) -> ModelReport:
        spent, placed = side.spent[made.row.key], self._known[made.row.key].artifact
        others = made.counterpart.worker_seconds if made.counterpart else 0.0
        return assemble.assemble(self._loaded, made, self._output, self._edges.commit, placed).model_copy(
            update={
                "worker_seconds": round(spent.seconds + others, 3),
                "peak_memory_bytes": spent.peak_bytes or None,
                "not_cached": self._reuse.why.get(made.row.key, ()),
            }
        )

    def _keep(self, made: Made, side: Side) -> None:
        """Put into the report what is known of a row that is still to be measured, or in the middle of it."""
        self._known[made.row.key] = assemble.unfinished(self._loaded, made.row, self._assembled(made, side))
        self._save()

    def _conclude(self, made: Made, side: Side) -> None:
        report = self._assembled(made, side)
        self._reuse.keep(made, report, side.spent[made.row.key].reads)
        self._finish(made.row, report)

    def _taken(self, family: Family) -> bool:
        """Whether a whole family was taken from the cache."""
        taken = self._reuse.take(family)
        for row, report in taken:
            self._take(row, report)
        return bool(taken)

    def _finish(self, row: Row, report: ModelReport) -> None:
        self._take(row, report)
        self._save()

    def _take(self, row: Row, report: ModelReport) -> None:
        self._known[row.key] = report
        self._done.add(row.key)
        self._listener.finish(row.key, report)

    def _save(self) -> None:
        write_json(self._report(complete=False), self._output.root)

    def _report(self, *, complete: bool) -> Report:
        rows = tuple(self._known.values())
        complete = complete and not self._interrupted
        whole = self._options.everything or self._options.shard is not None
        return Report(
            tool=Tool(version=__version__),
            conclusion=conclude(rows, complete=complete),
            complete=complete,
            machine=self._machine,
            spec=self._loaded.file,
            commit=self._edges.commit,
            started=self._started.isoformat(timespec="seconds"),
            seconds=round(self._edges.clock() - self._began, 3),
            fail_on=self._loaded.spec.gates.fail_on,
            max_latency_increase=self._loaded.spec.gates.max_latency_increase,
            max_size_increase=self._loaded.spec.gates.max_size_increase,
            baseline=self._opposite.told(rows, complete=complete and whole),
            shard=self._options.shard,
            diagnostics=(*self._warnings, *self._opposite.diagnostics, *self._reuse.diagnostics),
            models=rows,
        )
