"""Both exporters of torch.onnx, called so that they write one file with the names that were asked for.

The module is exported with a `forward` that takes the inputs in the spec's order and returns a flat tuple of tensors,
so that neither exporter's own idea of keyword arguments and nested outputs matters.
"""

from __future__ import annotations

import inspect
import logging
import warnings
from contextlib import chdir
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from onnx_convert.frameworks.pytorch import failures, unsupported
from onnx_convert.workers.original import opset as opsets
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from onnx_convert.workers.original.source import ExportRequest, TensorInfo
    from onnx_convert.workers.protocol import Job

ONE_FILE_LIMIT = 2**31 - 2**24
"""Bytes of weights up to which a model is one file: protobuf ends at 2 GiB, and the graph needs some of it."""

TORCHSCRIPT_HIGHEST = 20
"""The highest the TorchScript exporter writes: `torch.onnx._constants.ONNX_TORCHSCRIPT_EXPORTER_MAX_OPSET` of 2.13."""

DYNAMO_LOWEST = 18
DYNAMO_HIGHEST = 25
"""The opsets that onnxscript's operators are written for and its version converter reaches (of 0.7)."""

_OURS = frozenset(
    {
        *("model", "args", "f", "kwargs", "input_names", "output_names", "opset_version", "dynamo", "dynamic_axes"),
        *("custom_opsets", "custom_translation_table"),
        *("dynamic_shapes", "external_data", "report", "verify", "artifacts_dir", "dump_exported_program", "profile"),
    }
)
"""Parameters of torch.onnx.export that follow from the spec, or are for looking at the exporter itself."""

Axes = dict[int, str]


def patched(flat: Callable[..., Any], model: Any, names: Sequence[str]) -> Any:
    """The module itself with `flat` as its `forward`: scopes and parameter names stay the user's own."""

    def forward(*tensors: Any) -> Any:
        return flat(*tensors)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    fields = [inspect.Parameter(name if name.isidentifier() else f"input_{i}", kind) for i, name in enumerate(names)]
    # Both exporters ask `inspect.signature`, which prefers this attribute to the function's own parameters.
    forward.__signature__ = inspect.Signature(fields)  # type: ignore[attr-defined] # functions take any attribute
    model.forward = forward
    return model


def wrapped(flat: Callable[..., Any], model: Any, tensors: tuple[Any, ...]) -> Any:
    """A traced module around a ScriptModule, whose `forward` cannot be replaced.

    torch.jit.trace keeps the script as it is, with its branches; torch.onnx's own tracing refuses it.
    """

    class Flat(torch.nn.Module):  # type: ignore[misc] # torch has no types where this is checked
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: Any) -> Any:
            return flat(*tensors)

    return torch.jit.trace(Flat().eval(), tensors, check_trace=False)


def write(model: Any, tensors: tuple[Any, ...], request: ExportRequest, job: Job) -> None:
    """Export to `request.path`. Raises WorkerError of OCA3xx for failures that are known."""
    check_options(request.options)
    one_file = _weight_bytes(model) < ONE_FILE_LIMIT
    write_one = _write_dynamo if request.exporter == "dynamo" else _write_torchscript
    # The names are looked up where an operator is missing: what is being exported is still at hand here.
    find = partial(_unsupported, model, tensors, request)
    with warnings.catch_warnings(record=True) as caught, failures.recognised(request, job, find):
        warnings.simplefilter("default")
        warnings.simplefilter("always", torch.jit.TracerWarning)
        warnings.filterwarnings("ignore", "You are using the legacy TorchScript-based ONNX export")
        write_one(model, tensors, request, one_file=one_file)
    failures.tell_warnings(caught, job)


def _unsupported(model: Any, tensors: tuple[Any, ...], request: ExportRequest) -> unsupported.Lowest:
    if request.exporter == "torchscript":
        return unsupported.torchscript(model, tensors, min(request.opset, TORCHSCRIPT_HIGHEST))
    opset = min(max(request.opset, DYNAMO_LOWEST), DYNAMO_HIGHEST)
    return unsupported.dynamo(
        lambda folder: _call_dynamo(
            model, tensors, request, opset=opset, external_data=True, report=True, artifacts_dir=folder
        ),
        request.path.parent / "report",
    )


def axes(tensors: Sequence[TensorInfo]) -> dict[str, Axes]:
    """The dynamic axes of tensors by name and position."""
    return {t.name: {i: axis for i, axis in enumerate(t.shape) if isinstance(axis, str)} for t in tensors}


def check_options(options: Mapping[str, Any]) -> None:
    """Raise WorkerError OCA310 for an export option that torch.onnx does not have or that is not the user's to set."""
    known = set(inspect.signature(torch.onnx.export).parameters)
    for name in options:
        if name in _OURS:
            raise WorkerError("OCA310", f"the export option `{name}` is set from the spec's other keys")
        if name not in known:
            free = ", ".join(sorted(known.difference(_OURS)))
            raise WorkerError("OCA310", f"torch.onnx.export has no option `{name}`", f"it has: {free}")


def _write_torchscript(model: Any, tensors: tuple[Any, ...], request: ExportRequest, *, one_file: bool) -> None:
    path, opset = request.path, min(request.opset, TORCHSCRIPT_HIGHEST)
    if not one_file:
        path = request.path.parent / "parts" / "model.onnx"
        path.parent.mkdir()
    torch.onnx.export(
        model,
        tensors,
        str(path),
        dynamo=False,
        opset_version=opset,
        input_names=[tensor.name for tensor in request.inputs],
        output_names=[tensor.name for tensor in request.outputs],
        dynamic_axes={name: found for name, found in axes((*request.inputs, *request.outputs)).items() if found},
        custom_opsets=dict(request.custom.opsets) or None,
        **_torchscript_options(request.options),
    )
    if not one_file:
        _join(path, request.path)
    if opset != request.opset:
        _bring(request, one_file=one_file)


def _write_dynamo(model: Any, tensors: tuple[Any, ...], request: ExportRequest, *, one_file: bool) -> None:
    opset = min(max(request.opset, DYNAMO_LOWEST), DYNAMO_HIGHEST)
    _call_dynamo(model, tensors, request, opset=opset, external_data=not one_file)
    if opset != request.opset:
        _bring(request, one_file=one_file)


def _call_dynamo(
    model: Any, tensors: tuple[Any, ...], request: ExportRequest, *, opset: int, external_data: bool, **more: Any
) -> None:
    # Says for every operator of torchvision that torchvision is not installed.
    logging.getLogger("torch.onnx._internal.exporter._registration").setLevel(logging.ERROR)
    program = isinstance(model, torch.export.ExportedProgram)
    torch.onnx.export(
        model,
        () if program else tensors,
        str(request.path),
        dynamo=True,
        opset_version=opset,
        input_names=[tensor.name for tensor in request.inputs],
        output_names=[tensor.name for tensor in request.outputs],
        dynamic_shapes=tuple(axes(request.inputs).values()),
        external_data=external_data,
        custom_translation_table=dict(request.custom.table) or None,
        verify=False,
        **{"verbose": False, "report": False, **more, **request.options},
    )


def _bring(request: ExportRequest, *, one_file: bool) -> None:
    """To the asked opset: the exporter's own way there does not show the converter the weights, which it needs.

    Large weights stay where they are; the small ones that say axes and sizes are in the graph.
    """
    import onnx  # noqa: PLC0415 - as in _join

    model = onnx.load(request.path, load_external_data=one_file)
    with chdir(request.path.parent):  # where onnx looks for the data of a model that is in memory
        onnx.save(opsets.bring_to(model, request.opset), request.path)


def _torchscript_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Enumerations by their names: TOML has none."""
    kinds = {"training": torch.onnx.TrainingMode, "operator_export_type": torch.onnx.OperatorExportTypes}
    return {
        name: getattr(kinds[name], value) if name in kinds and isinstance(value, str) else value
        for name, value in options.items()
    }


def _weight_bytes(model: Any) -> int:
    # An exported program has as an attribute what a module has as a method.
    state = model.state_dict() if callable(model.state_dict) else model.state_dict
    return sum(tensor.numel() * tensor.element_size() for tensor in state.values())


def _join(parts: Path, path: Path) -> None:
    # Past 2 GB the TorchScript exporter writes a file a tensor beside the model.
    import onnx  # noqa: PLC0415 - only models of this size need it

    onnx.save_model(
        onnx.load(parts),
        path,
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=f"{path.name}.data",
    )
    for file in parts.parent.iterdir():
        file.unlink()
    parts.parent.rmdir()
