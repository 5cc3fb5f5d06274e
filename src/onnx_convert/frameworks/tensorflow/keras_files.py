"""`.keras` and `.h5` files: which Keras wrote them, whether they hold code, and the model in them."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from onnx_convert.frameworks.tensorflow.function import reason
from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CODE = frozenset({"Lambda", "__lambda__", "TorchModuleWrapper", "TFSMLayer"})
"""Classes of a configuration that run code of the file's when they are loaded, or load it from elsewhere."""

_UNKNOWN = (
    re.compile(r"Could not locate (?:class|function) '([^']+)'"),
    re.compile(r"Unknown (?:layer|object|activation function|initializer|regularizer|constraint)?:? ?'([^']+)'"),
    re.compile(r"Could not interpret \w+ identifier: (\S+)"),
)


@dataclass(frozen=True)
class About:
    """What a file says of itself: the Keras that wrote it, and its configuration (None: it holds weights only)."""

    keras: str
    configuration: Any


def read(path: Path, *, trust: bool) -> Any:
    """The model of a file, by the Keras that wrote it.

    Raises WorkerError OCA204 for a file that cannot be read, OCA245 for classes that nobody registered, OCA246 for code
    in the file without `trust`.
    """
    about = inspect(path)
    if about.configuration is None:
        hint = "give `file.py:callable` that makes the model as `source`, and this file as `weights`"
        raise WorkerError("OCA204", f"{path.name} holds weights and no model", hint)
    if not trust and (found := sorted(set(_classes(about.configuration)) & _CODE)):
        raise WorkerError("OCA246", f"{path.name} holds code: its configuration has {', '.join(found)}")
    try:
        return _library(about).load_model(path, compile=False, safe_mode=not trust)
    except (MemoryError, ModuleNotFoundError, WorkerError):
        raise
    except Exception as error:
        if (name := unregistered(error)) is not None:
            raise WorkerError("OCA245", f"{path.name} has a `{name}` that is none of Keras' own") from error
        message = (
            f"{path.name}, saved by Keras {about.keras}, cannot be loaded: {type(error).__name__}: {reason(error)}"
        )
        raise WorkerError("OCA204", message) from error


def inspect(path: Path) -> About:
    """What a file says of itself. Raises WorkerError OCA204 if it is neither a Keras archive nor HDF5."""
    try:
        return _archive(path) if zipfile.is_zipfile(path) else _hdf5(path)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise WorkerError("OCA204", f"{path.name} is not a Keras file: {shorten(str(error))}") from error


def unregistered(error: BaseException) -> str | None:
    """The class or function that Keras did not know, None if that is not what it complains about."""
    for pattern in _UNKNOWN:
        if found := pattern.search(str(error)):
            return found[1].rpartition(">")[2]
    return None


def _archive(path: Path) -> About:
    with zipfile.ZipFile(path) as archive:
        metadata = json.loads(archive.read("metadata.json"))
        return About(str(metadata["keras_version"]), json.loads(archive.read("config.json")))


def _hdf5(path: Path) -> About:
    import h5py  # noqa: PLC0415 - a format of several

    with h5py.File(path) as file:
        version, configuration = file.attrs.get("keras_version", "2"), file.attrs.get("model_config")
    version = version.decode() if isinstance(version, bytes) else str(version)
    return About(version, None if configuration is None else json.loads(configuration))


def _library(about: About) -> Any:
    if about.keras.startswith(("0.", "1.", "2.")):
        import tf_keras  # noqa: PLC0415 - Keras 2 for what Keras 2 wrote

        return tf_keras.models
    import keras  # noqa: PLC0415 - as above

    return keras.saving


def _classes(configuration: Any) -> Iterator[str]:
    if isinstance(configuration, Mapping):
        name = configuration.get("class_name")
        if isinstance(name, str):
            yield name.rpartition(">")[2]
        for value in configuration.values():
            yield from _classes(value)
    elif isinstance(configuration, list):
        for value in configuration:
            yield from _classes(value)
