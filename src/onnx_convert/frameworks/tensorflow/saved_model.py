"""SavedModels: which graph and signature, and the older loader where today's refuses what an older Keras saved."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from onnx_convert.frameworks.tensorflow import functions, graph_files
from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from onnx_convert.frameworks.tensorflow.function import Computation
    from onnx_convert.workers.protocol import Job

DEFAULT = "serving_default"
_INTERNAL = "__saved_model_init_op"


@dataclass(frozen=True)
class Graph:
    """One graph of a SavedModel: its tags and the names of its signatures."""

    tags: tuple[str, ...]
    signatures: tuple[str, ...]


def computation(path: Path, job: Job) -> Computation:
    """The signature that the job's `signature` names, as `NAME` or `TAG,TAG:NAME`.

    Raises WorkerError OCA240 where there are several and nobody chose, OCA241 for one that is not there, OCA242 for
    graphs whose tags nobody chose, OCA250 for a SavedModel without any function.
    """
    graph, name = choose(graphs(path), job.get("signature"))
    try:
        loaded = tf.saved_model.load(str(path), tags=list(graph.tags))
    except (MemoryError, ModuleNotFoundError):
        raise
    except Exception as error:
        if name not in graph.signatures:
            raise WorkerError("OCA204", f"{path.name} cannot be loaded: {shorten(str(error))}") from error
        found = _by_session(path, graph, name, job)
        why = f"{type(error).__name__}: {shorten(str(error), 200)}"
        job.note("OCA247", f"TensorFlow {tf.__version__} refuses the objects in {path.name} ({why})")
        return found
    if name in graph.signatures:
        return functions.of_signature(loaded.signatures[name], loaded)
    return _of_object(loaded, name, path)


def graphs(path: Path) -> tuple[Graph, ...]:
    """What is in a SavedModel, nothing loaded. Raises WorkerError OCA204 if it is none."""
    from tensorflow.python.saved_model import loader_impl  # noqa: PLC0415 - reads saved_model.pb and .pbtxt alike

    try:
        saved = loader_impl.parse_saved_model(str(path))
    except OSError as error:
        raise WorkerError("OCA204", f"{path.name} is not a SavedModel: {shorten(str(error))}") from error
    return tuple(
        Graph(
            tuple(sorted(graph.meta_info_def.tags)),
            tuple(sorted(name for name in graph.signature_def if name != _INTERNAL)),
        )
        for graph in saved.meta_graphs
    )


def choose(found: Sequence[Graph], wanted: str | None) -> tuple[Graph, str | None]:
    """The graph and the signature that are meant; None for a graph that has none."""
    tags, name = _split(wanted)
    fitting = [graph for graph in found if tags is None or set(graph.tags) == tags]
    if not fitting:
        raise WorkerError("OCA242", f"no graph has the tags of `{wanted}`; there are {_tags(found)}")
    if name is not None:
        fitting = [graph for graph in fitting if name in graph.signatures] or fitting
    if len(fitting) > 1:
        serving = [graph for graph in fitting if graph.tags == ("serve",)]
        if len(serving) != 1:
            message = f"the SavedModel has several graphs, with the tags {_tags(fitting)}"
            raise WorkerError("OCA242", message, f'choose one, such as `signature = "{_example(fitting[0])}"`')
        fitting = serving
    (graph,) = fitting
    return graph, name or _default(graph)


def _split(wanted: str | None) -> tuple[set[str] | None, str | None]:
    if wanted is None or ":" not in wanted:
        return None, wanted
    tags, _, name = wanted.partition(":")
    return {tag.strip() for tag in tags.split(",") if tag.strip()}, name or None


def _default(graph: Graph) -> str | None:
    if len(graph.signatures) < 2:
        return next(iter(graph.signatures), None)
    if DEFAULT in graph.signatures:
        return DEFAULT
    message = f"the SavedModel has several signatures: {_listed(graph.signatures)}"
    raise WorkerError("OCA240", message, f'choose one, such as `signature = "{graph.signatures[0]}"`')


def _of_object(loaded: Any, name: str | None, path: Path) -> Computation:
    """A function of the loaded object; what was saved without signatures may have some."""
    signatures = [each for each in loaded.signatures if each != _INTERNAL]
    known = [*signatures, *functions.methods(loaded)]
    if name is None and not known:
        raise WorkerError("OCA250", f"{path.name} has no signature and no function to convert")
    if name is not None and name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f'did you mean `signature = "{close[0]}"`?' if close else None
        raise WorkerError("OCA241", f"{path.name} has no signature `{name}`; it has {_listed(known)}", hint)
    return functions.of_module(loaded, name)


def _by_session(path: Path, graph: Graph, name: str | None, job: Job) -> Computation:
    """The signature's graph with its variables made constants, without the objects that were saved beside it."""
    with tf.Graph().as_default() as restored, tf.compat.v1.Session(graph=restored) as session:
        loaded = tf.compat.v1.saved_model.load(session, list(graph.tags), str(path))
        signature = loaded.signature_def[name]
        inputs = {key: info.name for key, info in sorted(signature.inputs.items())}
        outputs = {key: info.name for key, info in sorted(signature.outputs.items())}
        frozen = graph_files.freeze(session, [*inputs.values(), *outputs.values()])
    return graph_files.computation(frozen, inputs, outputs, job)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _tags(found: Sequence[Graph]) -> str:
    return " and ".join(f"`{','.join(graph.tags)}` (signatures {_listed(graph.signatures)})" for graph in found)


def _example(graph: Graph) -> str:
    return ",".join(graph.tags) + ":" + next(iter(graph.signatures), "")
