"""Operators that jax2onnx writes, ONNX allows, and ONNX Runtime has no kernel for, written with others."""

from __future__ import annotations

from typing import Any

import onnx_ir as ir


def boolean_where(graph: Any) -> None:
    """Write `Where` of booleans, as `jnp.tril` of a mask gives it, with `And` and `Or`, in place."""
    for node in list(ir.traversal.RecursiveGraphIterator(graph)):
        if node.op_type != "Where" or node.domain or node.outputs[0].dtype != ir.DataType.BOOL:
            continue
        condition, then, other = node.inputs
        chosen = _node("And", condition, then)
        inverse = _node("Not", condition)
        left = _node("And", inverse.outputs[0], other)
        result = _node("Or", chosen.outputs[0], left.outputs[0])
        result.outputs[0].shape = node.outputs[0].shape
        made = [chosen, inverse, left, result]
        ir.convenience.replace_nodes_and_values(node.graph, node, [node], made, node.outputs, result.outputs)


def _node(operator: str, *inputs: Any) -> Any:
    made = ir.node(operator, list(inputs))
    made.outputs[0].type = ir.TensorType(ir.DataType.BOOL)
    return made
