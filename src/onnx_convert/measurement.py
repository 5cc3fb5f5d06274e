"""Measuring rows, one after the other with nothing beside them, and watching the machine meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from onnx_convert import conditions, noise
from onnx_convert.stages.comparison import measure_against
from onnx_convert.stages.row import measure
from onnx_convert.stages.variant import measure_variant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from onnx_convert.conditions import Sample
    from onnx_convert.conversion import Side
    from onnx_convert.report.model import Machine, ProviderResult
    from onnx_convert.stages.row import Made

    Keep = Callable[[Made], None]
    """Told of a row as far as it is measured."""


class Measuring:
    """Measures rows of a side. `machine` has the conditions of all measurements so far.

    `sample` gives the machine's counters, `load` is its load before the run, `folder` is for files that workers read.
    """

    def __init__(
        self, side: Side, machine: Machine, sample: Callable[[], Sample], load: float | None, folder: Path
    ) -> None:
        self.machine = machine
        self._side, self._quiet, self._sample, self._load, self._folder = side, machine, sample, load, folder
        self._first: Sample | None = None

    def measure(self, made: Made, native: ProviderResult | None, keep: Keep) -> Made:
        """Measure a row alone, and then in turn with its counterpart in the base if that is another.

        `native` is the original framework as it was measured for the float32 row of a variant.
        """
        before = self._sample()
        alone = self._taken(made, lambda: self._alone(made, native), keep)
        return self._watched(self._taken(alone, lambda: self._against(alone), keep), before)

    def _taken(self, before: Made, steps: Callable[[], Iterator[Made]], keep: Keep) -> Made:
        def work() -> Made:
            known = before
            for known in steps():
                keep(known)
            return known

        return self._side.guarded(before.row, before, work)

    def _alone(self, made: Made, native: ProviderResult | None) -> Iterator[Made]:
        workplace, announce = self._side.workplace(made.row), self._side.announce(made.row)
        if made.derived is None:
            return measure(made, workplace, announce)
        return measure_variant(made, native, workplace, announce)

    def _against(self, made: Made) -> Iterator[Made]:
        workplace, announce = self._side.workplace(made.row), self._side.announce(made.row)
        limit = self._side.loaded.spec.gates.max_latency_increase
        return measure_against(made, limit, workplace, self._folder / made.row.key, announce)

    def _watched(self, made: Made, before: Sample) -> Made:
        """A measured row with what is to be said of the machine since `before`."""
        if not made.row.model.benchmark:
            return made
        after = self._sample()
        self._first = self._first or before
        self.machine = self._under(self._first, after)
        compared = made.comparison.latency if made.comparison else ()
        limit = self._side.loaded.spec.gates.max_latency_increase
        said = noise.findings(made.measured, compared, made.row.model.benchmark, limit, self._under(before, after))
        return replace(made, findings=(*made.findings, *said))

    def _under(self, before: Sample, after: Sample) -> Machine:
        """The machine with its conditions from one sample to another."""
        found = conditions.between(before, after, self._load)
        return self._quiet.model_copy(update={"conditions": found})
