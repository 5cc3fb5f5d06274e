"""mx2onnx, called so that the opset is what is written and the weights are constants."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import mxnet as mx
import numpy as np
import onnx
from onnx import checker, helper

from onnx_convert.frameworks.mxnet import shapes
from onnx_convert.workers.original import opset
from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from onnx_convert.frameworks.mxnet.network import Network
    from onnx_convert.workers.original.source import ExportRequest, TensorInfo

_DTYPES = ("float32", "float64", "float16", "int8", "uint8", "int32", "int64", "bool")


def write(network: Network, names: Mapping[str, str], request: ExportRequest) -> None:
    """Write a network; `names` gives each of its inputs the name that the graph has to use.

    Raises WorkerError OCA310 for any export option, OCA334 and OCA335 for what mx2onnx does not translate, OCA338
    where it lost an output, OCA309 for an opset that cannot be reached.
    """
    if request.options:
        raise WorkerError("OCA310", f"mx2onnx has no option `{next(iter(request.options))}`", "it has none to give")
    tensors = {own: _by_name(request.inputs)[given] for own, given in names.items()}
    ordered = [tensors[name] for name in network.inputs]
    sizes = {name: request.example[names[name]].shape for name in network.inputs}
    graph, outputs, written = _translated(network, ordered, sizes, request.opset)
    model = _model(graph, written)
    inputs = {own: names[own] for own in network.inputs}
    _finish(model.graph, inputs, outputs, request)
    onnx.save(opset.bring_to(model, request.opset), request.path)


def zero_labels(network: Network, inputs: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """Labels of the shapes that the symbol wants at these shapes of its inputs; inference never reads them."""
    found = shapes.arguments(network, inputs)
    return {name: mx.nd.zeros(found[name]) for name in network.labels}


def _translated(
    network: Network, inputs: Sequence[TensorInfo], sizes: Mapping[str, tuple[int, ...]], asked: int
) -> tuple[Any, list[str], int]:
    """The graph, its outputs in the symbol's order, and the opset that it is really of."""
    # mx2onnx reads this module, which onnx 1.19 removed.
    setattr(onnx, "mapping", SimpleNamespace(**_mapping()))  # noqa: B010 - the type checker knows it is gone
    import mxnet.onnx  # noqa: F401, PLC0415 - registers its translations
    from mxnet.onnx.mx2onnx._export_onnx import MXNetGraph  # noqa: PLC0415

    from onnx_convert.frameworks.mxnet import translations  # noqa: PLC0415 - needs both of them

    translations.register(network)
    written = min(max(asked, min(translations.OPSETS)), max(translations.OPSETS))
    _check_operators(translations.missing(network.nodes, written))
    params = {**network.params, **zero_labels(network, sizes)}
    params |= {name: mx.nd.ones_like(params[name]) for name in network.fixed_gammas}
    params = {name: array for name, array in params.items() if name in set(network.symbol.list_inputs())}
    types = [helper.np_dtype_to_tensor_dtype(np.dtype(tensor.dtype)) for tensor in inputs]
    examples = [sizes[name] for name in network.inputs]
    dynamic = [tensor.shape for tensor in inputs]
    with _own_failures(), _checked_as(written):
        graph = MXNetGraph().create_onnx_graph_proto(
            *(network.symbol, params, examples, types),
            opset_version=written,
            dynamic=True,
            dynamic_input_shapes=dynamic,
        )
        # Nothing in the symbol ends with the name of a label that is a parameter by now.
        _, outputs = MXNetGraph.get_outputs(network.symbol, params, examples, "", types, False, None)
    return graph, list(outputs), written


def _check_operators(nodes: Sequence[dict[str, Any]]) -> None:
    if not nodes:
        return
    kinds: dict[str, list[str]] = {}
    for node in nodes:
        kinds.setdefault(node["op"], []).append(node["name"])
    said = "; ".join(f"{kind} ({_first(names)})" for kind, names in sorted(kinds.items()))
    raise WorkerError("OCA334", f"mx2onnx has no translation for {len(kinds)} of the symbol's operators: {said}")


def _first(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


@contextmanager
def _own_failures() -> Iterator[None]:
    try:
        yield
    except (NotImplementedError, AttributeError) as error:
        raise WorkerError("OCA335", f"mx2onnx: {shorten(str(error))}") from error


@contextmanager
def _checked_as(version: int) -> Iterator[None]:
    """Have mx2onnx check its graph as what it is, not as the newest opset that onnx knows."""
    before = dict(checker.DEFAULT_CONTEXT.opset_imports)
    checker.DEFAULT_CONTEXT.opset_imports = {"": version}
    try:
        yield
    finally:
        checker.DEFAULT_CONTEXT.opset_imports = before


def _model(graph: Any, version: int) -> Any:
    imports = [helper.make_opsetid("", version)]
    return helper.make_model(
        graph, opset_imports=imports, ir_version=helper.find_min_ir_version_for(imports), producer_name="mx2onnx"
    )


def _finish(graph: Any, inputs: Mapping[str, str], outputs: Sequence[str], request: ExportRequest) -> None:
    """Weights out of the inputs, unread ones away; names, shapes and order as the request has them."""
    _keep(graph.node, _alive(graph.node, outputs))
    read = {name for node in graph.node for name in node.input}
    _keep(graph.initializer, [tensor for tensor in graph.initializer if tensor.name in read | set(outputs)])
    made = {name for node in graph.node for name in node.output} | {tensor.name for tensor in graph.initializer}
    lost = [name for name in outputs if name not in made]
    if lost or len(outputs) != len(request.outputs):
        names = ", ".join(f"`{name}`" for name in lost or outputs)
        raise WorkerError("OCA338", f"mx2onnx wrote other outputs than the symbol has: {names}")
    renamed = {**inputs, **dict(zip(outputs, (tensor.name for tensor in request.outputs), strict=True))}
    _rename(graph, renamed)
    _keep(graph.input, [_value(tensor) for tensor in request.inputs])
    _keep(graph.output, [_value(tensor) for tensor in request.outputs])
    del graph.value_info[:]


def _alive(nodes: Sequence[Any], outputs: Sequence[str]) -> list[Any]:
    """Nodes that an output depends on, in their order."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            kept.append(node)
    return kept[::-1]


def _keep(repeated: Any, values: Sequence[Any]) -> None:
    del repeated[:]
    repeated.extend(values)


def _rename(graph: Any, names: Mapping[str, str]) -> None:
    """Rename values; whoever has a new name already gives way."""
    changes = {old: new for old, new in names.items() if old != new}
    changes |= {name: f"{name}_inner" for name in set(changes.values()).difference(names)}
    for node in graph.node:
        for values in (node.input, node.output):
            values[:] = [changes.get(name, name) for name in values]
    for tensor in graph.initializer:
        tensor.name = changes.get(tensor.name, tensor.name)


def _value(tensor: TensorInfo) -> Any:
    return helper.make_tensor_value_info(
        tensor.name, helper.np_dtype_to_tensor_dtype(np.dtype(tensor.dtype)), tensor.shape
    )


def _by_name(tensors: Sequence[TensorInfo]) -> dict[str, TensorInfo]:
    return {tensor.name: tensor for tensor in tensors}


def _mapping() -> dict[str, Any]:
    types = {np.dtype(name): helper.np_dtype_to_tensor_dtype(np.dtype(name)) for name in _DTYPES}
    return {
        "NP_TYPE_TO_TENSOR_TYPE": types,
        "TENSOR_TYPE_TO_NP_TYPE": {number: dtype for dtype, number in types.items()},
    }
