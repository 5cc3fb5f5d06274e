"""Between TensorFlow's values and the harness': dtypes, shapes with named dimensions, arrays, nested outputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from onnx_convert.workers.original import nested
from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from onnx_convert.workers.original.source import Array

_AXES = {3: ("length",), 4: ("height", "width"), 5: ("depth", "height", "width")}
"""What the axes between batch and channels are called, by rank."""


def info(name: str, spec: Any) -> TensorInfo:
    """An input as TensorFlow declares it; axes of unknown size get names: `batch`, `height`, ..., else `NAME_dimK`.

    Raises WorkerError OCA248 for what is no dense tensor of known rank.
    """
    if not isinstance(spec, tf.TensorSpec | tf.Tensor):
        kind = type(spec).__name__.removesuffix("Spec").removesuffix("Tensor").lower() or type(spec).__name__
        raise WorkerError("OCA248", f"input `{name}` is a {kind} tensor, and ONNX has dense ones only")
    if spec.dtype in (tf.resource, tf.variant):
        raise WorkerError("OCA248", f"input `{name}` is a {spec.dtype.name}, not a tensor")
    if spec.shape.rank is None:
        raise WorkerError("OCA248", f"nobody said how many axes input `{name}` has")
    return TensorInfo(name, spec.dtype.name, axes(name, spec.shape.as_list()))


def axes(name: str, sizes: Sequence[int | None]) -> tuple[int | str, ...]:
    """Sizes as they are, names for the unknown ones."""
    between = _AXES.get(len(sizes), ())
    stem = re.sub(r"\W", "_", name)
    stem = f"_{stem}" if stem[:1].isdigit() else stem

    def called(axis: int) -> str:
        if axis == 0:
            return "batch"
        return between[axis - 1] if axis <= len(between) else f"{stem}_dim{axis}"

    return tuple(called(axis) if size is None else int(size) for axis, size in enumerate(sizes))


def specs(inputs: Iterable[TensorInfo]) -> list[tf.TensorSpec]:
    """What a function is traced with; each gets a name that a graph can have."""
    return [
        tf.TensorSpec(
            [None if isinstance(axis, str) else axis for axis in tensor.shape], tensor.dtype, f"input_{position}"
        )
        for position, tensor in enumerate(inputs)
    ]


def tensor(array: Array) -> Any:
    """A tensor of an array; text becomes bytes of UTF-8."""
    return tf.constant(array.astype(object) if array.dtype.kind == "U" else array)


def array(value: Any) -> Array:
    """A tensor's values; bytes become text, bfloat16 the float32 that holds the same values."""
    found: Array = value.numpy() if hasattr(value, "numpy") else np.asarray(value)
    if found.dtype.kind == "O":
        return np.vectorize(_text, otypes=[np.str_])(found) if found.size else found.astype(np.str_)
    return found.astype(np.float32) if found.dtype.name == "bfloat16" else found


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def flatten(outputs: Any, names: Sequence[str] = ()) -> dict[str, Any]:
    """The tensors of nested outputs by name, in order; None is left out.

    `names` are used where there is one for each. Else names are keys, or `output` or `output_0`, ...; nested ones are
    joined with `_`. Raises WorkerError OCA217 for what ONNX cannot hold.
    """
    leaves = list(nested.leaves(outputs, nested.containers))
    fitting = len(names) == len(leaves)
    wanted = [nested.named(names[n]) if fitting else nested.joined(path) for n, (path, _) in enumerate(leaves)]
    for name, (_, leaf) in zip(wanted, leaves, strict=True):
        _check(name, leaf)
    if not leaves:
        raise WorkerError("OCA217", "the model returned no tensor")
    return dict(zip(nested.unique(wanted), (leaf for _, leaf in leaves), strict=True))


def _check(name: str, leaf: Any) -> None:
    if not tf.is_tensor(leaf):
        raise WorkerError("OCA217", f"output `{name}` is of type {type(leaf).__name__}, not a tensor")
    if isinstance(leaf, tf.RaggedTensor | tf.SparseTensor):
        raise WorkerError("OCA217", f"output `{name}` is a {type(leaf).__name__}, and ONNX has dense tensors only")
    if leaf.dtype.is_complex or leaf.dtype in (tf.resource, tf.variant):
        raise WorkerError("OCA217", f"output `{name}` is {leaf.dtype.name}, which ONNX does not have")
