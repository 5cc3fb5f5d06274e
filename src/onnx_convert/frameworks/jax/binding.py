"""Which input goes to which parameter of the function that is converted."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Sequence

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True)
class Binding:
    """Keyword of each input in order; None for one that goes by position."""

    keywords: tuple[str | None, ...]

    def arguments(self, values: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
        """Positional and keyword arguments from values in the order of the inputs."""
        pairs = list(zip(self.keywords, values, strict=True))
        return [v for keyword, v in pairs if keyword is None], {k: v for k, v in pairs if k is not None}


def bind(signature: inspect.Signature | None, names: Sequence[str]) -> Binding:
    """Match inputs to parameters: by name where all names are parameters', else by order.

    Raises WorkerError OCA211, with the signature, for too many, too few, or names that fit in part and in another
    order.
    """
    if signature is None:
        return Binding((None,) * len(names))
    found = list(signature.parameters.values())
    binding = Binding(_keywords(found, names))
    args, named = binding.arguments(names)
    try:
        signature.bind(*args, **named)
    except TypeError as error:
        message = (
            f"the inputs {', '.join(f'`{name}`' for name in names)} do not fit the function's {signature}: {error}"
        )
        raise WorkerError("OCA211", message, "give `inputs` the names of these parameters") from None
    for position, (name, keyword) in enumerate(zip(names, binding.keywords, strict=True)):
        if keyword is None and name in signature.parameters and found[position].name != name:
            message = f"input `{name}` would be given to another parameter of {signature}: not all names are parameters"
            raise WorkerError("OCA211", message, "name all inputs after parameters, or none")
    return binding


def required(signature: inspect.Signature | None) -> list[str]:
    """Names of the parameters that have no default."""
    if signature is None:
        return []
    kinds = (*_POSITIONAL, inspect.Parameter.KEYWORD_ONLY)
    return [p.name for p in signature.parameters.values() if p.default is p.empty and p.kind in kinds]


def _keywords(found: Sequence[inspect.Parameter], names: Sequence[str]) -> tuple[str | None, ...]:
    if list(names) == [p.name for p in found if p.kind in _POSITIONAL][: len(names)]:
        return (None,) * len(names)
    known = {p.name for p in found if p.kind in _BY_NAME}
    return tuple(names) if known.issuperset(names) else (None,) * len(names)
