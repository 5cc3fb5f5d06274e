"""jax2onnx, called so that it writes exactly the asked opset with the names and dtypes that were asked for."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any

import jax
import jax.export
import jax.extend.core
import jax2onnx
import onnx_ir as ir

from onnx_convert.frameworks.jax import failures, interface, jaxpr, precision, repairs
from onnx_convert.workers.original.opset import bring_to
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from onnx_convert.workers.original.source import ExportRequest, TensorInfo
    from onnx_convert.workers.protocol import Job

PRIMITIVES = "jax2onnx-primitives"
"""The exporter that traces the function to primitives before jax2onnx sees it.

jax2onnx itself replaces functions of jax.numpy, Flax and Equinox while it traces, and writes larger operators for them
where it can: LayerNormalization, Gemm. Its replacements do not take all that the originals do.
"""

ONE_FILE_LIMIT = 2**31 - 2**24
"""Bytes of weights up to which a model is one file: protobuf ends at 2 GiB, and the graph needs some of it."""

_OURS = frozenset(
    {
        *("fn", "inputs", "input_params", "opset", "model_name", "return_mode", "output_path", "export_mode"),
        *("input_names", "output_names", "record_primitive_calls_file"),
    }
)
"""Parameters of jax2onnx.to_onnx that follow from the spec, or are about the file it writes."""


def write(
    function: Callable[..., Any], inputs: Sequence[TensorInfo], request: ExportRequest, job: Job, *, double: bool
) -> None:
    """Export to `request.path`. `inputs` are as the function takes them. Raises WorkerError of OCA3xx."""
    check_options(request.options)
    model = _converted(function, inputs, request, job, double=double)
    repairs.boolean_where(model.graph)
    interface.fit(model, request)
    if _weight_bytes(model) >= ONE_FILE_LIMIT:
        ir.save(model, request.path, external_data=f"{request.path.name}.data")
        return
    proto = ir.to_proto(model)
    # Notes on values inside, which say NHWC of values that are NCHW; whoever loads the model infers them anew.
    del proto.graph.value_info[:]
    proto = bring_to(proto, request.opset)
    request.path.write_bytes(proto.SerializeToString())


def check_options(options: Mapping[str, Any]) -> None:
    """Raise WorkerError OCA310 for an export option that jax2onnx does not have or that is not the user's to set."""
    known = set(inspect.signature(jax2onnx.to_onnx).parameters)
    for name in options:
        if name in _OURS:
            raise WorkerError("OCA310", f"the export option `{name}` is set from the spec's other keys")
        if name not in known:
            free = ", ".join(sorted(known.difference(_OURS)))
            raise WorkerError("OCA310", f"jax2onnx.to_onnx has no option `{name}`", f"it has: {free}")


def _converted(
    function: Callable[..., Any], inputs: Sequence[TensorInfo], request: ExportRequest, job: Job, *, double: bool
) -> Any:
    logging.getLogger().setLevel(logging.WARNING)  # to_onnx logs its arguments
    logging.getLogger("onnx_ir.serde").setLevel(logging.ERROR)  # and its model has shapes without dtypes
    with failures.recognised_export(function, inputs, request, job):
        shapes = _symbolic(inputs)
        return jax2onnx.to_onnx(
            _primitives_of(function, shapes) if request.exporter == PRIMITIVES else function,
            shapes,
            opset=request.opset,
            return_mode="ir",
            **{**request.options, precision.OPTION: double},
        )


def _symbolic(inputs: Sequence[TensorInfo]) -> list[jax.ShapeDtypeStruct]:
    names = dict.fromkeys(axis for tensor in inputs for axis in tensor.shape if isinstance(axis, str))
    scope = jax.export.SymbolicScope()
    sizes = {name: jax.export.symbolic_shape(name, scope=scope)[0] for name in names}
    return [
        jax.ShapeDtypeStruct(
            [sizes[a] if isinstance(a, str) else a for a in t.shape], jax.dtypes.canonicalize_dtype(t.dtype)
        )
        for t in inputs
    ]


def _primitives_of(function: Callable[..., Any], shapes: Sequence[jax.ShapeDtypeStruct]) -> Callable[..., Any]:
    found: Callable[..., Any] = jax.extend.core.jaxpr_as_fun(jaxpr.trace(function, shapes))
    return found


def _weight_bytes(model: Any) -> int:
    return sum(value.const_value.nbytes for value in model.graph.initializers.values() if value.const_value is not None)
