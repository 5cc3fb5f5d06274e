"""The cases of a row: inputs and reference outputs, one folder each, read one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from onnx_convert.workers.protocol import Job

    Array = NDArray[Any]

Sizes = tuple[tuple[str, int], ...]
"""A combination of dimensions as a key: sorted by name."""


@dataclass(frozen=True)
class Case:
    """One set of inputs with the reference outputs; `in0.npy ...` and `out0.npy ...` in `folder`, by position."""

    index: int
    dims: Mapping[str, int]
    sample: int
    folder: Path

    @property
    def sizes(self) -> Sizes:
        """The dimensions as a key."""
        return tuple(sorted(self.dims.items()))

    def inputs(self, count: int) -> list[Array]:
        """Read the inputs. Raises WorkerError OCA520."""
        return [_load(self.folder / f"in{position}.npy") for position in range(count)]

    def outputs(self, count: int) -> list[Array]:
        """Read the reference outputs. Raises WorkerError OCA520."""
        return [_load(self.folder / f"out{position}.npy") for position in range(count)]


def read(job: Job) -> list[Case]:
    """Read the job's `case_list` ({"dims", "sample"}) in the folder `cases`; no array is loaded yet."""
    folder = Path(job["cases"])
    return [
        Case(index, dict(item["dims"]), int(item["sample"]), folder / f"{index:04d}")
        for index, item in enumerate(job["case_list"])
    ]


def by_sizes(cases: Iterable[Case]) -> dict[Sizes, list[Case]]:
    """Group cases by their combination of dimensions, in order of first appearance."""
    groups: dict[Sizes, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.sizes, []).append(case)
    return groups


def one_of_each(cases: Iterable[Case]) -> list[Case]:
    """Take the first case of every combination of dimensions."""
    return [group[0] for group in by_sizes(cases).values()]


def align(names: Sequence[str], wanted: Sequence[str]) -> list[int] | None:
    """For each wanted name its position in `names`: by name where all are there, else by order; None if neither."""
    if set(wanted) <= set(names):
        return [list(names).index(name) for name in wanted]
    return list(range(len(wanted))) if len(wanted) == len(names) else None


def feeds(case: Case, declared: Sequence[str], wanted: Sequence[str]) -> dict[str, Array]:
    """The inputs of a case under the names a session wants; an exporter may have dropped unused ones.

    Raises WorkerError OCA521 if the session wants inputs that were not declared.
    """
    positions = align(declared, wanted)
    if positions is None:
        raise WorkerError(
            "OCA521",
            f"the ONNX model has {len(wanted)} inputs ({', '.join(wanted)}), "
            f"the original {len(declared)} ({', '.join(declared)})",
        )
    arrays = case.inputs(len(declared))
    return {name: arrays[position] for name, position in zip(wanted, positions, strict=True)}


def _load(path: Path) -> Array:
    try:
        array = np.load(path, allow_pickle=False)
    except Exception as error:  # what is there was written by the model's own process
        raise WorkerError("OCA520", f"{path.parent.name}/{path.name} cannot be read: {error}") from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise WorkerError("OCA520", f"{path.parent.name}/{path.name} is an archive, not an array")
    return array
