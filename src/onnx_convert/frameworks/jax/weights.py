"""Checkpoints: a file of named arrays, fitted to the tree of parameters name by name.

A parameter's name is its path in the tree: `encoder.layers.0.kernel`. Files may separate by `/` or `.` and leave out
the collection `params`, as `flax.traverse_util.flatten_dict` of the parameters alone does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from onnx_convert.workers.original.source import Array

_SHOWN = 10
_COLLECTION = "params."


def load_into(params: Any, path: Path, kind: str) -> Any:
    """The tree with the arrays of a checkpoint, every name of both accounted for.

    Raises WorkerError OCA261 for a source without parameters, OCA206 for a file that cannot be read, OCA207 naming
    missing and unexpected names and shapes that differ.
    """
    leaves, structure = jax.tree_util.tree_flatten_with_path(params)
    if not leaves:
        raise WorkerError("OCA261", f"the source is a {kind} that keeps its parameters to itself")
    wanted = {_name(keys): leaf for keys, leaf in leaves}
    found = _prefixed({_canonical(name): array for name, array in read(path).items()}, wanted)
    check(wanted, found, path.name)
    return jax.tree_util.tree_unflatten(
        structure, [jnp.asarray(found[name], dtype=leaf.dtype) for name, leaf in wanted.items()]
    )


def read(path: Path) -> dict[str, Array]:
    """The arrays of a `.safetensors` or `.npz` file. Raises WorkerError OCA206."""
    try:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
        if path.suffix == ".safetensors":
            from safetensors.flax import load_file  # noqa: PLC0415 - one format of several

            return {name: np.asarray(array) for name, array in load_file(path).items()}
    except MemoryError:
        raise
    except Exception as error:
        message = f"{path.name} cannot be read: {type(error).__name__}: {shorten(str(error))}"
        raise WorkerError("OCA206", message) from error
    hint = "save the flattened tree as .safetensors or .npz"
    raise WorkerError("OCA206", f"weights in a `{path.suffix}` file cannot be loaded into a tree of parameters", hint)


def check(wanted: Mapping[str, Any], found: Mapping[str, Any], file: str) -> None:
    """Raise OCA207 unless both have the same names and shapes."""
    missing = [name for name in wanted if name not in found]
    unexpected = [name for name in found if name not in wanted]
    shapes = [
        f"{name} {list(found[name].shape)} for {list(wanted[name].shape)}"
        for name in wanted
        if name in found and tuple(found[name].shape) != tuple(wanted[name].shape)
    ]
    parts = [
        f"{len(names)} {what}: {_first(names)}"
        for what, names in (("missing", missing), ("unexpected", unexpected), ("of another shape", shapes))
        if names
    ]
    if parts:
        raise WorkerError("OCA207", f"{file} does not fit the parameters; {'; '.join(parts)}")


def _name(keys: Sequence[Any]) -> str:
    # A variable of NNX is a node whose only child is its value.
    path = jax.tree_util.keystr(tuple(keys), simple=True, separator=".")
    return _canonical(path.removesuffix(".value"))


def _canonical(name: str) -> str:
    return re.sub(r"[/.\[\]'\"]+", ".", name).strip(".")


def _prefixed(found: dict[str, Array], wanted: Mapping[str, Any]) -> dict[str, Array]:
    if any(name.startswith(_COLLECTION) for name in wanted) and not any(n.startswith(_COLLECTION) for n in found):
        collections = {name.partition(".")[0] for name in wanted}
        return {n if n.partition(".")[0] in collections else _COLLECTION + n: array for n, array in found.items()}
    return found


def _first(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
