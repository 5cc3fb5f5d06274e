"""The parameters of a function: which input goes where, and what it probably takes."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_NOT_DATA = frozenset({"self", "training", "mask"})


def data(function: Callable[..., Any]) -> inspect.Signature:
    """The parameters that take data; those of Keras that do not are left out. Any, for a function that tells none."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return inspect.Signature([inspect.Parameter("inputs", inspect.Parameter.VAR_POSITIONAL)])
    return signature.replace(parameters=[p for p in signature.parameters.values() if p.name not in _NOT_DATA])


def takes(function: Callable[..., Any], name: str) -> bool:
    """Whether a function has a parameter of this name."""
    try:
        return name in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def keywords(signature: inspect.Signature, names: Sequence[str]) -> tuple[str, ...] | None:
    """The keyword of each input where all names are parameters', None where they go by position.

    Raises WorkerError OCA211, with the signature, for too many or too few, or where only some names are parameters'.
    """
    known = {p.name for p in signature.parameters.values() if p.kind is not inspect.Parameter.POSITIONAL_ONLY}
    fitting = [name for name in names if name in known]
    listed = ", ".join(f"`{name}`" for name in names)
    if fitting and len(fitting) < len(names):
        message = f"of the inputs {listed} only `{fitting[0]}` is a parameter of {signature}"
        raise WorkerError("OCA211", message, "name all inputs after parameters, or none")
    try:
        signature.bind(*(() if fitting else names), **{name: name for name in fitting})
    except TypeError as error:
        message = f"the inputs {listed} do not fit {signature}: {error}"
        raise WorkerError("OCA211", message, "give `inputs` the names of these parameters") from None
    return tuple(names) if fitting else None


def guess(signature: inspect.Signature) -> list[TensorInfo]:
    """A tensor for each parameter without a default."""
    required = [
        p.name for p in signature.parameters.values() if p.default is inspect.Parameter.empty and p.kind in _POSITIONAL
    ]
    return [TensorInfo(name, "float32", ("batch", 4)) for name in required]
