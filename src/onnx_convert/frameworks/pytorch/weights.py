"""Checkpoints: read without running code, and fitted to the module key by key."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from onnx_convert.workers.protocol import Job

Tensors = dict[str, Any]

_NESTED = ("state_dict", "model_state_dict", "model", "module")
_SHOWN = 10


def load_into(model: Any, path: Path, job: Job) -> None:
    """Load a checkpoint into a module, every key of both accounted for.

    Raises WorkerError OCA206 for a file that cannot be read, OCA207 naming missing and unexpected keys and shapes that
    differ.
    """
    found, renamed = strip_prefix(unwrap(read(path)), set(model.state_dict()))
    if renamed:
        job.note(
            "OCA208", f"the names in {path.name} begin with `module.`, as DataParallel writes them; it was left out"
        )
    check(model.state_dict(), found, path.name)
    model.load_state_dict(found, strict=False)


def read(path: Path) -> Mapping[str, Any]:
    """The content of a `.safetensors`, `.pt`/`.pth` (weights only) or `.npz` file."""
    reader = _READERS.get(path.suffix)
    if reader is None:
        raise WorkerError("OCA206", f"weights in a `{path.suffix}` file cannot be loaded into a PyTorch module")
    try:
        loaded = reader(path)
    except pickle.UnpicklingError as error:
        message = f"{path.name} holds more than weights, and loading it would run code: {shorten(str(error))}"
        raise WorkerError("OCA206", message, "save `model.state_dict()`, best as .safetensors") from error
    except MemoryError:
        raise
    except Exception as error:
        message = f"{path.name} cannot be read: {type(error).__name__}: {shorten(str(error))}"
        raise WorkerError("OCA206", message) from error
    if not isinstance(loaded, Mapping):
        raise WorkerError("OCA206", f"{path.name} holds a {type(loaded).__name__}, not a state_dict")
    return loaded


def _read_safetensors(path: Path) -> Mapping[str, Any]:
    from safetensors.torch import load_file  # noqa: PLC0415 - a format of several

    return dict(load_file(path))


def _read_npz(path: Path) -> Mapping[str, Any]:
    with np.load(path, allow_pickle=False) as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays.files}


def _read_torch(path: Path) -> Any:
    return torch.load(path, map_location="cpu", weights_only=True)


_READERS: dict[str, Callable[[Path], Any]] = {
    ".safetensors": _read_safetensors,
    ".npz": _read_npz,
    ".pt": _read_torch,
    ".pth": _read_torch,
}


def unwrap(content: Mapping[str, Any]) -> Tensors:
    """The state_dict of a checkpoint, which may lie under a key beside an optimiser's and others'."""
    if not any(isinstance(value, torch.Tensor) for value in content.values()):
        for key in _NESTED:
            if isinstance(content.get(key), Mapping):
                return unwrap(content[key])
    return {name: value for name, value in content.items() if isinstance(value, torch.Tensor)}


def strip_prefix(found: Tensors, wanted: set[str]) -> tuple[Tensors, bool]:
    """Leave out DataParallel's `module.` where the module has no such names; and whether that was done."""
    prefix = "module."
    if not found or not all(name.startswith(prefix) for name in found) or any(n.startswith(prefix) for n in wanted):
        return found, False
    return {name.removeprefix(prefix): value for name, value in found.items()}, True


def check(wanted: Mapping[str, Any], found: Mapping[str, Any], file: str) -> None:
    """Raise OCA207 unless both have the same keys and shapes.

    A parameter that shares its memory with one that is there is not missing: safetensors keeps tied weights once. Nor
    is BatchNorm's counter of batches, which inference does not read and old checkpoints lack.
    """
    shared = {wanted[name].data_ptr() for name in wanted if name in found}
    missing = [
        name
        for name in wanted
        if name not in found
        and not name.endswith("num_batches_tracked")
        and (wanted[name].numel() == 0 or wanted[name].data_ptr() not in shared)
    ]
    unexpected = [name for name in found if name not in wanted]
    shapes = [
        f"{name} {list(found[name].shape)} for {list(wanted[name].shape)}"
        for name in wanted
        if name in found and found[name].shape != wanted[name].shape
    ]
    parts = [
        f"{len(names)} {kind}: {_first(names)}"
        for kind, names in (("missing", missing), ("unexpected", unexpected), ("of another shape", shapes))
        if names
    ]
    if parts:
        raise WorkerError("OCA207", f"{file} does not fit the module; {'; '.join(parts)}")


def _first(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
