"""The worker of existing `.onnx` files: the model is its own original, run as it is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime as ort

from onnx_convert.workers.artifact import graphs
from onnx_convert.workers.original import harness
from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.original.opset import bring_to
from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import Job, WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from onnx_convert.workers.original.source import Array, ExportRequest

_DTYPES = {"tensor(float)": "float32", "tensor(double)": "float64"}
_ONE_FILE_LIMIT = 2**31 - 2**24
_OLD = (8, 17)
"""An IR version and an opset that every ONNX Runtime takes."""


class OnnxSource:
    """An ONNX file run by ONNX Runtime without optimisations."""

    def __init__(self, path: Path, opset: int | None = None, library: str | None = None) -> None:
        self.versions = {"onnx": onnx.__version__, "onnxruntime": ort.__version__}
        self._path = path
        self._opset = opset
        self._library = library
        self._session = _session(path, optimise=False, threads=None, library=library)
        self._names = [output.name for output in self._session.get_outputs()]

    def signature(self) -> list[TensorInfo]:
        """The graph's inputs; an unnamed dynamic dimension is named after its input and axis."""
        return [TensorInfo(i.name, _dtype(i.name, i.type), _shape(i.name, i.shape)) for i in self._session.get_inputs()]

    def guess(self) -> list[TensorInfo]:
        """Nothing to guess."""
        return []

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """A graph bounds no dimension."""
        return {}

    def accept(self, inputs: tuple[TensorInfo, ...]) -> None:
        """Refuse other dtypes or constant sizes than the graph's (OCA211)."""
        for mine, theirs in zip(self.signature(), inputs, strict=True):
            fits = all(isinstance(a, str) or a == b for a, b in zip(mine.shape, theirs.shape, strict=True))
            if not fits or mine.dtype != theirs.dtype:
                message = (
                    f"input `{mine.name}` is {mine.dtype}{list(mine.shape)} in the graph and "
                    f"{theirs.dtype}{list(theirs.shape)} in the spec"
                )
                raise WorkerError("OCA211", message, "leave shape and dtype to the graph")

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Outputs of the graph as it is written."""
        return dict(zip(self._names, _run(self._session, inputs), strict=True))

    def bind(self, inputs: Mapping[str, Array], threads: int) -> Callable[[], object]:
        """One run of the original file, with the optimisations anybody would run it with."""
        session = _session(self._path, optimise=True, threads=threads, library=self._library)
        feeds = {name: _feed(array) for name, array in inputs.items()}
        return lambda: session.run(None, feeds)

    def export(self, request: ExportRequest) -> None:
        """The file again, with its weights in one place, at its own opset unless another was asked for.

        Raises WorkerError OCA306 for other names of outputs, OCA309 where it cannot be brought to the opset.
        """
        names = [tensor.name for tensor in request.outputs]
        if names != self._names:
            message = f"the graph's outputs are {', '.join(self._names)}, `outputs` says {', '.join(names)}"
            raise WorkerError("OCA306", message, "leave `outputs` out: an existing file keeps its names")
        model = onnx.load(self._path)
        big = sum(len(tensor.raw_data) for tensor in model.graph.initializer) >= _ONE_FILE_LIMIT
        own = graphs.opsets(model).get("ai.onnx", self._opset)
        if self._opset is not None and self._opset != own:
            if big:
                message = f"the file has opset {own}, and past 2 GB onnx cannot bring it to {self._opset}"
                raise WorkerError("OCA309", message, "leave `opset` out: the file keeps its own")
            try:
                model = bring_to(model, self._opset)
            except WorkerError as error:
                raise WorkerError(error.code, error.message, "leave `opset` out: the file keeps its own") from error
        onnx.save(model, request.path, save_as_external_data=big, location=f"{request.path.name}.data" if big else None)


def load(job: Job) -> OnnxSource:
    """The source of a job; without `opset` it keeps its own.

    Raises WorkerError OCA204 for a file that ONNX Runtime does not load, OCA355 where its weights are not beside it,
    OCA360 where it is too new.
    """
    if job.get("weights"):
        raise WorkerError("OCA206", "an ONNX file holds its own weights", "leave `weights` out")
    return OnnxSource(Path(job["source"]["path"]), job["opset"], (job.get("custom_ops") or {}).get("library"))


def _session(path: Path, *, optimise: bool, threads: int | None, library: str | None) -> Any:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if not optimise:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    if threads is not None:
        options.intra_op_num_threads = threads
    if library:
        options.register_custom_ops_library(library)
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's exceptions have no common base but this
        model = _parsed(path)
        if model is not None:
            _require_weights(model, path)
            _require_known_versions(model, path)
        raise WorkerError("OCA204", f"ONNX Runtime does not load {path.name}: {shorten(str(error))}") from error


def _parsed(path: Path) -> onnx.ModelProto | None:
    """The file without its weights; None where it is no model, of which ONNX Runtime's own reason says more."""
    try:
        return graphs.load(path)
    except WorkerError:
        return None


def _require_weights(model: onnx.ModelProto, path: Path) -> None:
    problems = graphs.external_problems(model, path.parent)
    if problems:
        raise WorkerError("OCA355", "; ".join(problems[:3]))


def _require_known_versions(model: onnx.ModelProto, path: Path) -> None:
    """Raise OCA360 where the file declares an IR version or opset that no model could have here."""
    ir, opset = model.ir_version, graphs.opsets(model).get("ai.onnx", _OLD[1])
    newest = (_newest(lambda one: (one, _OLD[1]), ir), _newest(lambda one: (_OLD[0], one), opset))
    if newest != (ir, opset):
        takes = f"ONNX Runtime {ort.__version__} takes at most IR {newest[0]} and opset {newest[1]}"
        hint = "save it at an older opset (`onnx.version_converter`), and with an older `ir_version`"
        raise WorkerError("OCA360", f"{path.name} has IR {ir} and opset {opset}; {takes}", hint)


def _newest(versions: Callable[[int], tuple[int, int]], wanted: int) -> int:
    """The newest number up to the wanted one that ONNX Runtime takes, with the other of IR and opset an old one."""
    return next((one for one in range(min(wanted, 1000), 0, -1) if _takes(*versions(one))), 0)


def _takes(ir: int, opset: int) -> bool:
    graph = onnx.parser.parse_graph("g (float[1] x) => (float[1] y) { y = Relu(x) }")
    imports = [onnx.helper.make_opsetid("", opset)]
    options = ort.SessionOptions()
    options.log_severity_level = 4
    try:
        model = onnx.helper.make_model(graph, ir_version=ir, opset_imports=imports)
        ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception:  # as above
        return False
    return True


def _run(session: Any, inputs: Mapping[str, Array]) -> list[Array]:
    found: list[Array] = session.run(None, {name: _feed(array) for name, array in inputs.items()})
    for output, value in zip(session.get_outputs(), found, strict=True):
        if not isinstance(value, np.ndarray):
            raise WorkerError("OCA217", f"output `{output.name}` is {output.type}, not a tensor")
    return found


def _feed(array: Array) -> Array:
    return array.astype(object) if array.dtype.kind == "U" else array


def _dtype(name: str, kind: str) -> str:
    if not kind.startswith("tensor("):
        raise WorkerError("OCA230", f"input `{name}` is {kind}, not a tensor")
    return _DTYPES.get(kind, kind.removeprefix("tensor(").removesuffix(")"))


def _shape(name: str, shape: list[int | str | None]) -> tuple[int | str, ...]:
    return tuple(f"{name}_dim{axis}" if size is None else size for axis, size in enumerate(shape))


main = harness.main_for(load)
