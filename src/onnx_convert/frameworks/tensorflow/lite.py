"""TensorFlow Lite models: run by TensorFlow's own interpreter, converted by tf2onnx."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from onnx_convert.frameworks.tensorflow import values
from onnx_convert.frameworks.tensorflow.layout import Layout
from onnx_convert.frameworks.tensorflow.threads import MOST
from onnx_convert.frameworks.tensorflow.versions import versions
from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from onnx_convert.workers.original.source import Array, ExportRequest
    from onnx_convert.workers.protocol import Job

Details = dict[str, Any]
"""What the interpreter says of one tensor: name, index, shape, shape_signature, dtype, quantization_parameters."""


class LiteSource:
    """A `.tflite` model under the names of its signature, or those of its tensors where it has none."""

    def __init__(self, path: Path, job: Job) -> None:
        self.versions = versions()
        self._path = path
        self._layout = Layout.of(job)
        self._interpreter = _interpreter(path, job.get("threads") or min(len(os.sched_getaffinity(0)), MOST))
        self._inputs, self._outputs = _ends(self._interpreter)
        self._shapes: dict[str, tuple[int, ...]] = {}
        if quantised := _quantised(self._interpreter):
            job.note("OCA252", f"{quantised} tensors of {path.name} are quantised")

    def signature(self) -> list[TensorInfo] | None:
        """What the file declares."""
        return self._layout.declared([_info(name, details) for name, details in self._inputs.items()])

    def guess(self) -> list[TensorInfo]:
        """Not asked: every file has a signature."""
        return []

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """Any will do."""
        return {}

    def accept(self, inputs: tuple[TensorInfo, ...]) -> None:
        """Take inputs of the file's dtypes, dynamic where the file's are (OCA211)."""
        for tensor in self._layout.own(inputs):
            declared = _info(tensor.name, self._inputs[tensor.name])
            if tensor.dtype != declared.dtype:
                raise WorkerError("OCA211", f"input `{tensor.name}` is {declared.dtype} in {self._path.name}")
            for have, want in zip(declared.shape, tensor.shape, strict=True):
                if isinstance(have, int) and have != want:
                    message = f"input `{tensor.name}` is {list(declared.shape)} in {self._path.name}"
                    raise WorkerError("OCA211", message, "convert the model to TensorFlow Lite with this axis dynamic")

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Outputs of the interpreter."""
        self._feed(inputs)
        self._interpreter.invoke()
        results = {
            name: values.array(self._interpreter.get_tensor(details["index"]))
            for name, details in self._outputs.items()
        }
        return self._layout.from_model(results)

    def bind(self, inputs: Mapping[str, Array], threads: int) -> Callable[[], object]:
        """One invocation; the threads were given to the interpreter when it was made."""
        del threads
        self._feed(inputs)
        return self._interpreter.invoke  # type: ignore[no-any-return]

    def export(self, request: ExportRequest) -> None:
        """Convert the file with tf2onnx."""
        from onnx_convert.frameworks.tensorflow.convert import convert_lite  # noqa: PLC0415 - tf2onnx: only to export

        inputs = [str(details["name"]) for details in self._inputs.values()]
        outputs = [str(details["name"]) for details in self._outputs.values()]
        convert_lite(self._path, inputs, outputs, request)

    def _feed(self, inputs: Mapping[str, Array]) -> None:
        arrays = {name: self._layout.to_model(name, array) for name, array in inputs.items()}
        shapes = {name: array.shape for name, array in arrays.items()}
        if shapes != self._shapes:
            for name, shape in shapes.items():
                self._interpreter.resize_tensor_input(self._inputs[name]["index"], list(shape))
            self._interpreter.allocate_tensors()
            self._shapes = shapes
        for name, array in arrays.items():
            self._interpreter.set_tensor(self._inputs[name]["index"], array)


def _interpreter(path: Path, threads: int) -> Any:
    """Raises WorkerError OCA253 for operators that the interpreter does not have, OCA204 for what is no such file."""
    try:
        with warnings.catch_warnings():
            # It tells to use another package, which is the same interpreter with a runtime of its own.
            warnings.simplefilter("ignore", UserWarning)
            interpreter = tf.lite.Interpreter(str(path), num_threads=threads)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        text = str(error)
        if "custom op" in text or "Select TensorFlow op" in text:
            raise WorkerError("OCA253", f"{path.name} cannot be run: {shorten(text)}") from error
        raise WorkerError("OCA204", f"{path.name} is not a TensorFlow Lite model: {shorten(text)}") from error
    return interpreter


def _ends(interpreter: Any) -> tuple[dict[str, Details], dict[str, Details]]:
    """Inputs and outputs by name."""
    signatures = list(interpreter.get_signature_list())
    if len(signatures) == 1:
        runner = interpreter.get_signature_runner(signatures[0])
        return dict(runner.get_input_details()), dict(runner.get_output_details())
    return (
        {str(each["name"]): each for each in interpreter.get_input_details()},
        {str(each["name"]): each for each in interpreter.get_output_details()},
    )


def _info(name: str, details: Details) -> TensorInfo:
    signature = details.get("shape_signature")
    sizes = [int(size) for size in (details["shape"] if signature is None or not len(signature) else signature)]
    dtype = "string" if details["dtype"] in (np.bytes_, np.object_, bytes) else np.dtype(details["dtype"]).name
    return TensorInfo(name, dtype, values.axes(name, [None if size < 0 else size for size in sizes]))


def _quantised(interpreter: Any) -> int:
    return sum(len(each["quantization_parameters"]["scales"]) > 0 for each in interpreter.get_tensor_details())
