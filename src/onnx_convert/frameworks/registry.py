"""The frameworks this version converts, and whose a source is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx_convert.frameworks import files
from onnx_convert.frameworks.onnx.source import FRAMEWORK as ONNX
from onnx_convert.frameworks.pytorch.source import FRAMEWORK as PYTORCH
from onnx_convert.frameworks.sklearn.source import FRAMEWORK as SKLEARN

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.frameworks.interface import Framework
    from onnx_convert.spec.source import SourceRef

FRAMEWORKS: dict[str, Framework] = {framework.name: framework for framework in (PYTORCH, SKLEARN, ONNX)}

_OTHERS = {
    "tensorflow": frozenset({"tensorflow", "keras", "tf_keras"}),
    "jax": frozenset({"jax", "flax", "equinox"}),
    "mxnet": frozenset({"mxnet"}),
}
"""Frameworks a spec may name and this version only recognises, with the packages that a Python source imports."""

_TENSORFLOW_FILES = {
    ".keras": "a Keras model",
    ".h5": "a Keras model",
    ".hdf5": "a Keras model",
    ".pb": "a frozen graph",
    ".tflite": "a TensorFlow Lite model",
}


@dataclass(frozen=True, slots=True)
class Recognition:
    """Whose a source looks to be, with the reasons; `framework` is the answer if there is exactly one."""

    candidates: dict[str, str]

    @property
    def framework(self) -> str | None:
        """The name, None if the source fits none or several."""
        return next(iter(self.candidates)) if len(self.candidates) == 1 else None


def recognise(source: SourceRef) -> Recognition:
    """The frameworks a source fits, by its file: the ending, what is in an archive, what Python code imports."""
    path, symbol = source.path, source.symbol
    found = {name: framework.recognise(path, symbol) for name, framework in FRAMEWORKS.items()}
    found |= {name: _other(name, path, symbol) for name in _OTHERS}
    return Recognition({name: reason for name, reason in found.items() if reason})


def _other(name: str, path: Path, symbol: str | None) -> str | None:
    if symbol:
        return files.imports(path, _OTHERS[name])
    if name == "tensorflow":
        saved = path.is_dir() and any((path / file).is_file() for file in ("saved_model.pb", "saved_model.pbtxt"))
        return "a SavedModel" if saved else _TENSORFLOW_FILES.get(path.suffix)
    return "an MXNet symbol" if name == "mxnet" and path.name.endswith("-symbol.json") else None
