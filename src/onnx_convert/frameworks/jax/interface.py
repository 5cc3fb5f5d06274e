"""The signature of the converted graph: names, dtypes and shapes as the spec and the reference have them.

jax2onnx numbers its inputs, names an output that is an input or another output only once, and computes with 32 bits
what JAX computes with 32 bits, whatever was declared. Here each output becomes a value of its own, a cast stands where
dtypes differ, and a value inside that has a name of the signature gives way.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx_ir as ir

from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from onnx_convert.workers.original.source import ExportRequest, TensorInfo


def fit(model: Any, request: ExportRequest) -> None:
    """Give the graph the request's inputs and outputs, in place. Raises WorkerError OCA311 if their number differs."""
    graph = model.graph
    for what, have, want in (("inputs", graph.inputs, request.inputs), ("outputs", graph.outputs, request.outputs)):
        if len(have) != len(want):
            raise WorkerError("OCA311", f"jax2onnx wrote {len(have)} {what}, the model has {len(want)}")
    _give_way(graph, {tensor.name for tensor in (*request.inputs, *request.outputs)})
    for position, tensor in enumerate(request.inputs):
        _fit_input(graph, position, tensor)
    for position, tensor in enumerate(request.outputs):
        _fit_output(graph, position, tensor)


def _fit_input(graph: Any, position: int, tensor: TensorInfo) -> None:
    value = graph.inputs[position]
    want = _dtype(tensor)
    if value.dtype == want:
        _declare(value, tensor)
        return
    outer = ir.Value()
    cast = ir.node("Cast", [outer], {"to": value.dtype})
    cast.outputs[0].dtype, cast.outputs[0].shape = value.dtype, value.shape
    ir.convenience.replace_all_uses_with(value, cast.outputs[0], replace_graph_outputs=True)
    graph.inputs[position] = outer
    _insert_first(graph, cast)
    outer.type = ir.TensorType(want)
    _declare(outer, tensor)


def _fit_output(graph: Any, position: int, tensor: TensorInfo) -> None:
    value = graph.outputs[position]
    want = _dtype(tensor)
    others = [*graph.inputs, *graph.outputs[:position], *graph.initializers.values()]
    if value.dtype != want:
        value = _append(graph, "Cast", value, {"to": want})
        value.type = ir.TensorType(want)
    elif any(value is other for other in others):
        dtype = value.dtype
        value = _append(graph, "Identity", value, {})
        value.type = ir.TensorType(dtype)
    graph.outputs[position] = value
    _declare(value, tensor)


def _give_way(graph: Any, wanted: set[str]) -> None:
    taken = {name for value in _values(graph) if (name := value.name)} | wanted
    inner = dict.fromkeys(value for value in _values(graph) if value.name in wanted)
    new = []
    for value in inner:
        name = next(n for i in itertools.count() if (n := f"{value.name}_inner{i or ''}") not in taken)
        taken.add(name)
        new.append(name)
    ir.convenience.rename_values(list(inner), new)


def _append(graph: Any, operator: str, value: Any, attributes: dict[str, Any]) -> Any:
    node = ir.node(operator, [value], attributes)
    graph.append(node)
    return node.outputs[0]


def _insert_first(graph: Any, node: Any) -> None:
    if len(graph):
        graph.insert_before(graph[0], node)
    else:
        graph.append(node)


def _declare(value: Any, tensor: TensorInfo) -> None:
    value.name = tensor.name
    value.shape = ir.Shape(tensor.shape)


def _dtype(tensor: TensorInfo) -> Any:
    return ir.DataType.from_numpy(np.dtype(tensor.dtype))


def _values(graph: Any) -> list[Any]:
    found = list(graph.inputs) + list(graph.initializers.values())
    for node in ir.traversal.RecursiveGraphIterator(graph):
        found += node.outputs
        for attribute in node.attributes.values():
            if attribute.type == ir.AttributeType.GRAPH:
                found += [*attribute.value.inputs, *attribute.value.initializers.values()]
    return found
