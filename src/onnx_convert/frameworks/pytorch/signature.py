"""`forward`'s parameters: which input goes where, and what a module probably takes."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import torch

from onnx_convert.workers.original.binding import POSITIONAL, Binding
from onnx_convert.workers.original.binding import bind as bind_parameters
from onnx_convert.workers.original.source import TensorInfo

if TYPE_CHECKING:
    from collections.abc import Sequence


def parameters(model: Any) -> list[inspect.Parameter]:
    """The parameters of `forward` without `self`; a ScriptModule's come from its schema."""
    if isinstance(model, torch.jit.ScriptModule):
        return [
            inspect.Parameter(
                argument.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=argument.default_value if argument.has_default_value() else inspect.Parameter.empty,
            )
            for argument in model.forward.schema.arguments[1:]
        ]
    return list(inspect.signature(model.forward).parameters.values())


def bind(model: Any, names: Sequence[str]) -> Binding:
    """Match inputs to the parameters of `forward`. Raises WorkerError OCA211, with the signature."""
    found = parameters(model)
    shown = "forward(" + ", ".join(str(parameter) for parameter in found) + ")"
    takes_any = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in found)
    return bind_parameters(found, names, shown, any_name=takes_any)


def guess(model: Any) -> list[TensorInfo]:
    """A tensor for each parameter without a default; the first one shaped as the first layer wants it."""
    required = [p for p in parameters(model) if p.default is inspect.Parameter.empty and p.kind in POSITIONAL]
    first = _first_layer(model)
    rest: tuple[str, tuple[int | str, ...]] = ("float32", ("batch",))
    return [
        TensorInfo(parameter.name, *(first if position == 0 and first else rest))
        for position, parameter in enumerate(required)
    ]


def _first_layer(model: Any) -> tuple[str, tuple[int | str, ...]] | None:
    spatial: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (torch.nn.Conv1d, ("length",)),
        (torch.nn.Conv2d, ("height", "width")),
        (torch.nn.Conv3d, ("depth", "height", "width")),
    )
    for part in model.modules():
        for kind, axes in spatial:
            if isinstance(part, kind):
                return "float32", ("batch", part.in_channels, *axes)
        if isinstance(part, torch.nn.Linear):
            return "float32", ("batch", part.in_features)
        if isinstance(part, torch.nn.Embedding):
            return "int64", ("batch", "sequence")
    return None
