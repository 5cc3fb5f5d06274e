"""jax2onnx's options `inputs_as_nchw` and `outputs_as_nchw`: the graph is NCHW outside, the function stays NHWC.

The spec describes the graph's inputs, so that the samples are NCHW there; the function gets them transposed.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from onnx_convert.workers.original.source import Array, TensorInfo

INPUTS, OUTPUTS = "inputs_as_nchw", "outputs_as_nchw"

_TO_NHWC = (0, 2, 3, 1)
_TO_NCHW = (0, 3, 1, 2)
_RANK = 4


@dataclass(frozen=True)
class Layout:
    """Positions of the inputs and outputs that are NCHW in the graph."""

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def check(self, inputs: Sequence[TensorInfo]) -> None:
        """Raise WorkerError OCA310 for a position that no input has, or an input that is no image."""
        for position in self.inputs:
            if position >= len(inputs):
                raise WorkerError("OCA310", f"`{INPUTS}` names input {position}; there are {len(inputs)}, from 0 on")
            if len(inputs[position].shape) != _RANK:
                message = f"`{INPUTS}` names `{inputs[position].name}`, which has not 4 axes"
                raise WorkerError("OCA310", message)

    def inner_inputs(self, arrays: Sequence[Array]) -> list[Array]:
        """Arrays as the function takes them."""
        return [a.transpose(_TO_NHWC) if i in self.inputs else a for i, a in enumerate(arrays)]

    def inner_specs(self, inputs: Sequence[TensorInfo]) -> list[TensorInfo]:
        """Declared inputs as the function takes them."""
        return [
            dataclasses.replace(t, shape=tuple(t.shape[axis] for axis in _TO_NHWC)) if i in self.inputs else t
            for i, t in enumerate(inputs)
        ]

    def outer_outputs(self, arrays: Sequence[Array]) -> list[Array]:
        """Arrays as the graph returns them. Raises WorkerError OCA310 for an output that is no image."""
        for position in self.outputs:
            if position >= len(arrays) or arrays[position].ndim != _RANK:
                raise WorkerError(
                    "OCA310", f"`{OUTPUTS}` names output {position}, which is not there or has not 4 axes"
                )
        return [a.transpose(_TO_NCHW) if i in self.outputs else a for i, a in enumerate(arrays)]


def of(options: Mapping[str, Any]) -> Layout:
    """The layout that export options ask for. Raises WorkerError OCA310 for anything but lists of positions."""
    found: list[tuple[int, ...]] = []
    for option in (INPUTS, OUTPUTS):
        given = options.get(option) or []
        if not isinstance(given, list) or not all(type(each) is int and each >= 0 for each in given):
            raise WorkerError("OCA310", f"`{option}` is a list of positions from 0 on, such as [0]")
        found.append(tuple(given))
    return Layout(*found)
