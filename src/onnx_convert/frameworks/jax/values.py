"""Between JAX's values and the harness': arrays in, nested outputs out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from onnx_convert.workers.original import nested
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from onnx_convert.workers.original.source import Array


def narrowed(array: Array, name: str) -> Array:
    """The array in the dtype JAX computes it with: 64-bit integers have 32 bits unless x64 is on.

    Raises WorkerError OCA259 for an integer that does not fit: JAX would cut it off without a word.
    """
    dtype = jax.dtypes.canonicalize_dtype(array.dtype)
    if dtype == array.dtype:
        return array
    if array.dtype.kind in "iu" and array.size:
        bounds = np.iinfo(dtype)
        if int(array.min()) < bounds.min or int(array.max()) > bounds.max:
            raise WorkerError("OCA259", f"input `{name}` holds integers that do not fit {dtype.name}")
    return array.astype(dtype)


def array(value: Any, note: Callable[[], None]) -> Array:
    """An output's values. numpy's files have no bfloat16: float32 holds the same values, and `note` is called."""
    found = np.asarray(value)
    if found.dtype == jnp.bfloat16:
        note()
        return found.astype(np.float32)
    return found


def flatten(outputs: object) -> dict[str, Any]:
    """The arrays of a function's outputs by name, in the order they were written; None is left out.

    Names are keys of mappings, fields of dataclasses and named tuples, else `output` or `output_0`, ...; nested ones
    are joined with `_`. JAX itself would sort the keys of dicts. Raises WorkerError OCA217 for a leaf that is no array.
    """
    checked = [(path, _checked(leaf, path)) for path, leaf in nested.leaves(outputs, nested.fields)]
    if not checked:
        raise WorkerError("OCA217", "the model returned no array")
    names = nested.unique(nested.joined(path) for path, _ in checked)
    return dict(zip(names, (leaf for _, leaf in checked), strict=True))


def _checked(leaf: Any, path: tuple[str, ...]) -> Any:
    where = f"output `{'.'.join(path)}`" if path else "the output"
    try:
        found = jnp.asarray(leaf)
    except (TypeError, ValueError):
        message = f"{where} is of type {type(leaf).__name__}, not an array"
        hint = (
            "a function whose parameters have no default is itself what is converted; give `args` for one that makes "
            "the model"
            if callable(leaf)
            else None
        )
        raise WorkerError("OCA217", message, hint) from None
    if jnp.issubdtype(found.dtype, jax.dtypes.prng_key):
        raise WorkerError("OCA217", f"{where} is a random key, which ONNX does not have")
    if jnp.issubdtype(found.dtype, jnp.complexfloating):
        raise WorkerError("OCA217", f"{where} is complex, which ONNX does not have")
    return found
