"""Weights files of Keras: read into a model, every array of both accounted for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from pathlib import Path


def load_into(model: Any, path: Path) -> None:
    """Load `.weights.h5`, or the `.h5` of Keras 2, into a model that has variables.

    Raises WorkerError OCA206 for a file that is not one, OCA207 for arrays that do not fit or that nobody takes.
    """
    found = count(path)
    try:
        model.load_weights(path)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise WorkerError("OCA207", f"{path.name} does not fit the model: {_reason(error)}") from error
    wanted = sum(not _is_generator(variable) for variable in model.weights)
    if found > wanted:
        raise WorkerError("OCA207", f"{path.name} holds {found} arrays and the model takes {wanted} of them")


def count(path: Path) -> int:
    """The arrays of a weights file, an optimiser's and random generators' left out. Raises WorkerError OCA206."""
    import h5py  # noqa: PLC0415 - only weights need it

    if path.suffix != ".h5":
        raise WorkerError("OCA206", f"weights in a `{path.suffix}` file cannot be loaded into a Keras model", _HINT)
    try:
        with h5py.File(path) as file:
            names: list[str] = []
            file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    except OSError as error:
        raise WorkerError("OCA206", f"{path.name} cannot be read: {shorten(str(error))}", _HINT) from error
    parts = [name.split("/") for name in names]
    return sum("optimizer" not in path[0] and not any("seed_generator" in part for part in path) for path in parts)


_HINT = 'save them with `model.save_weights("NAME.weights.h5")`'


def _is_generator(variable: Any) -> bool:
    return "seed_generator" in str(getattr(variable, "path", variable.name))


def _reason(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return shorten(" ".join(lines[:3]), 300)
