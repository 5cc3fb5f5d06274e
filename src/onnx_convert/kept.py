"""Rows as the result cache keeps them: alone, and compared with a base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onnx_convert import assemble
from onnx_convert.cache import key_of, tool_digest
from onnx_convert.runtimes.registry import environment_of

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.cache import Entry, ResultCache
    from onnx_convert.environments import Environments
    from onnx_convert.plan import Row
    from onnx_convert.report.model import ModelReport
    from onnx_convert.spec.load import LoadedSpec
    from onnx_convert.stages.values import Exported


class KeptRows:
    """The result cache, asked for rows. A row that was compared is found only with the base it was compared with.

    `machine` is what a measurement depends on, as JSON values.
    """

    def __init__(self, cache: ResultCache, environments: Environments, machine: Any) -> None:
        self._cache, self._environments, self._machine = cache, environments, machine

    def find(self, loaded: LoadedSpec, row: Row, *, measured: bool, against: str | None = None) -> Entry | None:
        """A row whose files are as they were: alone, or compared with the base that `against` identifies."""
        if row.framework is None:
            return None
        return self._cache.find(self._key(loaded, row, measured, against), loaded.root)

    def store(
        self,
        loaded: LoadedSpec,
        row: Row,
        exported: Exported,
        report: ModelReport,
        files: Path,
        *,
        measured: bool,
        against: str | None = None,
    ) -> None:
        """Keep a row that is well, with the folder of its files; as compared too, where it was measured for that."""
        reads = {*exported.reads, *assemble.declared_files(loaded, row)}
        compared = report.comparison is not None and report.comparison.status == "compared"
        if against and compared and _well(report):
            self._cache.store(self._key(loaded, row, measured, against), loaded.root, reads, report, files)
        alone = assemble.without_comparison(report)
        if _well(alone):
            self._cache.store(self._key(loaded, row, measured, None), loaded.root, reads, alone, files)

    def _key(self, loaded: LoadedSpec, row: Row, measured: bool, against: str | None) -> str:
        assert row.framework is not None
        measured = bool(measured and row.model.benchmark)
        added = {name: loaded.folder / text for name, text in row.model.provider_requirements.items()}
        listed = row.model.benchmark.providers if row.model.benchmark else ()
        environments = [(row.framework.environment, row.requirements), ("onnx", None)]
        environments += [(environment_of(provider), added.get(provider)) for provider in listed]
        return key_of(
            {
                "tool": tool_digest(),
                "row": [row.key, row.framework_name, row.opset, row.variant, row.model.model_dump(mode="json")],
                "gates": loaded.spec.gates.model_dump(mode="json"),
                "environments": [self._environments.digest(*one) for one in environments],
                "machine": self._machine if measured else None,
                "measured": measured,
                "against": against,
            }
        )


def _well(report: ModelReport) -> bool:
    return report.status in {"passed", "skipped"}
