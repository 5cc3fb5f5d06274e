"""TensorFlow: SavedModels, Keras files, frozen graphs, checkpoints, TensorFlow Lite, and what Python code makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.frameworks import files
from onnx_convert.frameworks.interface import Framework

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.spec.model import Model

_PACKAGES = frozenset({"tensorflow", "keras", "tf_keras"})
_FILES = {
    ".keras": "a Keras model",
    ".h5": "a Keras model",
    ".hdf5": "a Keras model",
    ".pb": "a frozen graph",
    ".meta": "a checkpoint",
    ".index": "a checkpoint",
    ".tflite": "a TensorFlow Lite model",
}


def recognise(path: Path, symbol: str | None) -> str | None:
    """Files by their ending, SavedModels by what is in the folder, Python files by what they import."""
    if symbol:
        return files.imports(path, _PACKAGES)
    saved = path.is_dir() and any((path / file).is_file() for file in ("saved_model.pb", "saved_model.pbtxt"))
    return "a SavedModel" if saved else _FILES.get(path.suffix)


def executes(path: Path, symbol: str | None) -> str | None:
    """Nothing of the caller's, but for Keras files with a Lambda layer, which the worker finds."""
    return None


def exporters(model: Model, opset: int) -> tuple[tuple[str, ...], str]:
    """There is one."""
    return ("tf2onnx",), "the converter of TensorFlow"


FRAMEWORK = Framework(
    name="tensorflow",
    environment="tensorflow",
    worker="onnx_convert.frameworks.tensorflow.worker",
    # Importing TensorFlow starts no threads: they come with the first operation, in the job's own process.
    preload=("numpy", "h5py", "keras", "tensorflow", "onnx", "tf2onnx.tfonnx"),
    recognise=recognise,
    executes=executes,
    exporters=exporters,
    title="TensorFlow",
)
