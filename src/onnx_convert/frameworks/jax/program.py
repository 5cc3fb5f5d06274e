"""What is converted: a pure function of parameters and inputs, whatever library wrote it.

`apply(params, *inputs)` with `params` a tree of arrays. That is how JAX itself sees a model: the parameters are
arguments when it is run, so that XLA does not compile them in, and constants when it is exported.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import equinox
import flax.linen
import haiku
import jax
from flax import nnx

from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable

_FORMS = (
    "return a function of arrays, a Flax or Equinox module, or a pair of an apply function (a Haiku transformed, a "
    "Linen module) and its parameters"
)


@dataclass(frozen=True)
class Program:
    """`apply(params, *inputs, **inputs)`; `signature` is that of the inputs alone, None if nobody can tell it."""

    apply: Callable[..., Any]
    params: Any
    signature: inspect.Signature | None
    kind: str


def is_model(value: object) -> bool:
    """Whether a symbol of a file is a module or a pair with parameters, and so cannot be what makes one."""
    return not inspect.isclass(value) and isinstance(value, nnx.Module | flax.linen.Module | equinox.Module | tuple)


def takes_inputs(value: object) -> bool:
    """Whether a callable has a parameter without a default: then it is a function of arrays, not one that makes it."""
    if inspect.isclass(value) or not callable(value):
        return False
    try:
        found = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return True
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return any(p.default is inspect.Parameter.empty and p.kind not in variadic for p in found)


def from_returned(made: object, symbol: str) -> Program:
    """The program that a source's callable returned.

    Raises WorkerError OCA255 for something else, OCA256 for a module of Linen or a Haiku function without its
    parameters.
    """
    if isinstance(made, haiku.Transformed | haiku.TransformedWithState | haiku.MultiTransformed):
        message = f"`{symbol}` returned a Haiku function without its parameters"
        raise WorkerError("OCA256", message, "return the pair: `transformed, params`")
    if isinstance(made, tuple) and made and not hasattr(made, "_fields"):
        return _from_pair(made, symbol)
    if isinstance(made, flax.linen.Module):
        return _from_linen(made, symbol)
    if isinstance(made, nnx.Module):
        return _from_nnx(made)
    if isinstance(made, equinox.Module) and callable(made):
        return _from_equinox(made)
    if callable(made) and not inspect.isclass(made):
        return Program(lambda _, *xs, **named: made(*xs, **named), {}, _signature(made), "function")
    raise WorkerError("OCA255", f"`{symbol}` returned {_article(made)}, which is not a model of JAX", _FORMS)


def _from_pair(made: tuple[Any, ...], symbol: str) -> Program:
    first, *trees = made
    if isinstance(first, flax.linen.Module) and len(trees) == 1:
        return Program(first.apply, trees[0], _signature(first), "Linen module")
    if isinstance(first, haiku.TransformedWithState) and len(trees) == 2:
        return _from_haiku(first, {"params": trees[0], "state": trees[1]})
    if isinstance(first, haiku.Transformed) and len(trees) == 1:
        return _from_haiku(first, {"params": trees[0]})
    if callable(first) and len(trees) == 1 and not inspect.isclass(first):
        return Program(first, trees[0], _signature(first, skip=1), "function of parameters")
    kinds = ", ".join(_article(part) for part in made[:4])
    raise WorkerError("OCA255", f"`{symbol}` returned a tuple of {kinds}, which is not a model of JAX", _FORMS)


def _from_haiku(made: Any, trees: dict[str, Any]) -> Program:
    names = list(inspect.signature(made.apply).parameters)
    # `hk.without_apply_rng` leaves the key's parameter out; inference has no key to give.
    key = (None,) if names[len(trees) : len(trees) + 1] == ["rng"] else ()
    stateful = len(trees) > 1

    def call(params: Any, *inputs: Any, **named: Any) -> Any:
        found = made.apply(*(params.values() if stateful else (params,)), *key, *inputs, **named)
        return found[0] if stateful else found

    signature = _signature(made.apply, skip=len(trees) + len(key))
    return Program(call, trees if stateful else trees["params"], signature, "Haiku function")


def _from_linen(module: Any, symbol: str) -> Program:
    if module.scope is None:
        message = f"`{symbol}` returned a Linen module without its parameters"
        raise WorkerError("OCA256", message, "return `module, variables` or `module.bind(variables)`")
    unbound, variables = module.unbind()
    return Program(unbound.apply, variables, _signature(module), "Linen module")


def _from_nnx(module: Any) -> Program:
    signature = _signature(module)
    module.eval()
    graph, keys, state = nnx.split(module, nnx.RngState, ...)
    return Program(lambda s, *xs, **named: nnx.merge(graph, keys, s)(*xs, **named), state, signature, "NNX module")


def _from_equinox(module: Any) -> Program:
    params, static = equinox.partition(equinox.nn.inference_mode(module), equinox.is_array)
    return Program(
        lambda p, *xs, **named: equinox.combine(p, static)(*xs, **named), params, _signature(module), "Equinox module"
    )


def _signature(value: Any, skip: int = 0) -> inspect.Signature | None:
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        return None
    bare = [p.replace(annotation=p.empty) for p in list(found.parameters.values())[skip:]]
    return inspect.Signature(bare)


def _article(value: object) -> str:
    if inspect.isclass(value):
        return f"the class {value.__name__}"
    if isinstance(value, jax.Array):
        return "an array"
    return "None" if value is None else f"an object of type {type(value).__name__}"
