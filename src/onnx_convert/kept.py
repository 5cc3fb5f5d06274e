"""Rows as the result cache keeps them: alone, and compared with a base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onnx_convert import __version__, assemble
from onnx_convert.cache import tool_digest
from onnx_convert.runtimes.registry import environment_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractContextManager
    from pathlib import Path

    from onnx_convert.cache import Entry, ResultCache
    from onnx_convert.environments import Environments
    from onnx_convert.plan import Row
    from onnx_convert.report.model import Diagnostic, ModelReport
    from onnx_convert.spec.load import LoadedSpec

MOST_READS = 10_000
"""Files that a worker tells of (`workers.process.reads`). Whoever read more is not known to have read no others."""

_OF_THE_MODEL = "OCA100"
"""Codes below are of the environment, the fence, or a limit: the next run may have better luck."""


class KeptRows:
    """The result cache, asked for rows. A row that was compared is found only with the base it was compared with.

    `machine` is what a measurement depends on, as JSON values.
    """

    def __init__(self, cache: ResultCache, environments: Environments, machine: Any) -> None:
        self._cache, self._environments, self._machine = cache, environments, machine
        self._digests: dict[tuple[str, Path | None], str] = {}

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is to be said of the cache."""
        return self._cache.diagnostics

    def in_use(self) -> AbstractContextManager[None]:
        """While it is used no other run makes room in it."""
        return self._cache.in_use()

    def find(self, loaded: LoadedSpec, row: Row, *, measured: bool, against: str | None = None) -> Entry | None:
        """A row whose files are as they were: alone, or compared with the base that `against` identifies."""
        if row.framework is None:
            return None
        return self._cache.find(row.key, self._key(loaded, row, measured, against), loaded.root)

    def why_not(self, loaded: LoadedSpec, row: Row, *, measured: bool) -> tuple[str, ...]:
        """Why a row is not found alone: what differs from the nearest one that is kept."""
        if row.framework is None:
            return ()
        return self._cache.why_not(row.key, self._key(loaded, row, measured, None), loaded.root)

    def store(
        self,
        loaded: LoadedSpec,
        row: Row,
        reads: Collection[str],
        report: ModelReport,
        files: Path,
        *,
        measured: bool,
        against: str | None = None,
    ) -> None:
        """Keep a row that is well, with the folder of its files; as compared too, where it was measured for that.

        A comparison without a verdict is not kept: who runs it again wants one. Neither is a row that read too much
        for all of it to be known.
        """
        if len(reads) >= MOST_READS:
            return
        reads = {*reads, *assemble.declared_files(loaded, row)}
        if against and _decided(report) and _well(report):
            self._cache.store(self._key(loaded, row, measured, against), loaded.root, reads, report, files)
        alone = assemble.without_comparison(report)
        if _well(alone):
            self._cache.store(self._key(loaded, row, measured, None), loaded.root, reads, alone, files)

    def find_failed(self, loaded: LoadedSpec, row: Row, commit: str) -> ModelReport | None:
        """A row of a commit that could not be converted, less than a day ago."""
        if row.framework is None:
            return None
        found = self._cache.find(row.key, self._failed_key(loaded, row, commit), loaded.root)
        return found.row if found else None

    def store_failed(self, loaded: LoadedSpec, row: Row, commit: str, report: ModelReport, files: Path) -> None:
        """Keep that a row of a commit could not be converted, unless something around the model may be the reason."""
        around = any(one.severity == "error" and one.code < _OF_THE_MODEL for one in report.diagnostics)
        if row.framework is not None and report.diagnostics and not around:
            self._cache.store(self._failed_key(loaded, row, commit), loaded.root, (), report, files)

    def _failed_key(self, loaded: LoadedSpec, row: Row, commit: str) -> dict[str, Any]:
        return self._key(loaded, row, measured=False, against=None) | {"failed at": commit}

    def _key(self, loaded: LoadedSpec, row: Row, measured: bool, against: str | None) -> dict[str, Any]:
        """What decides what becomes of a row, but for the files that it reads; `cache.why` tells differences of it."""
        assert row.framework is not None
        measured = bool(measured and row.model.benchmark)
        added = {name: loaded.folder / text for name, text in row.model.provider_requirements.items()}
        listed = row.model.benchmark.providers if row.model.benchmark else ()
        environments = {"onnx for the file": None, row.framework.environment: row.requirements}
        environments |= {f"{environment_of(one)} for {one}": added.get(one) for one in listed}
        return {
            "tool": [__version__, tool_digest()],
            "row": [row.key, row.framework_name, row.opset, row.variant],
            "spec": row.model.model_dump(mode="json"),
            "folder": loaded.folder.relative_to(loaded.root).as_posix(),
            "gates": loaded.spec.gates.model_dump(mode="json"),
            "environments": {name: self._digest(name.split()[0], path) for name, path in environments.items()},
            "machine": self._machine if measured else None,
            "measured": measured,
            "against": against,
        }

    def _digest(self, name: str, requirements: Path | None) -> str:
        key = (name, requirements)
        if key not in self._digests:
            self._digests[key] = self._environments.digest(name, requirements)
        return self._digests[key]


def _well(report: ModelReport) -> bool:
    return report.status in {"passed", "skipped"}


def _decided(report: ModelReport) -> bool:
    found = report.comparison
    return (
        found is not None and found.status == "compared" and all(one.verdict != "inconclusive" for one in found.latency)
    )
