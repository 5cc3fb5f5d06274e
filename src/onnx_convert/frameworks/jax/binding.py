"""Which input goes to which parameter of the function that is converted."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from onnx_convert.workers.original.binding import POSITIONAL, Binding
from onnx_convert.workers.original.binding import bind as bind_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence


def bind(signature: inspect.Signature | None, names: Sequence[str]) -> Binding:
    """Match inputs to parameters, by order where the function says nothing of them. Raises WorkerError OCA211."""
    if signature is None:
        return Binding((None,) * len(names))
    return bind_parameters(list(signature.parameters.values()), names, f"function{signature}")


def required(signature: inspect.Signature | None) -> list[str]:
    """Names of the parameters that have no default."""
    if signature is None:
        return []
    kinds = (*POSITIONAL, inspect.Parameter.KEYWORD_ONLY)
    return [p.name for p in signature.parameters.values() if p.default is p.empty and p.kind in kinds]
