"""Inputs and outputs that the spec wants channels first: NCHW in the graph, NHWC in TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from onnx_convert.workers.original.source import Array
    from onnx_convert.workers.protocol import Job

TO_NCHW = (0, 3, 1, 2)
TO_NHWC = (0, 2, 3, 1)


@dataclass(frozen=True)
class Layout:
    """Names of inputs and outputs that are channels first outside of TensorFlow; `names` are the spec's outputs."""

    inputs: frozenset[str]
    outputs: frozenset[str]
    names: tuple[str, ...]

    @classmethod
    def of(cls, job: Job) -> Layout:
        """What the job's export options say."""
        options = job.get("export_options") or {}
        return cls(
            frozenset(_listed(options, "inputs_as_nchw")),
            frozenset(_listed(options, "outputs_as_nchw")),
            tuple(job.get("outputs") or ()),
        )

    def declared(self, tensors: Sequence[TensorInfo]) -> list[TensorInfo]:
        """TensorFlow's declaration as the spec meets it. Raises WorkerError OCA326 for a name that is not there."""
        if unknown := sorted(self.inputs - {tensor.name for tensor in tensors}):
            raise _unknown("inputs_as_nchw", unknown[0], [tensor.name for tensor in tensors])
        return [self._turned(tensor, TO_NCHW) for tensor in tensors]

    def own(self, tensors: Sequence[TensorInfo]) -> list[TensorInfo]:
        """The spec's inputs as TensorFlow takes them."""
        if unknown := sorted(self.inputs - {tensor.name for tensor in tensors}):
            raise _unknown("inputs_as_nchw", unknown[0], [tensor.name for tensor in tensors])
        return [self._turned(tensor, TO_NHWC) for tensor in tensors]

    def to_model(self, name: str, array: Array) -> Array:
        """An input's values as TensorFlow takes them."""
        return np.ascontiguousarray(array.transpose(TO_NHWC)) if name in self.inputs else array

    def from_model(self, outputs: Mapping[str, Array]) -> dict[str, Array]:
        """Outputs as the graph gives them; `outputs_as_nchw` may use the spec's names or the model's own."""
        wanted = self._chosen(list(outputs))
        return {
            name: np.ascontiguousarray(a.transpose(TO_NCHW)) if name in wanted else a for name, a in outputs.items()
        }

    def _chosen(self, own: Sequence[str]) -> set[str]:
        renamed = dict(zip(self.names, own, strict=False)) if len(self.names) == len(own) else {}
        chosen = {renamed.get(name, name) for name in self.outputs}
        if unknown := sorted(chosen - set(own)):
            raise _unknown("outputs_as_nchw", unknown[0], [*self.names, *own])
        return chosen

    def _turned(self, tensor: TensorInfo, order: tuple[int, ...]) -> TensorInfo:
        if tensor.name not in self.inputs:
            return tensor
        if len(tensor.shape) != 4:
            message = f"`inputs_as_nchw` names `{tensor.name}`, which has {len(tensor.shape)} axes and not four"
            raise WorkerError("OCA326", message)
        return TensorInfo(tensor.name, tensor.dtype, tuple(tensor.shape[axis] for axis in order))


def _listed(options: Mapping[str, Any], key: str) -> Iterable[str]:
    given = options.get(key) or []
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise WorkerError("OCA326", f"`{key}` is not a list of names", f'write `{key} = ["image"]`')
    return given


def _unknown(option: str, name: str, known: Sequence[str]) -> WorkerError:
    listed = ", ".join(f"`{each}`" for each in dict.fromkeys(known))
    return WorkerError("OCA326", f"`{option}` names `{name}`, which the model does not have; it has {listed}")
