"""What a run takes from the cache and gives to it, and why it did not take more."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from onnx_convert import assemble
from onnx_convert.stages.values import Exported

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractContextManager

    from onnx_convert.baseline.opposite import Nothing, Opposite
    from onnx_convert.cache import Entry
    from onnx_convert.kept import KeptRows
    from onnx_convert.output import OutputFolder
    from onnx_convert.plan import Family, Row
    from onnx_convert.report.model import Diagnostic, ModelReport
    from onnx_convert.spec.load import LoadedSpec
    from onnx_convert.stages.row import Made


class Reuse:
    """The cache as a run uses it; without `kept` nothing is taken or given. Rows are `measured` or not.

    `why` has, by their keys, the reasons of the rows that were looked for and not taken.
    """

    def __init__(
        self,
        kept: KeptRows | None,
        opposite: Opposite | Nothing,
        loaded: LoadedSpec,
        output: OutputFolder,
        *,
        measured: bool,
    ) -> None:
        self.why: dict[str, tuple[str, ...]] = {}
        self._kept, self._opposite, self._loaded, self._output = kept, opposite, loaded, output
        self._measured = measured

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is to be said of the cache."""
        return self._kept.diagnostics if self._kept else ()

    def in_use(self) -> AbstractContextManager[None]:
        """While it is used no other run makes room in it."""
        return self._kept.in_use() if self._kept else nullcontext()

    def take(self, family: Family) -> list[tuple[Row, ModelReport]]:
        """A whole family with its files in their places, or nothing: a variant is made from its row, beside it."""
        if self._kept is None or family[0].obstacle:
            return []
        found = [(row, entry) for row in family if (entry := self._find(self._kept, row))]
        if not self._missed(family):
            self._place(found)
        if missed := self._missed(family):
            also = (f"{', '.join(missed)} is done again, which shares its export",)
            self.why |= {row.key: self.why.get(row.key, also) for row in family}
            return []
        return [(row, assemble.replaced(self._loaded, row, entry.row)) for row, entry in found]

    def keep(self, made: Made, report: ModelReport, reads: Collection[str]) -> None:
        """Keep a row that is done for the next run; `reads` is what its workers were seen to read."""
        if self._kept and isinstance(made.exported, Exported):
            files, against = self._output.models / made.row.key, self._opposite.identity
            reads = {*made.exported.reads, *reads}
            self._kept.store(self._loaded, made.row, reads, report, files, measured=self._measured, against=against)

    def _missed(self, family: Family) -> list[str]:
        return [row.key for row in family if row.key in self.why]

    def _place(self, found: list[tuple[Row, Entry]]) -> None:
        for row, entry in found:
            try:
                self._output.restore(row, entry.files)
            except OSError as error:
                self.why[row.key] = (f"its cached files could not be copied: {error}",)

    def _find(self, kept: KeptRows, row: Row) -> Entry | None:
        """A row of the cache, if it is known what it is against the base of this run."""
        find = partial(kept.find, self._loaded, row, measured=self._measured)
        against = self._opposite.identity
        entry = find(against=against) if against else None
        alone = None if entry else find()
        if alone:
            entry = self._opposite.settle_kept(row, alone)
        if entry is None:
            differs = "it is not the same as in the base, and was not compared with that before"
            self.why[row.key] = (differs,) if alone else kept.why_not(self._loaded, row, measured=self._measured)
        return entry
