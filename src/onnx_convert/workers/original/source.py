"""What a framework's worker gives the harness: a loaded model with one way to run it and one to export it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from onnx_convert.workers.original.custom_ops import NONE, CustomOps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy.typing as npt

    Array = npt.NDArray[Any]


@dataclass(frozen=True)
class TensorInfo:
    """A tensor as it is declared: a size, or the name of a dynamic dimension, for each axis.

    `dtype` is numpy's name for it, or "string".
    """

    name: str
    dtype: str
    shape: tuple[int | str, ...]

    def json(self) -> dict[str, Any]:
        """The form it has in result.json."""
        return {"name": self.name, "dtype": self.dtype, "shape": list(self.shape)}


@dataclass(frozen=True)
class ExportRequest:
    """What to export and where to.

    `example` holds inputs at the largest size of every dimension (the `trace`); `inputs` and `outputs` are in the
    order the graph must have, with the names it must use; `dims` are all the sizes that will be tried.
    """

    path: Path
    opset: int
    exporter: str
    options: Mapping[str, Any]
    example: Mapping[str, Array]
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    dims: Mapping[str, tuple[int, ...]]
    custom: CustomOps = NONE


@dataclass(frozen=True)
class Boundary:
    """A batch of samples at which the model decides: for each of its first rows a point {feature, threshold, value}.

    A source that has such places offers them with a method `boundary(example, limit)`: batches at `limit` of them at
    most, made from the inputs `example`. Float inputs only.
    """

    inputs: Mapping[str, Array]
    points: tuple[Mapping[str, Any], ...]


class Source(Protocol):
    """A loaded model of some framework."""

    versions: dict[str, str]

    def signature(self) -> list[TensorInfo] | None:
        """The inputs the model itself declares, None if it declares none."""

    def guess(self) -> list[TensorInfo]:
        """Inputs it probably has, for the message that asks for them; empty if nobody can tell."""

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """Sizes that suit the dynamic dimensions of its own signature; empty where any will do."""

    def accept(self, inputs: tuple[TensorInfo, ...]) -> None:
        """Take the inputs as they will be given from now on. Raises WorkerError if they do not fit the model."""

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Reference outputs in the model's own order and under its own names. Does not change `inputs`."""

    def bind(self, inputs: Mapping[str, Array], threads: int) -> Callable[[], object]:
        """The model's own call on inputs that are converted already, limited to `threads`, for measuring."""

    def export(self, request: ExportRequest) -> None:
        """Write `request.path`. Raises WorkerError for failures it recognises."""
