"""`forward`'s parameters: which input goes where, and what a module probably takes."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Sequence

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Binding:
    """Keyword of each input in order; None for one that goes by position."""

    keywords: tuple[str | None, ...]

    def arguments(self, tensors: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
        """Positional and keyword arguments of `forward` from the inputs in order."""
        pairs = list(zip(self.keywords, tensors, strict=True))
        return [t for keyword, t in pairs if keyword is None], {k: t for k, t in pairs if k is not None}


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
    """Match inputs to parameters: by name where all names are parameters', else by order.

    Raises WorkerError OCA211, with the signature, for too many, too few, or names that fit in part and in another
    order.
    """
    found = parameters(model)
    keywords = _keywords(found, names)
    given = Binding(keywords).arguments(names)
    shown = "forward(" + ", ".join(str(parameter) for parameter in found) + ")"
    try:
        inspect.Signature(found).bind(*given[0], **given[1])
    except TypeError as error:
        message = f"the inputs {', '.join(f'`{name}`' for name in names)} do not fit {shown}: {error}"
        raise WorkerError("OCA211", message, "give `inputs` the names of these parameters") from None
    except ValueError:
        return Binding(keywords)  # a schema may have parameters without a default after ones with
    moved = [
        name
        for position, (name, keyword) in enumerate(zip(names, keywords, strict=True))
        if keyword is None and name in {p.name for p in found} and found[position].name != name
    ]
    if moved:
        message = f"input `{moved[0]}` would be given to another parameter of {shown}: not all names are parameters"
        raise WorkerError("OCA211", message, "name all inputs after parameters, or none")
    return Binding(keywords)


def guess(model: Any) -> list[TensorInfo]:
    """A tensor for each parameter without a default; the first one shaped as the first layer wants it."""
    required = [p for p in parameters(model) if p.default is inspect.Parameter.empty and p.kind in _POSITIONAL]
    first = _first_layer(model)
    rest: tuple[str, tuple[int | str, ...]] = ("float32", ("batch",))
    return [
        TensorInfo(parameter.name, *(first if position == 0 and first else rest))
        for position, parameter in enumerate(required)
    ]


def _keywords(found: Sequence[inspect.Parameter], names: Sequence[str]) -> tuple[str | None, ...]:
    in_order = [p.name for p in found if p.kind in _POSITIONAL]
    if list(names) == in_order[: len(names)]:
        return (None,) * len(names)
    known = {
        p.name for p in found if p.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    }
    takes_any = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in found)
    if all(name in known or takes_any for name in names):
        return tuple(names)
    return (None,) * len(names)


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
