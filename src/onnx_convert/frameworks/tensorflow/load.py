"""From a job's source to something that runs: which form it is and who reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.frameworks.tensorflow import (
    functions,
    graph_files,
    keras_files,
    keras_models,
    saved_model,
    threads,
)
from onnx_convert.frameworks.tensorflow.function import FunctionSource
from onnx_convert.frameworks.tensorflow.lite import LiteSource
from onnx_convert.workers.original import callables
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from onnx_convert.frameworks.tensorflow.function import Computation
    from onnx_convert.workers.original.source import Source
    from onnx_convert.workers.protocol import Job

_FORMS = "a SavedModel folder, .keras, .h5, .pb, a checkpoint's .meta or .index, .tflite, or `file.py:callable`"
_MODELS = "a Keras model, a `tf.Module`, a `tf.function` or a concrete function"


def load(job: Job) -> Source:
    """The source of a job. Raises WorkerError of OCA2xx for what is not one."""
    threads.limit(job.get("threads"))
    path, symbol = Path(job["source"]["path"]), job["source"]["symbol"]
    if job.get("weights") and not symbol:
        raise WorkerError("OCA206", f"{path.name} has its weights in it", "leave the key `weights` out")
    if path.suffix == ".tflite":
        return LiteSource(path, job)
    return FunctionSource(_built(job, path, symbol) if symbol else _file(job, path), job)


def _file(job: Job, path: Path) -> Computation:
    if path.is_dir():
        return saved_model.computation(path, job)
    if path.name in {"saved_model.pb", "saved_model.pbtxt"}:
        return saved_model.computation(path.parent, job)
    if path.suffix in {".keras", ".h5", ".hdf5"}:
        return keras_models.of_model(keras_files.read(path, trust=bool(job.get("trust"))))
    if path.suffix == ".pb":
        return graph_files.frozen(path, job)
    if path.suffix in {".meta", ".index"}:
        return graph_files.checkpoint(path, job)
    raise WorkerError("OCA204", f"{path.name} is not a TensorFlow source", f"it is {_FORMS}")


def _built(job: Job, path: Path, symbol: str) -> Computation:
    try:
        made: Any = callables.build(path, symbol, job.get("args") or {}, _is_model)
    except (ValueError, TypeError) as error:
        if (name := keras_files.unregistered(error)) is not None:
            raise WorkerError(
                "OCA245", f"`{symbol}` loads a file with a `{name}` that is none of Keras' own"
            ) from error
        raise
    weights = Path(job["weights"]) if job.get("weights") else None
    if keras_models.is_model(made):
        return keras_models.of_model(made, weights)
    if weights is not None:
        raise WorkerError("OCA206", f"`{symbol}` gives a {type(made).__name__}, and weights go into Keras models only")
    if functions.is_function(made):
        return functions.of_function(made, made)
    if functions.is_module(made):
        return functions.of_module(made, job.get("signature"))
    kind = f"the class {made.__name__}" if isinstance(made, type) else f"an object of type {type(made).__name__}"
    raise WorkerError("OCA203", f"`{symbol}` returned {kind}, not {_MODELS}")


def _is_model(value: object) -> bool:
    return keras_models.is_model(value) or functions.is_function(value) or functions.is_module(value)
