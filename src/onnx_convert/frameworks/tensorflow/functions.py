"""What Python code gives besides Keras models: functions, modules, and objects that were loaded from a SavedModel."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from onnx_convert.frameworks.tensorflow import parameters, values
from onnx_convert.frameworks.tensorflow.function import Computation
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable

CALL = "__call__"


def is_function(value: object) -> bool:
    """Whether something is a `tf.function` or a concrete function."""
    return isinstance(value, tf.types.experimental.GenericFunction | tf.types.experimental.ConcreteFunction)


def is_module(value: object) -> bool:
    """Whether something is a `tf.Module`, or what `tf.saved_model.load` gives."""
    return isinstance(value, tf.Module) or (hasattr(value, "signatures") and hasattr(value, "graph_debug_info"))


def of_module(module: Any, wanted: str | None) -> Computation:
    """The function of a module that `signature` names; without one its `__call__`, or the only one it has.

    Raises WorkerError OCA241 for a name it does not have, OCA249 where it has none or nobody chose.
    """
    found = methods(module)
    if wanted is not None and wanted not in found:
        close = difflib.get_close_matches(wanted, found, n=1)
        hint = f'did you mean `signature = "{close[0]}"`?' if close else None
        raise WorkerError("OCA241", f"the module has no function `{wanted}`; it has {_listed(found)}", hint)
    name = wanted or (CALL if CALL in found else next(iter(found), None))
    if name is None or (wanted is None and name != CALL and len(found) > 1):
        has = f"the functions {_listed(found)}" if found else "no `tf.function` and cannot be called"
        hint = f'choose one, such as `signature = "{name}"`' if found else None
        raise WorkerError("OCA249", f"the {type(module).__name__} has {has}", hint)
    return of_function(found[name], module)


def methods(module: Any) -> dict[str, Callable[..., Any]]:
    """The functions of a module by name: everything that is a `tf.function`, and a plain `__call__`."""
    names = dict.fromkeys([*dir(type(module)), *vars(module)])
    found = {name: getattr(module, name) for name in names if not name.startswith("_") and _is_method(module, name)}
    return {CALL: module.__call__, **found} if callable(module) else found


def of_function(function: Any, owner: Any) -> Computation:
    """A function with the inputs it declares, or with those that the spec gives its parameters."""
    if isinstance(function, tf.types.experimental.ConcreteFunction):
        return _declared(function, function, owner)
    if getattr(function, "input_signature", None) is not None:
        return _declared(function, function.get_concrete_function(), owner)
    concrete = list(getattr(function, "concrete_functions", ()))
    if len(concrete) == 1:  # restored from a SavedModel: it has what was traced before it was saved
        return _declared(concrete[0], concrete[0], owner)
    return _Open(function).computation(owner)


def of_signature(function: Any, owner: Any) -> Computation:
    """A signature of a SavedModel: its inputs and outputs have names and no order, so they get that of their names."""
    found = _declared(function, function, owner)

    def call(*tensors: Any) -> Any:
        outputs = found.call(*tensors)
        return {name: outputs[name] for name in sorted(outputs, key=_natural)}

    return Computation(call, owner, found.signature)


def _natural(name: str) -> list[tuple[int, str]]:
    """`output_2` before `output_10`."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _declared(function: Any, concrete: Any, owner: Any) -> Computation:
    structure = concrete.structured_input_signature
    leaves = tf.nest.flatten(structure)
    places = [position for position, leaf in enumerate(leaves) if isinstance(leaf, tf.TypeSpec)]
    names = _unique([getattr(leaves[place], "name", None) or f"input_{n}" for n, place in enumerate(places)])

    def call(*tensors: Any) -> Any:
        filled = list(leaves)
        for place, tensor in zip(places, tensors, strict=True):
            filled[place] = tensor
        args, kwargs = tf.nest.pack_sequence_as(structure, filled)
        return function(*args, **kwargs)

    signature = [values.info(name, leaves[place]) for name, place in zip(names, places, strict=True)]
    return Computation(call, owner, signature)


class _Open:
    """A function that says nothing of its inputs but its parameters."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._signature = parameters.data(function)
        self._keywords: tuple[str, ...] | None = None

    def computation(self, owner: Any) -> Computation:
        return Computation(self._call, owner, None, parameters.guess(self._signature), self._arrange)

    def _arrange(self, names: tuple[str, ...]) -> None:
        self._keywords = parameters.keywords(self._signature, names)

    def _call(self, *tensors: Any) -> Any:
        if self._keywords is None:
            return self._function(*tensors)
        return self._function(**dict(zip(self._keywords, tensors, strict=True)))


def _is_method(module: Any, name: str) -> bool:
    try:
        return is_function(getattr(module, name))
    except Exception:  # a property of the caller's may raise
        return False


def _unique(names: list[str]) -> list[str]:
    return [name if names.index(name) == position else f"{name}_{position}" for position, name in enumerate(names)]


def _listed(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
