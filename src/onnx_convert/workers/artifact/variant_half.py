"""The variant fp16: weights and operators in float16, inputs and outputs in float32 as they were.

ONNX Runtime's converter does the work. Around it: what float16 cannot hold stays in float32, as do control flow and
operators that the standard has in float32 only; casts that would cut such a value off are taken out; the nodes are
put in order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
from onnx import TensorProto, defs

from onnx_convert.workers.artifact import graphs, variant_range
from onnx_convert.workers.artifact.variant import Lowered, counted, load_typed, types
from onnx_convert.workers.artifact.variant_casts import note_casts
from onnx_convert.workers.artifact.variant_graph import name_nodes, remove_round_trips, shield_subgraphs, sort_nodes

if TYPE_CHECKING:
    from onnx_convert.workers.protocol import Job

TOOL = "onnxruntime.transformers.float16"
_NAMED = 8
"""Nodes and weights that a message names; the rest are counted."""

_STANDARD = frozenset({"", "ai.onnx"})
_MIXED = frozenset({"Resize"})
"""Takes float16 beside inputs that are always float32; the converter knows which."""

_MOVES = frozenset(
    {"Cast", "Concat", "Constant", "ConstantOfShape", "Expand", "Flatten", "Gather", "GatherElements", "GatherND"}
    | {"Identity", "Pad", "Reshape", "Shape", "Size", "Slice", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze"}
    | {"Where"}
)
"""Operators that only move values: a model of nothing else has nothing that could be faster or smaller."""


def convert(job: Job) -> Lowered:
    """The job's model in float16. Notes OCA382 to OCA384, OCA387 and OCA388 say what was found and kept."""
    from onnxruntime.transformers.float16 import DEFAULT_OP_BLOCK_LIST, convert_float_to_float16

    model = load_typed(job)
    name_nodes(model)
    kinds = types(model)
    computing = {
        node.name: node.op_type for node in model.graph.node if node.op_type not in _MOVES and _is_float(node, kinds)
    }
    kept = {
        node.name for node in model.graph.node if node.op_type in DEFAULT_OP_BLOCK_LIST or _single_only(node, model)
    }
    if not computing.keys() - kept:
        return Lowered()
    kept |= _too_large(job, model, kinds) | _crashing(model)
    shields = shield_subgraphs(model, kinds)
    made: onnx.ModelProto = convert_float_to_float16(
        model,
        keep_io_types=True,
        disable_shape_infer=True,
        op_block_list=[],
        node_block_list=sorted(kept | shields),
    )
    remove_round_trips(made.graph)
    sort_nodes(made.graph)
    del made.graph.value_info[:]
    note_casts(job, made)
    return Lowered(
        made,
        counted(operator for name, operator in computing.items() if name not in kept),
        counted(operator for name, operator in computing.items() if name in kept),
        sum(1 for tensor in graphs.weights(made) if tensor.data_type == TensorProto.FLOAT16),
    )


def _is_float(node: onnx.NodeProto, kinds: dict[str, int]) -> bool:
    return any(kinds.get(name) == TensorProto.FLOAT for name in (*node.input, *node.output))


def _single_only(node: onnx.NodeProto, model: onnx.ModelProto) -> bool:
    """Whether a node must stay in float32: control flow, another domain, or no float16 in its definition."""
    if node.domain not in _STANDARD or any(a.HasField("g") or a.graphs for a in node.attribute):
        return True
    if node.op_type in _MIXED:
        return False
    try:
        schema = defs.get_schema(node.op_type, graphs.opsets(model).get("ai.onnx", 0), "")
    except defs.SchemaError:
        return True
    # An optional output may be float32 in any case, as the statistics of LayerNormalization: only used ones count.
    used = [*zip(node.input, schema.inputs, strict=False), *zip(node.output, schema.outputs, strict=False)]
    return any(name and "tensor(float)" in of.types and "tensor(float16)" not in of.types for name, of in used)


def _crashing(model: onnx.ModelProto) -> set[str]:
    """Transpositions of batches that feed a product: with float16 weights, ONNX Runtime 1.32 crashes as it loads them.

    Where the CPU has no kernel for the product, it fuses the transposition into it and then, in what
    microsoft/onnxruntime#24726 added, makes float32 weights of it: with that switched off, or the transposition in
    float32, it loads.
    """
    taken = {node.input[0] for node in model.graph.node if node.op_type == "MatMul"}
    return {
        node.name
        for node in model.graph.node
        if node.op_type == "Transpose" and _of_batches(node) and node.output[0] in taken
    }


def _of_batches(transpose: onnx.NodeProto) -> bool:
    perm = next((list(a.ints) for a in transpose.attribute if a.name == "perm"), [])
    return bool(perm) and perm[-1] == len(perm) - 1 and perm != sorted(perm)


def _too_large(job: Job, model: onnx.ModelProto, kinds: dict[str, int]) -> set[str]:
    """Nodes that give or take what float16 cannot hold. Notes say which and how large."""
    extremes = variant_range.weights(model)
    _note_weights(job, model, extremes)
    large = {one.name for one in extremes if one.large}
    reached = variant_range.activations(job, model, kinds) or {}
    over = {name: value for name, value in reached.items() if value > variant_range.LARGEST / variant_range.MARGIN}
    _note_activations(job, model, over)
    return {node.name for node in model.graph.node if (large | over.keys()) & {*node.input, *node.output}}


def _note_activations(job: Job, model: onnx.ModelProto, over: dict[str, float]) -> None:
    # A node that only hands on what it takes says nothing new: the first of a chain is the one to look at.
    found = [
        (max(over[name] for name in node.output if name in over), node)
        for node in model.graph.node
        if any(name in over for name in node.output) and node.op_type not in _MOVES
    ]
    inputs = [
        f"input `{value.name}` reaches {over[value.name]:.3g}" for value in model.graph.input if value.name in over
    ]
    said = [*inputs, *(f"{variant_range.described(node)} reaches {value:.3g}" for value, node in found)]
    if said:
        job.note("OCA382", f"beyond or near 65,504, the end of float16, and kept in float32: {_listed(said)}")


def _note_weights(job: Job, model: onnx.ModelProto, extremes: list[variant_range.Extremes]) -> None:
    def users(name: str) -> str:
        using = [variant_range.described(node) for node in model.graph.node if name in node.input]
        return f" of {using[0]}" if using else ""

    large = [
        f"`{one.name}`{users(one.name)}: {one.large:,} of {one.elements:,}, up to {one.furthest:.3g}"
        for one in extremes
        if one.large
    ]
    small = [
        f"`{one.name}`{users(one.name)}: {one.small:,} of {one.elements:,}, down to {one.furthest:.3g}"
        for one in extremes
        if one.small and not one.large and 2 * one.small >= one.nonzero
    ]
    if large:
        job.note("OCA383", f"values beyond 65,504, kept in float32 with the nodes that use them: {_listed(large)}")
    if small:
        job.note("OCA384", f"values below 6e-08, the smallest of float16, become that: {_listed(small)}")


def _listed(said: list[str]) -> str:
    more = len(said) - _NAMED
    return "; ".join(said[:_NAMED]) + (f"; and {more} more" if more > 0 else "")
