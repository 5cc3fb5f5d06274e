"""Inputs that a network probably has: by what its arguments say of themselves, and by the operators that read them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from onnx_convert.workers.original.source import TensorInfo

if TYPE_CHECKING:
    from onnx_convert.frameworks.mxnet.network import Network

_DTYPES = ("float32", "float64", "float16", "uint8", "int32", "int8", "int64", "bool")
"""By MXNet's numbers for them."""


def declared(network: Network) -> list[TensorInfo] | None:
    """The inputs if the symbol has the shape of each; a size of 0 is unknown and becomes a dynamic dimension."""
    found = [_declared(network, name) for name in network.inputs]
    return None if None in found else [tensor for tensor in found if tensor]


def guess(network: Network) -> list[TensorInfo]:
    """The inputs with the shapes that the operators which read them suggest."""
    return [_declared(network, name) or _suggested(network, name) for name in network.inputs]


def _declared(network: Network, name: str) -> TensorInfo | None:
    attributes = network.attributes(name)
    try:
        shape = ast.literal_eval(attributes["__shape__"])
        dtype = _DTYPES[int(attributes.get("__dtype__", 0))]
    except (KeyError, ValueError, SyntaxError, IndexError):
        return None
    axes = tuple(
        size if size > 0 else ("batch" if axis == 0 else f"{name}_dim{axis}") for axis, size in enumerate(shape)
    )
    return TensorInfo(name, dtype, axes)


def _suggested(network: Network, name: str) -> TensorInfo:
    for node, position in network.readers(name):
        weight = _weight(network, node)
        if position == 0 and node["op"] == "Embedding":
            return TensorInfo(name, "int32", ("batch", "length"))
        if position == 0 and node["op"] == "RNN":
            return TensorInfo(name, "float32", ("length", "batch", 16))
        if position == 0 and weight is not None and node["op"] == "FullyConnected":
            return TensorInfo(name, "float32", ("batch", weight[1]))
        if position == 0 and weight is not None and node["op"] == "Convolution":
            axes = (("width",), ("height", "width"), ("depth", "height", "width"))[min(len(weight), 5) - 3]
            channels = weight[1] * int(node.get("attrs", {}).get("num_group", 1))
            return TensorInfo(name, "float32", ("batch", channels, *axes))
    return TensorInfo(name, "float32", ("batch", 3, "height", "width"))


def _weight(network: Network, node: dict[str, Any]) -> tuple[int, ...] | None:
    if len(node["inputs"]) < 2:
        return None
    param = network.params.get(network.nodes[node["inputs"][1][0]]["name"])
    return None if param is None else tuple(param.shape)
