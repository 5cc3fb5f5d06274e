"""Translations that mx2onnx lacks or has wrong, in its own registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mxnet as mx
from mxnet.onnx.mx2onnx._export_onnx import MXNetGraph
from onnx import helper, numpy_helper

from onnx_convert.frameworks.mxnet import rnn

if TYPE_CHECKING:
    from collections.abc import Callable

    from onnx_convert.frameworks.mxnet.network import Network
    from onnx_convert.workers.original.source import Array

OPSETS = (12, 13)
"""What mx2onnx has translations for; beyond 13 it writes those of 13 under a higher number."""

Node = dict[str, Any]


def register(network: Network) -> None:
    """Put the translations of this module before mx2onnx's own."""
    for opset in OPSETS:
        for name, translation in {**_TRANSLATIONS, "RNN": _recurrent(network)}.items():
            MXNetGraph.register(name, opset)(translation)


def missing(nodes: list[Node], opset: int) -> list[Node]:
    """Nodes whose operator mx2onnx has no translation for."""
    known = {name for version, names in MXNetGraph.registry_.items() if version <= opset for name in names}
    return [node for node in nodes if node["op"] not in known]


def _argument(node: Node, **graph: Any) -> Any:
    """An input, or a parameter: as bytes, where mx2onnx makes a Python number of every element."""
    name = node["name"]
    if graph["is_input"]:
        dtype = helper.tensor_dtype_to_np_dtype(graph["in_type"])
        return [helper.make_tensor_value_info(name, graph["in_type"], graph["in_shape"])], (dtype,)
    array = graph["weights"][name]
    tensor = numpy_helper.from_array(array, name)
    graph["initializer"].append(tensor)
    return [helper.make_tensor_value_info(name, tensor.data_type, array.shape)], (array.dtype,)


def _identity(node: Node, **graph: Any) -> Any:
    """The losses that give back what they are given (https://github.com/onnx/onnx/issues/2064)."""
    return [helper.make_node("Identity", [_source(node, graph)], [node["name"]], name=node["name"])]


def _softmax_output(node: Node, **graph: Any) -> Any:
    """SoftmaxOutput over the axis that its attributes say; mx2onnx takes all after the first for one."""
    name, attributes, data = node["name"], node.get("attrs", {}), _source(node, graph)
    if attributes.get("multi_output") in _TRUE:
        return [helper.make_node("Softmax", [data], [name], name=name, axis=1)]
    if attributes.get("preserve_shape") in _TRUE:
        return [helper.make_node("Softmax", [data], [name], name=name, axis=-1)]
    return _THEIR_SOFTMAX_OUTPUT(node, **graph)


def _along_one_axis(translation: Callable[..., Any]) -> Callable[..., Any]:
    """A translation that refuses the layout NCW, although it writes what is right for it."""

    def translate(node: Node, **graph: Any) -> Any:
        attributes = {name: value for name, value in node["attrs"].items() if (name, value) != ("layout", "NCW")}
        return translation({**node, "attrs": attributes}, **graph)

    return translate


def _recurrent(network: Network) -> Callable[..., Any]:
    """RNN, whose packed parameters are put together from the network's own."""

    def translate(node: Node, **graph: Any) -> Any:
        sources = [graph["outputs_lookup"][source[0]][source[1]].name for source in node["inputs"]]
        return rnn.translate(node, _packed(network, node), sources, graph["initializer"])

    return translate


def _packed(network: Network, node: Node) -> Array:
    """The parameters of an RNN operator as MXNet computes them. Raises NotImplementedError if they are inputs."""
    source = network.nodes[node["inputs"][1][0]]
    inner = network.symbol.get_internals()
    found = inner[source["name"] if source["op"] == "null" else f"{source['name']}_output"]
    names = found.list_inputs()
    if not set(names) <= set(network.params):
        raise NotImplementedError(f"the weights of RNN `{node['name']}` depend on an input")
    (packed,) = found.bind(mx.cpu(), args={name: network.params[name] for name in names}, grad_req="null").forward()
    values: Array = packed.asnumpy()
    return values.reshape(-1)


def _source(node: Node, graph: Any) -> str:
    position, output = node["inputs"][0][:2]
    name: str = graph["outputs_lookup"][position][output].name
    return name


_TRUE = ("True", "1")
_THEIR_SOFTMAX_OUTPUT = MXNetGraph.registry_[13]["SoftmaxOutput"]
_TRANSLATIONS = {
    "null": _argument,
    "LinearRegressionOutput": _identity,
    "MAERegressionOutput": _identity,
    "SVMOutput": _identity,
    "SoftmaxOutput": _softmax_output,
    "Convolution": _along_one_axis(MXNetGraph.registry_[12]["Convolution"]),
    "Pooling": _along_one_axis(MXNetGraph.registry_[12]["Pooling"]),
}
