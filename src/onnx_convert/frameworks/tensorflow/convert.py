"""tf2onnx, called so that the graph has the names, the shapes and the opset that were asked for.

Its `from_keras` and `from_function` are not used: the first knows Keras 2's models, the second takes no bound function
(https://github.com/onnx/tensorflow-onnx/issues/2448). What they call below is: freeze one concrete function, convert
its graph.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import onnx
import tensorflow as tf
from tf2onnx import optimizer, tf_loader, tf_utils, tfonnx, utils

from onnx_convert.frameworks.tensorflow import inspection, operators
from onnx_convert.frameworks.tensorflow.failures import converting
from onnx_convert.workers.original import opset
from onnx_convert.workers.original.declare import declare
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from onnx_convert.workers.original.source import ExportRequest

HIGHEST = 18
"""The highest opset that tf2onnx 1.17 writes; above it the model is raised."""

ONE_FILE_LIMIT = 2**31 - 2**24
"""Bytes of constants from which on neither a GraphDef nor an ONNX file can hold them."""

OPTIONS = frozenset(
    {
        *("inputs_as_nchw", "outputs_as_nchw", "target", "optimizers", "large_model", "dequantize"),
        *("use_default", "ignore_default", "shape_override"),
    }
)


def convert(concrete: Any, owner: Any, request: ExportRequest) -> None:
    """Write a concrete function as ONNX: its first inputs are the request's, then come what it captured.

    Raises WorkerError OCA310 for an option that is not known, OCA320 and up for what tf2onnx cannot convert.
    """
    _check(request)
    inspection.check(concrete)
    inputs = [tensor.name for tensor in concrete.inputs[: len(request.inputs)]]
    outputs = [tensor.name for tensor in concrete.outputs]
    large = bool(request.options.get("large_model")) or _bytes(concrete) > ONE_FILE_LIMIT
    with converting(request), tf.device("/cpu:0"):
        frozen, tables = tf_loader.from_trackable(owner, concrete, inputs, outputs, large)
        constants = tf_utils.compress_graph_def(frozen) if large else None
        with tf.Graph().as_default() as graph:
            tf.import_graph_def(frozen, name="")
            model = _converted(
                request, inputs, outputs, tf_graph=graph, initialized_tables=tables, const_node_values=constants
            )
    _write(model, request, large=large)


def convert_lite(path: Path, inputs: Sequence[str], outputs: Sequence[str], request: ExportRequest) -> None:
    """Write a TensorFlow Lite file as ONNX; `inputs` and `outputs` are its own names of the request's tensors."""
    _check(request)
    with converting(request), tf.device("/cpu:0"), tf.Graph().as_default():
        model = _converted(request, inputs, outputs, tf_graph=None, tflite_path=str(path))
    _write(model, request, large=False)


def _converted(request: ExportRequest, inputs: Sequence[str], outputs: Sequence[str], **given: Any) -> Any:
    logging.getLogger("tf2onnx").setLevel(logging.WARNING)
    operators.register()
    names = dict(zip(outputs, (tensor.name for tensor in request.outputs), strict=True))
    names.update(zip(inputs, (tensor.name for tensor in request.inputs), strict=True))
    options = {key: value for key, value in request.options.items() if key not in {"large_model", "optimizers"}}
    if "outputs_as_nchw" in options:
        options["outputs_as_nchw"] = _turned(request)
    graph = tfonnx.process_tf_graph(
        **given,
        **options,
        continue_on_error=False,
        opset=min(request.opset, HIGHEST),
        input_names=list(inputs),
        output_names=list(outputs),
        tensors_to_rename=names,
        extra_opset=[utils.make_opsetid(domain, version) for domain, version in request.custom.opsets.items()],
        custom_op_handlers={name: (handler, []) for name, handler in request.custom.table.items()} or None,
    )
    inspection.check_converted(graph, request)
    return optimizer.optimize_graph(graph, optimizers=_optimizers(request)).make_model("model")


def _optimizers(request: ExportRequest) -> Any:
    wanted = request.options.get("optimizers")
    if wanted is None:
        return None
    known = optimizer._get_optimizers()
    if unknown := [name for name in wanted if name not in known]:
        message = f"`optimizers` has `{unknown[0]}`, which tf2onnx does not have"
        raise WorkerError("OCA310", message, f"it has {', '.join(known)}")
    return {name: known[name] for name in wanted}


def _turned(request: ExportRequest) -> list[str]:
    """Outputs by the names of the graph: where the spec renames them, its option may still use the model's own."""
    wanted = set(request.options["outputs_as_nchw"])
    return [tensor.name for tensor in request.outputs if tensor.name in wanted]


def _check(request: ExportRequest) -> None:
    if unknown := sorted(set(request.options) - OPTIONS):
        message = f"tf2onnx is given no option `{unknown[0]}`"
        raise WorkerError("OCA310", message, f"it takes {', '.join(sorted(OPTIONS))}")


def _bytes(concrete: Any) -> int:
    return sum(variable.dtype.size * (variable.shape.num_elements() or 0) for variable in concrete.graph.variables)


def _write(model: Any, request: ExportRequest, *, large: bool) -> None:
    for value, tensor in zip(
        (*model.graph.input, *model.graph.output), (*request.inputs, *request.outputs), strict=True
    ):
        declare(value, tensor)
    if large:
        onnx.save(
            model, request.path, save_as_external_data=True, location=f"{request.path.name}.data", size_threshold=1024
        )
        return
    onnx.save(opset.bring_to(model, request.opset), request.path)
