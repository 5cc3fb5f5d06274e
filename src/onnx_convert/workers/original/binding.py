"""Which input goes to which parameter of what is called."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Sequence

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True)
class Binding:
    """Keyword of each input in order; None for one that goes by position."""

    keywords: tuple[str | None, ...]

    def arguments(self, values: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
        """Positional and keyword arguments from values in the order of the inputs."""
        pairs = list(zip(self.keywords, values, strict=True))
        return [v for keyword, v in pairs if keyword is None], {k: v for k, v in pairs if k is not None}


def bind(found: Sequence[inspect.Parameter], names: Sequence[str], shown: str, *, any_name: bool = False) -> Binding:
    """Match inputs to parameters: by name where all names are parameters', else by order.

    `shown` is what is called, for the message; `any_name` is for what takes keywords that are no parameters'. Raises
    WorkerError OCA211, with the signature, for too many, too few, or names that fit in part and in another order.
    """
    binding = Binding(_keywords(found, names, any_name=any_name))
    args, named = binding.arguments(names)
    try:
        inspect.Signature(found).bind(*args, **named)
    except TypeError as error:
        message = f"the inputs {', '.join(f'`{name}`' for name in names)} do not fit {shown}: {error}"
        raise WorkerError("OCA211", message, "give `inputs` the names of these parameters") from None
    except ValueError:
        return binding  # a TorchScript schema may have parameters without a default after ones with
    known = {parameter.name for parameter in found}
    for position, (name, keyword) in enumerate(zip(names, binding.keywords, strict=True)):
        if keyword is None and name in known and found[position].name != name:
            message = f"input `{name}` would be given to another parameter of {shown}: not all names are parameters"
            raise WorkerError("OCA211", message, "name all inputs after parameters, or none")
    return binding


def _keywords(found: Sequence[inspect.Parameter], names: Sequence[str], *, any_name: bool) -> tuple[str | None, ...]:
    in_order = [parameter.name for parameter in found if parameter.kind in POSITIONAL]
    known = {parameter.name for parameter in found if parameter.kind in _BY_NAME}
    if list(names) != in_order[: len(names)] and (any_name or known.issuperset(names)):
        return tuple(names)
    return (None,) * len(names)
