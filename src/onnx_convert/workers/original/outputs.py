"""What the outputs of a model are: their names, their declared shapes, and whether they are the same twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from onnx_convert.workers.original import dims
from onnx_convert.workers.original.samples import dtype_name
from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from onnx_convert.workers.original.source import Array


def names(own: Mapping[str, Array], wanted: Sequence[str] | None, inputs: Sequence[TensorInfo]) -> tuple[str, ...]:
    """The spec's names if it has some, else the model's own.

    Raises WorkerError OCA216 if their number is not that of the outputs, OCA219 if one is an input's name: a graph
    has one name for one tensor. The model's own names give way with a suffix.
    """
    taken = {tensor.name for tensor in inputs}
    if not wanted:
        return tuple(f"{name}_out" if name in taken else name for name in own)
    if len(wanted) != len(own):
        returned = ", ".join(f"`{name}` {dtype_name(array)}{list(array.shape)}" for name, array in own.items())
        message = f"`outputs` names {len(wanted)}, the model returns {len(own)}: {returned or 'nothing'}"
        raise WorkerError("OCA216", message)
    if clash := taken.intersection(wanted):
        raise WorkerError("OCA219", f"`{min(clash)}` is the name of an input and of an output")
    return tuple(wanted)


class Observed:
    """The shapes and dtypes of outputs over all runs; what stays the same and what follows a dimension."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._dtypes: list[str] = []
        self._shapes: list[tuple[dict[str, int], list[tuple[int, ...]]]] = []

    def add(self, sizes: dict[str, int], outputs: Sequence[Array]) -> None:
        """Note one run. Raises WorkerError OCA218 if it differs from the first in more than sizes."""
        dtypes = [dtype_name(array) for array in outputs]
        shapes = [array.shape for array in outputs]
        if self._shapes:
            self._compare(sizes, dtypes, shapes)
        if not any(known == sizes for known, _ in self._shapes):
            self._shapes.append((sizes, shapes))
        self._dtypes = dtypes

    def tensors(self) -> tuple[TensorInfo, ...]:
        """The outputs as the graph should declare them."""
        return tuple(
            TensorInfo(name, dtype, dims.output_axes(name, [(sizes, shapes[i]) for sizes, shapes in self._shapes]))
            for i, (name, dtype) in enumerate(zip(self._names, self._dtypes, strict=True))
        )

    def _compare(self, sizes: dict[str, int], dtypes: list[str], shapes: list[tuple[int, ...]]) -> None:
        first_sizes, first = self._shapes[0]
        before = [(dtype, len(shape)) for dtype, shape in zip(self._dtypes, first, strict=True)]
        now = [(dtype, len(shape)) for dtype, shape in zip(dtypes, shapes, strict=True)]
        if before != now:
            message = (
                f"the outputs change with the inputs: {_listed(before)} at {_sizes(first_sizes)}, "
                f"{_listed(now)} at {_sizes(sizes)}"
            )
            raise WorkerError("OCA218", message)


def difference(first: Sequence[Array], second: Sequence[Array]) -> float:
    """The greatest absolute difference of two runs; infinity where shape, text or NaN differ, 0.0 if all are equal."""
    worst = 0.0
    for a, b in zip(first, second, strict=True):
        if a.shape != b.shape:
            return float("inf")
        if a.dtype.kind not in "fiub":
            worst = max(worst, 0.0 if np.array_equal(a, b) else float("inf"))
            continue
        x, y = a.astype(np.float64), b.astype(np.float64)
        with np.errstate(invalid="ignore"):
            distance = np.where((x == y) | (np.isnan(x) & np.isnan(y)), 0.0, np.abs(x - y))
        worst = max(worst, float(np.nan_to_num(distance, nan=np.inf).max(initial=0.0)))
    return worst


def _listed(kinds: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{dtype} of {rank} axes" for dtype, rank in kinds) or "none"


def _sizes(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {size}" for name, size in sizes.items()) or "the given sizes"
