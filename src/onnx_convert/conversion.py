"""One side of a run: the rows of one spec, converted behind the fence. A head and its base are worked on alike."""

from __future__ import annotations

import traceback
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from onnx_convert.assemble import declared_files
from onnx_convert.stages.row import Made, convert
from onnx_convert.stages.values import Devices, Failed, Finding, Workplace
from onnx_convert.stages.variant import derive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from onnx_convert.admission import Admission, Expectations
    from onnx_convert.environments import Environment, Environments
    from onnx_convert.isolation import Fence, Limits, Outcome
    from onnx_convert.isolation.values import Hear
    from onnx_convert.output import OutputFolder
    from onnx_convert.plan import Family, Row
    from onnx_convert.spec.load import LoadedSpec
    from onnx_convert.stages.row import Announce

    Convert = Callable[..., Made]
    """Takes a row, its workplace, its folder and where to announce stages."""


@dataclass(slots=True)
class Spent:
    """What the jobs of one row have taken so far: seconds of all together, bytes of the one that took most.

    `reads` are the files of the repository that they were seen to read.
    """

    seconds: float = 0.0
    peak_bytes: int = 0
    reads: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _LoggedFence:
    """The fence as one row sees it: what its workers print is kept in the row's log, what they take is added up."""

    fence: Fence
    log: Path
    spent: Spent

    def run(
        self,
        environment: Environment,
        module: str,
        job: Mapping[str, Any],
        limits: Limits,
        hear: Hear | None = None,
    ) -> Outcome:
        outcome = self.fence.run(environment, module, job, limits, hear)
        self.spent.seconds += outcome.seconds
        self.spent.reads.update(outcome.reads)
        self.spent.peak_bytes = max(self.spent.peak_bytes, outcome.peak_memory_bytes)
        if outcome.log:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(f"== {module} ({outcome.seconds:.1f} s)\n{outcome.log.rstrip()}\n")
        return outcome


@dataclass(frozen=True, slots=True)
class Means:
    """What the sides of a run share. `threads` are those to measure with, `clock` gives seconds."""

    fence: Fence
    environments: Environments
    admission: Admission
    expectations: Expectations
    threads: int
    clock: Callable[[], float]
    devices: Devices = field(default_factory=Devices)


class Side:
    """Converts the rows of a spec. `logs` has a folder a row for what its workers print."""

    def __init__(
        self,
        loaded: LoadedSpec,
        output: OutputFolder,
        logs: Path,
        means: Means,
        announce: Callable[[str, str, str | None], None],
    ) -> None:
        self.loaded, self.output = loaded, output
        self.spent: dict[str, Spent] = defaultdict(Spent)
        self._logs, self._means, self._announce = logs, means, announce

    def convert(self, family: Family, folder: Path) -> list[Made]:
        """Convert a row and derive its variants from what became of it: there is one export for all of them.

        `folder` gets a folder a row for the files in between.
        """
        first, *variants = family
        made = [self._convert(first, folder / first.key, convert)]
        for row in variants:
            made.append(self._convert(row, folder / row.key, partial(derive, base=made[0])))
        return made

    def guarded(self, row: Row, before: Made, work: Callable[[], Made]) -> Made:
        """What the work made, with its seconds. Nothing that happens to one row may end the others."""
        begin = self._means.clock()
        try:
            made = work()
        except Exception:  # a fault of ours: it is kept for the report and shown to nobody
            trace = self._logs / row.key / "trace.txt"
            trace.write_text(traceback.format_exc(), "utf-8")
            message = f"onnx-convert failed on this model; the trace is in {self._logs.name}/{row.key}/trace.txt"
            made = replace(before, findings=(*before.findings, Finding("OCA903", message, gate="convert")))
        return replace(made, seconds=before.seconds + self._means.clock() - begin)

    def close(self) -> None:
        """End every process of the run."""
        self._means.fence.close()

    def workplace(self, row: Row) -> Workplace:
        """Where the stages of a row work."""
        logged = _LoggedFence(self._means.fence, self._logs / row.key / "log.txt", self.spent[row.key])
        means = self._means
        return Workplace(logged, means.environments, self.loaded.root, self.loaded.folder, means.threads, means.devices)

    def announce(self, row: Row) -> Announce:
        """Where the stages of a row are announced."""
        return partial(self._announce, row.key)

    def _convert(self, row: Row, folder: Path, stage: Convert) -> Made:
        def stages() -> Made:
            folder.mkdir(parents=True)
            return stage(row, workplace=self.workplace(row), folder=folder, announce=self.announce(row))

        self.output.clear(row)
        (self._logs / row.key).mkdir(parents=True, exist_ok=True)
        waits = partial(self._announce, row.key, "wait", "for memory")
        with self._means.admission.room(self._expectation(row), waits):
            made = self.guarded(row, Made(row, Failed()), stages)
        if peak := self.spent[row.key].peak_bytes:
            self._means.expectations.learn(row.framework_name or "", row.name, peak)
        return made

    def _expectation(self, row: Row) -> Callable[[], int]:
        size = 0
        with suppress(OSError):  # a file that cannot be read is the export's to name
            files = (self.loaded.root / name for name in declared_files(self.loaded, row))
            size = sum(file.stat().st_size for file in files)
        expect = self._means.expectations.expect
        return lambda: expect(row.framework_name or "", row.name, size, row.model.memory)
