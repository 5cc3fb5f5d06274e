"""Graph surgery that a change of precision needs: names, bodies of control flow, needless casts, order of nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
from onnx import TensorProto, helper

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def name_nodes(model: onnx.ModelProto) -> None:
    """Give every node of the main graph a name of its own: the converter's list of nodes goes by name."""
    seen: set[str] = set()
    for number, node in enumerate(model.graph.node):
        if not node.name or node.name in seen:
            node.name = f"{node.op_type}_{number}"
            while node.name in seen:
                node.name += "_"
        seen.add(node.name)


def shield_subgraphs(model: onnx.ModelProto, kinds: Mapping[str, int]) -> set[str]:
    """Give bodies of control flow, which stay in float32, float32 copies of what they take from the main graph.

    The copies are made by nodes that are kept in float32 and whose outputs have no declared type: the converter leaves
    such outputs alone. Returns the names of these nodes.
    """
    added: dict[str, onnx.NodeProto] = {}
    for node in model.graph.node:
        for body in _bodies(node):
            for name in _captured(body):
                if kinds.get(name) == TensorProto.FLOAT:
                    copy = f"{name}_float32"
                    added.setdefault(name, helper.make_node("Identity", [name], [copy], name=copy))
                    _rename(body, name, copy)
    model.graph.node.extend(added.values())
    return {node.name for node in added.values()}


def _bodies(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def _captured(body: onnx.GraphProto) -> set[str]:
    """Names that a body, or one inside it, takes from outside."""
    own = {value.name for value in body.input} | {tensor.name for tensor in body.initializer}
    own |= {name for node in body.node for name in node.output}
    used = {name for node in body.node for name in node.input if name} | {value.name for value in body.output}
    for node in body.node:
        for inner in _bodies(node):
            used |= _captured(inner)
    return used - own


def _rename(body: onnx.GraphProto, old: str, new: str) -> None:
    for value in body.output:
        value.name = new if value.name == old else value.name
    for node in body.node:
        node.input[:] = [new if name == old else name for name in node.input]
        for inner in _bodies(node):
            if old in _captured(inner):
                _rename(inner, old, new)


def remove_round_trips(graph: onnx.GraphProto) -> None:
    """Let float32 pass between nodes that stay in float32, instead of through float16 and back.

    On its way it would be rounded, or become infinite; ONNX Runtime does not take such casts out any more
    (microsoft/onnxconverter-common#271).
    """
    halved = {node.output[0]: node.input[0] for node in graph.node if _casts(node, TensorProto.FLOAT16)}
    whole = {
        node.output[0]: halved[node.input[0]]
        for node in graph.node
        if _casts(node, TensorProto.FLOAT) and _is_inserted(node) and node.input[0] in halved
    }
    outputs = {value.name for value in graph.output}
    for node in graph.node:
        node.input[:] = [whole.get(name, name) for name in node.input]
        if node.op_type == "Cast" and node.output[0] in whole and node.output[0] in outputs:
            node.CopyFrom(helper.make_node("Identity", [whole[node.output[0]]], node.output, name=node.name))
    _remove_unused(graph)


def _casts(node: onnx.NodeProto, to: int) -> bool:
    return node.op_type == "Cast" and any(a.name == "to" and a.i == to for a in node.attribute)


def _is_inserted(node: onnx.NodeProto) -> bool:
    """Whether the converter made a cast: those of the model itself mean what they say."""
    return node.name.endswith("_cast_to_fp32_node") or node.name.startswith("graph_output_cast")


def _remove_unused(graph: onnx.GraphProto) -> None:
    """Remove casts that nothing uses any more."""
    while True:
        used = {value.name for value in graph.output}
        for node in graph.node:
            used |= {*node.input}
            for body in _bodies(node):
                used |= _captured(body)
        kept = [node for node in graph.node if node.op_type != "Cast" or used & {*node.output}]
        if len(kept) == len(graph.node):
            return
        _replace_nodes(graph, kept)


def sort_nodes(graph: onnx.GraphProto) -> None:
    """Put every node after those it takes from: the converter adds its casts at the end, which the standard forbids."""
    maker = {name: position for position, node in enumerate(graph.node) for name in node.output if name}
    needs = [
        sorted(
            {maker[name] for name in (*node.input, *(n for b in _bodies(node) for n in _captured(b))) if name in maker}
        )
        for node in graph.node
    ]
    done: set[int] = set()
    order: list[int] = []
    for first in range(len(needs)):
        stack = [first]
        while stack:
            missing = [one for one in needs[stack[-1]] if one not in done]
            if stack[-1] in done:
                stack.pop()
            elif missing:
                stack.extend(missing)
            else:
                done.add(stack[-1])
                order.append(stack.pop())
    _replace_nodes(graph, [graph.node[position] for position in order])


def _replace_nodes(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)
