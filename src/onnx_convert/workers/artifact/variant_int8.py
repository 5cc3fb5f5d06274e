"""The variant int8-dynamic: weights in 8 bits, activations quantised while the model runs.

Weights of matrix products are signed, those of convolutions unsigned: ONNX Runtime's CPU kernels for MatMulInteger are
fast with the former, those for ConvInteger with the latter (measured in docs/variants.md). Products have a scale a
column. The quantiser gives a convolution one scale for its whole weight, which ruins depthwise ones, whose channels
differ widely and hold few weights: these stay in float32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx import TensorProto

from onnx_convert.workers.artifact import graphs
from onnx_convert.workers.artifact.simplify import EXTERNAL_FROM, save
from onnx_convert.workers.artifact.variant import Lowered, counted, load, load_typed
from onnx_convert.workers.artifact.variant_graph import name_nodes
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import onnx

    from onnx_convert.workers.protocol import Job

TOOL = "onnxruntime.quantization"
OLDEST = 11
"""The opset that has DynamicQuantizeLinear."""

_SIGNED = ("MatMul", "Gemm", "LSTM", "Attention", "Gather", "EmbedLayerNormalization")
_UNSIGNED = ("Conv",)
_WAS = {
    "MatMulInteger": "MatMul",
    "ConvInteger": "Conv",
    "DynamicQuantizeLSTM": "LSTM",
    "QAttention": "Attention",
    "QEmbedLayerNormalization": "EmbedLayerNormalization",
}
_HEAVY = frozenset({"MatMul", "Gemm", "Conv", "ConvTranspose", "LSTM", "GRU", "RNN", "Attention", "Einsum"})
"""Operators with most of a model's arithmetic: those of them that stay in float32 are worth naming."""

_EIGHT_BITS = frozenset({TensorProto.INT8, TensorProto.UINT8})


def convert(job: Job) -> Lowered:
    """The job's model with 8-bit weights. Raises WorkerError OCA386 below opset 11."""
    from onnxruntime.quantization import QuantType

    model = load_typed(job)
    opset = graphs.opsets(model).get("ai.onnx", OLDEST)
    if opset < OLDEST:
        raise WorkerError("OCA386", f"dynamic quantisation needs opset {OLDEST}, the model has {opset}")
    origin = [(name, getattr(model, name)) for name in ("producer_name", "producer_version", "domain", "doc_string")]
    name_nodes(model)
    for operators, kind in ((_SIGNED, QuantType.QInt8), (_UNSIGNED, QuantType.QUInt8)):
        if any(node.op_type in operators for node in model.graph.node):
            model = _quantised(job, model, operators, kind)
    del model.graph.value_info[:]
    for name, value in origin:
        setattr(model, name, value)
    eight = {tensor.name for tensor in model.graph.initializer if tensor.data_type in _EIGHT_BITS and tensor.dims}
    nodes = list(model.graph.node)
    lowered = [_WAS[node.op_type] for node in nodes if node.op_type in _WAS]
    lowered += ["Gather" for node in nodes if node.op_type == "Gather" and node.input[0] in eight]
    weights = sum(1 for name in eight if not name.endswith("_zero_point"))
    return Lowered(model, counted(lowered), counted(node.op_type for node in nodes if node.op_type in _HEAVY), weights)


def _quantised(job: Job, model: onnx.ModelProto, operators: tuple[str, ...], kind: object) -> onnx.ModelProto:
    """One pass of the quantiser. It passes through files, so that any size does."""
    from onnxruntime.quantization import quantize_dynamic

    shapes = {tensor.name: tensor.dims for tensor in model.graph.initializer}
    excluded = [
        node.name
        for node in model.graph.node
        if node.op_type == "Conv" and not _takes_one_scale(shapes.get(node.input[1]))
    ]
    source, target = job.out / "float.onnx", job.out / "quantised.onnx"
    weight_bytes = graphs.size(model).weight_bytes
    save(model, source, weight_bytes=weight_bytes)
    try:
        quantize_dynamic(
            source,
            target,
            op_types_to_quantize=[name for name in operators if name != "Gemm"],  # it makes MatMul and Add of these
            per_channel=True,
            weight_type=kind,
            nodes_to_exclude=excluded,
            use_external_data_format=weight_bytes > EXTERNAL_FROM,
        )
        return load(target)
    finally:
        for path in job.out.glob("*.onnx*"):
            path.unlink()


def _takes_one_scale(weight: Sequence[int] | None) -> bool:
    """Whether a convolution's weight is constant, and more than one filter a channel."""
    return weight is not None and len(weight) > 1 and weight[1] > 1
