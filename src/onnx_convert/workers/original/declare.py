"""The declared shape of a graph's input or output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from onnx_convert.workers.original.source import TensorInfo


def declare(value: Any, tensor: TensorInfo) -> None:
    """Give a `ValueInfoProto` the sizes of a tensor, and dynamic dimensions by their names."""
    shape = value.type.tensor_type.shape
    del shape.dim[:]
    for axis in tensor.shape:
        if isinstance(axis, str):
            shape.dim.add().dim_param = axis
        else:
            shape.dim.add().dim_value = axis
    shape.SetInParent()  # a scalar has a shape too
