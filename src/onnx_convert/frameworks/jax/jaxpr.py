"""What a function does when it is traced: the primitives of its jaxpr, nested ones included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
from jax.interpreters import partial_eval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from onnx_convert.workers.original.source import Array
    from onnx_convert.workers.protocol import Job

_RANDOM = frozenset({"random_bits", "threefry2x32", "rng_bit_generator", "rng_uniform"})


def trace(function: Callable[..., Any], inputs: Sequence[Any]) -> Any:
    """The closed jaxpr of a function without what no output needs, such as keys for a state of zeros."""
    closed = jax.make_jaxpr(function)(*inputs)
    needed, _ = partial_eval.dce_jaxpr(closed.jaxpr, [True] * len(closed.jaxpr.outvars), instantiate=True)
    return closed.replace(jaxpr=needed)


def primitives(traced: Any) -> Iterator[str]:
    """Names of all primitives of a jaxpr in order."""
    for equation in traced.eqns:
        yield equation.primitive.name
        for value in equation.params.values():
            for nested in value if isinstance(value, list | tuple) else (value,):
                inner = getattr(nested, "jaxpr", nested)  # a closed jaxpr holds one
                if hasattr(inner, "eqns"):
                    yield from primitives(inner)


def tell_random(function: Callable[..., Any], inputs: Sequence[Array], job: Job) -> None:
    """A warning (OCA330) if the function draws random numbers."""
    found = set(primitives(trace(function, inputs).jaxpr))
    if found & _RANDOM:
        job.note("OCA330", "the model draws random numbers, which ONNX will draw otherwise")
