"""The base as a run comes to know it: its rows recognised, taken from the cache or its folder, or converted."""

from __future__ import annotations

import traceback
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from onnx_convert import assemble
from onnx_convert.baseline.folder import artifact_of
from onnx_convert.baseline.match import Matcher, Subject
from onnx_convert.baseline.values import CommitBase, FolderBase, NoBase
from onnx_convert.cache import file_digest, key_of
from onnx_convert.conversion import Side
from onnx_convert.diagnostics import diagnose
from onnx_convert.gates import comparison_findings, severity
from onnx_convert.output import LOGS, OutputFolder
from onnx_convert.plan import families, make_plan
from onnx_convert.report.model import Baseline, Comparison, ModelReport
from onnx_convert.stages.values import Counterpart, Exported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from onnx_convert.baseline.values import Base
    from onnx_convert.cache import Entry
    from onnx_convert.conversion import Means
    from onnx_convert.kept import KeptRows
    from onnx_convert.plan import Family, Row
    from onnx_convert.report.model import Diagnostic
    from onnx_convert.spec.load import LoadedSpec
    from onnx_convert.stages.row import Made


def opposite_of(base: Base | None, loaded: LoadedSpec, kept: KeptRows | None, *, benchmark: bool) -> Opposite | Nothing:
    """What the rows of a run are compared with; with `benchmark`, they are measured."""
    if base is None or isinstance(base, NoBase):
        return Nothing(base)
    return Opposite(base, loaded, kept, benchmark=benchmark)


class Nothing:
    """A run without a base; where one was asked for, with the reason."""

    identity = None

    def __init__(self, missing: NoBase | None) -> None:
        self._missing = missing

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is to be said of the base in the report of the run."""
        return (diagnose("OCA640", f"compared with nothing: {self._missing.reason}"),) if self._missing else ()

    def settle(self, made: Made) -> Made:
        """A converted row, as it is."""
        return made

    def settle_kept(self, _row: Row, entry: Entry) -> Entry:
        """A row of the cache, as it is."""
        return entry

    def due(self, _unsettled: Iterable[Made]) -> list[Callable[[], None]]:
        """Nothing."""
        return []

    def prepare(self, *_: object) -> None:
        """Nothing has to be prepared."""

    def told(self, _rows: Iterable[ModelReport], *, complete: bool) -> Baseline | None:
        """The base in the report: why there is none, where one was asked for."""
        missing = self._missing
        return Baseline(name=missing.name, kind="commit", reason=missing.reason) if missing else None


class Opposite:
    """What the rows of a run are compared with."""

    diagnostics: tuple[Diagnostic, ...] = ()

    def __init__(
        self, base: CommitBase | FolderBase, loaded: LoadedSpec, kept: KeptRows | None, *, benchmark: bool
    ) -> None:
        self.base = base
        self._head, self._kept, self._benchmark = loaded, kept, benchmark
        self._side: Side | None = None
        self._folder: Path | None = None
        self._rows = {row.key: row for row in base.rows} if isinstance(base, CommitBase) else {}
        self._matcher = Matcher(loaded, [row.key for row in make_plan(loaded)], base, self._find)
        self._subjects: dict[str, Subject] = {}
        self._begun: set[str] = set()
        self._asked_by: dict[str, str] = {}  # by a row of the base, the row of the head that it is converted for

    @property
    def identity(self) -> str:
        """What decides what a comparison with this base gives."""
        if isinstance(self.base, CommitBase):
            return self.base.commit
        return key_of(self.base.report.model_dump(mode="json"))

    def prepare(self, means: Means, work: Path, logs: Path, update: Callable[[str, str, str | None], None]) -> None:
        """Where rows of the base are converted: below `work`, their logs below `logs`; `update` is told of stages."""
        if isinstance(self.base, CommitBase):

            def announce(key: str, stage: str, detail: str | None) -> None:
                update(self._asked_by[key], "baseline", " ".join(filter(None, (stage, detail))))

            self._folder = work / "base-rows"
            self._side = Side(self.base.loaded, OutputFolder(work / "base"), logs / LOGS, means, announce)

    def settle(self, made: Made) -> Made | None:
        """A converted row with what it is against the base; None where rows of the base have to be converted first."""
        try:
            return self._settle(made)
        except OSError as error:
            failed = Comparison(baseline=self.base.name, status="failed", reason=f"its files cannot be read: {error}")
            return replace(made, comparison=failed)

    def _settle(self, made: Made) -> Made | None:
        if made.simplified is None or not isinstance(made.exported, Exported):
            return made
        key = made.row.key
        if key not in self._subjects:
            file = made.simplified.file
            digests = tuple(file_digest(path) for path in (file.path, *file.data))
            self._subjects[key] = Subject(made.row, frozenset(made.exported.reads), digests, self._providers(made.row))
        settled = self._matcher.settle(self._subjects[key])
        if settled is None:
            return None
        took = settled.counterpart.seconds if settled.counterpart else 0.0
        seconds = made.seconds + took
        return replace(made, comparison=settled.comparison, counterpart=settled.counterpart, seconds=seconds)

    def settle_kept(self, row: Row, entry: Entry) -> Entry | None:
        """A row of the cache with what it is against the base, if that takes neither a conversion nor a measurement."""
        if entry.row.artifact is None:
            return entry
        digests = _digests(entry)
        settled = self._matcher.settle(Subject(row, entry.reads, digests, self._providers(row)))
        if settled is None or settled.comparison.status == "compared":
            return None
        said = (
            assemble.place(self._head, row, one, severity(one, self._head.spec.gates))
            for one in comparison_findings(settled.comparison, self._head.spec.gates)
        )
        known = {"comparison": settled.comparison, "diagnostics": (*entry.row.diagnostics, *said)}
        return replace(entry, row=entry.row.model_copy(update=known))

    def due(self, unsettled: Iterable[Made]) -> list[Callable[[], None]]:
        """What has to be converted of the base for these rows and was not begun yet; each call converts a family."""
        for made in unsettled:
            for key in self._matcher.wanted(self._subjects[made.row.key]):
                self._asked_by.setdefault(key, made.row.key)
        found = [
            family
            for family in families(tuple(self._rows.values()))
            if family[0].key not in self._begun and any(row.key in self._asked_by for row in family)
        ]
        for family in found:
            self._begun.add(family[0].key)
            for row in family:
                self._asked_by.setdefault(row.key, self._asked_by.get(family[0].key, row.key))
        return [partial(self._convert, family) for family in found]

    def _convert(self, family: Family) -> None:
        """Convert a family of the base. Whatever happens, each of its rows is known afterwards."""
        assert self._side
        assert self._folder
        side = self._side
        try:
            made = {one.row.key: one for one in side.convert(family, self._folder)}
        except Exception:  # a fault of ours: told of each row below, and shown to nobody
            made = {}
        for row in family:
            try:
                self._matcher.learn(self._assembled(made[row.key], side))
            except Exception:  # as above; what waits for this row must not wait for ever
                self._matcher.learn(_lost(row.key, row.framework_name, traceback.format_exc(limit=0).strip()))

    def told(self, rows: Iterable[ModelReport], *, complete: bool) -> Baseline:
        """The base in the report of these rows; what was deleted can only be told of all rows of the head."""
        deleted = self._matcher.deleted(rows) if complete else ()
        if isinstance(self.base, CommitBase):
            return Baseline(name=self.base.name, kind="commit", commit=self.base.commit, deleted=deleted)
        return Baseline(name=self.base.name, kind="folder", deleted=deleted)

    def _providers(self, row: Row) -> tuple[str, ...]:
        return row.model.benchmark.providers if self._benchmark and row.model.benchmark else ()

    def _find(self, key: str) -> Counterpart | None:
        if isinstance(self.base, FolderBase):
            return self._in_folder(self.base, key)
        row = self._rows[key]
        if self._kept is None or row.obstacle:
            return None
        for measured in (False, True):
            entry = self._kept.find(self.base.loaded, row, measured=measured)
            if entry and entry.row.artifact:
                return Counterpart(entry.row, _files(entry), _digests(entry))
        failed = self._kept.find_failed(self.base.loaded, row, self.base.commit)
        return Counterpart(failed, reason=_reason(failed)) if failed else None

    @staticmethod
    def _in_folder(base: FolderBase, key: str) -> Counterpart:
        row = next(row for row in base.report.models if row.name == key)
        found = artifact_of(base, row)
        if isinstance(found, str):
            return Counterpart(row, reason=found)
        model, data = found
        return Counterpart(row, (model, *data), tuple(file_digest(path) for path in (model, *data)))

    def _assembled(self, made: Made, side: Side) -> Counterpart:
        """A converted row of the base as an output folder of its own would have it; it is kept for the next run."""
        assert isinstance(self.base, CommitBase)
        report = assemble.assemble(side.loaded, made, side.output, self.base.commit)
        spent = side.spent[made.row.key]
        report = report.model_copy(
            update={"worker_seconds": round(spent.seconds, 3), "peak_memory_bytes": spent.peak_bytes or None}
        )
        files = side.output.models / made.row.key
        if report.artifact is None or not isinstance(made.exported, Exported):
            if self._kept and report.status == "error":
                self._kept.store_failed(side.loaded, made.row, self.base.commit, report, files)
            return Counterpart(report, reason=_reason(report), seconds=made.seconds, worker_seconds=spent.seconds)
        if self._kept:
            reads = {*made.exported.reads, *spent.reads}
            self._kept.store(side.loaded, made.row, reads, report, files, measured=False)
        paths = (report.artifact.path, *report.artifact.external_data)
        whole = tuple(side.output.root / path for path in paths)
        digests = tuple(file_digest(path) for path in whole)
        return Counterpart(report, whole, digests, None, made.seconds, spent.seconds)


def _files(entry: Entry) -> tuple[Path, ...]:
    """The ONNX file of a row of the cache and its external data."""
    assert entry.row.artifact
    paths = (entry.row.artifact.path, *entry.row.artifact.external_data)
    return tuple(entry.files / path.rpartition("/")[2] for path in paths)


def _digests(entry: Entry) -> tuple[str, ...]:
    """Their digests, by which they were verified when they were found."""
    return tuple(entry.digests[path.name] for path in _files(entry))


def _reason(failed: ModelReport) -> str:
    return next((one.message for one in failed.diagnostics), "it was not converted")


def _lost(key: str, framework: str | None, reason: str) -> Counterpart:
    return Counterpart(ModelReport(name=key, framework=framework, opset=None, status="error"), reason=reason)
