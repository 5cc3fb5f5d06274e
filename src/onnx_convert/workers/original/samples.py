"""Inputs to run a model with: real samples, or seeded random values that are the same bytes in every environment.

Values come from `numpy.random.Generator(PCG64)`, seeded by (seed, case, position of the input). Only methods are used
whose stream has not changed since numpy 1.17 (NEP 19 allows changes, the release notes list them), so that MXNet's
numpy 1.23 and the newest one make the same arrays.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from onnx_convert.workers.original.source import Array

INTEGERS = (0, 10)
"""Random integers lie in this half-open range: most are indices, and small ones are valid most often."""

_LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))


class Samples:
    """Makes the inputs of one case at a time. Files of real samples are opened once and read in place."""

    def __init__(self, inputs: Sequence[TensorInfo], given: Mapping[str, Mapping[str, Any]], seed: int) -> None:
        self._inputs = tuple(inputs)
        self._given = given
        self._seed = seed
        self._data = {
            tensor.name: open_data(Path(given[tensor.name]["data"]), tensor)
            for tensor in inputs
            if given.get(tensor.name, {}).get("data")
        }

    @property
    def random_integers(self) -> tuple[str, ...]:
        """Integer inputs that nobody said anything about: their values may well be invalid."""
        return tuple(
            tensor.name
            for tensor in self._inputs
            if "int" in tensor.dtype
            and not any(self._given.get(tensor.name, {}).get(k) for k in ("data", "range", "values"))
        )

    def case(self, index: int, dims: Mapping[str, int], sample: int) -> dict[str, Array]:
        """Inputs of case `index` (which only seeds) at these sizes; `sample` picks rows of real samples."""
        return {
            tensor.name: self._one(position, tensor, index, dims, sample)
            for position, tensor in enumerate(self._inputs)
        }

    def _one(self, position: int, tensor: TensorInfo, index: int, dims: Mapping[str, int], sample: int) -> Array:
        shape = tuple(dims[axis] if isinstance(axis, str) else axis for axis in tensor.shape)
        if tensor.name in self._data:
            return cut(self._data[tensor.name], tensor, shape, sample)
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([self._seed, index, position])))
        given = self._given.get(tensor.name, {})
        if given.get("values"):
            return pick(rng, given["values"], tensor.dtype, shape)
        return draw(rng, tensor.dtype, shape, given.get("range"))


def open_data(path: Path, tensor: TensorInfo) -> Array:
    """The samples of one input: a `.npy`, or the array of its name (or the only one) in a `.npz`.

    Raises WorkerError OCA213 if it is not such a file or its values or axes do not fit the input.
    """
    try:
        data = _read(path, tensor.name)
    except Exception as error:  # numpy, zipfile and zlib have many ways to refuse a file
        raise _unusable(tensor, f"{path.name} cannot be read: {error}") from None
    _check_data(data, tensor, path.name)
    return data


def _read(path: Path, name: str) -> Array:
    """Raises whatever numpy does, and ValueError for an archive without such an array."""
    loaded = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(loaded, np.lib.npyio.NpzFile):
        return np.asanyarray(loaded)
    with loaded:
        names = loaded.files
        if name not in names and len(names) != 1:
            raise ValueError(f"it has no array `{name}`, it has {', '.join(names) or 'none'}")
        found = loaded[name if name in names else names[0]]
    if not isinstance(found, np.ndarray):  # numpy gives the bytes of a member that is none
        raise TypeError("what is in it is no array")
    return found


def cut(data: Array, tensor: TensorInfo, shape: tuple[int, ...], sample: int) -> Array:
    """Sample number `sample` of `data` in the given shape and the input's dtype.

    The first axis of `data` counts samples: a batch of b takes rows sample*b ... sample*b + b - 1, wrapping around.
    Where data has one axis more than the input, each sample is one whole input. Other axes are cropped or wrapped.
    """
    if data.ndim == len(shape) + 1:
        chosen: Array = data[sample % data.shape[0]]
        axes = range(data.ndim - 1)
    else:
        rows = (sample * shape[0] + np.arange(shape[0])) % data.shape[0]
        chosen = data[rows]
        axes = range(1, data.ndim)
    for axis in axes:
        if chosen.shape[axis] != shape[axis]:
            chosen = np.take(chosen, np.arange(shape[axis]) % chosen.shape[axis], axis=axis)
    found: Array = np.ascontiguousarray(chosen).astype(numpy_dtype(tensor.dtype), copy=True)
    return found.reshape(shape)


def pick(rng: np.random.Generator, values: Sequence[Any], dtype: str, shape: tuple[int, ...]) -> Array:
    """Random picks from the values that the spec lists."""
    array = np.array(values, dtype=numpy_dtype(dtype))
    picked: Array = array[rng.integers(0, len(array), size=shape)]
    return picked


def draw(rng: np.random.Generator, dtype: str, shape: tuple[int, ...], bounds: Sequence[float] | None) -> Array:
    """Random values: normal(0, 1), integers in `INTEGERS`, fair booleans, short words; or uniform in `bounds`."""
    if dtype == "string":
        words = _LETTERS[rng.integers(0, len(_LETTERS), size=(*shape, 3))]
        return np.array(["".join(word) for word in words.reshape(-1, 3)], dtype=np.str_).reshape(shape)
    if dtype == "bool":
        return rng.integers(0, 2, size=shape).astype(np.bool_)
    if "int" in dtype:
        low, high = (int(bounds[0]), int(bounds[1]) + 1) if bounds else INTEGERS
        return rng.integers(low, high, size=shape, dtype=np.int64).astype(dtype)
    values = rng.uniform(bounds[0], bounds[1], size=shape) if bounds else rng.standard_normal(size=shape)
    return np.asarray(values).astype(dtype)


def default_dtype(name: str, given: Mapping[str, Any]) -> str:
    """The dtype of an input for which neither spec nor model says one.

    That of its integer, boolean or string samples or values; float32 for all else, since float64 is numpy's default
    rather than anybody's wish.
    """
    if given.get("values"):
        kind = np.array(given["values"])
    elif given.get("data"):
        kind = open_data(Path(given["data"]), TensorInfo(name, "", ()))
    else:
        return "float32"
    if kind.dtype.kind in "US":
        return "string"
    return kind.dtype.name if kind.dtype.kind in "iub" else "float32"


def numpy_dtype(name: str) -> np.dtype[Any]:
    """The numpy dtype for a name of the spec."""
    return np.dtype(np.str_ if name == "string" else name)


def dtype_name(array: Array) -> str:
    """The spec's name for an array's dtype."""
    return "string" if array.dtype.kind in "USO" else array.dtype.name


def _check_data(data: Array, tensor: TensorInfo, file: str) -> None:
    if not tensor.dtype:
        return
    if data.ndim not in (len(tensor.shape), len(tensor.shape) + 1) or data.ndim == 0:
        raise _unusable(tensor, f"{file} has shape {list(data.shape)}, the input {list(tensor.shape)}")
    if 0 in data.shape:
        raise _unusable(tensor, f"{file} holds no samples: its shape is {list(data.shape)}")
    skipped = 1 if data.ndim == len(tensor.shape) else 0
    sample = data.shape if skipped else data.shape[1:]
    for axis, (have, want) in enumerate(zip(sample, tensor.shape, strict=True)):
        if axis >= skipped and isinstance(want, int) and have != want:
            raise _unusable(tensor, f"axis {axis} of {file} has size {have}, the input's is {want}")
    if not fits(data, numpy_dtype(tensor.dtype)):
        raise _unusable(tensor, f"{file} holds {data.dtype.name}, which does not fit {tensor.dtype}")


def fits(data: Array, dtype: np.dtype[Any]) -> bool:
    """Whether values keep their meaning in another dtype: no fractions cut, no integers wrapped, no text read."""
    if (data.dtype.kind in "US") != (dtype.kind == "U"):
        return False
    if data.dtype.kind in "iu" and dtype.kind in "iu":
        bounds = np.iinfo(dtype)
        return int(data.min()) >= bounds.min and int(data.max()) <= bounds.max
    return bool(np.can_cast(data.dtype, dtype, "same_kind"))


def _unusable(tensor: TensorInfo, why: str) -> WorkerError:
    return WorkerError("OCA213", f"the samples of input `{tensor.name}` cannot be used: {why}")
