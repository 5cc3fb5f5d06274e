"""Graphs without a signature: frozen `.pb` files and checkpoints of TensorFlow 1, by the names of their tensors."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from onnx_convert.frameworks.tensorflow import values
from onnx_convert.frameworks.tensorflow.function import Computation
from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from onnx_convert.workers.protocol import Job

_SHOWN = 8
_NO_OUTPUTS = frozenset({"Assert", "NoOp", "Assign", "SaveV2", "RestoreV2", "MergeV2Checkpoints", "Const"})


def frozen(path: Path, job: Job) -> Computation:
    """A frozen graph; `inputs` and `outputs` of the job name its tensors."""
    graph = tf.compat.v1.GraphDef()
    try:
        graph.ParseFromString(path.read_bytes())
        with tf.Graph().as_default():
            tf.import_graph_def(graph, name="")
    except Exception as error:  # protobuf's DecodeError has no stable place to import it from
        raise WorkerError("OCA204", f"{path.name} is not a frozen graph: {shorten(str(error))}") from error
    if not graph.node:
        raise WorkerError("OCA204", f"{path.name} is not a frozen graph: it has no nodes")
    return _named(graph, job)


def checkpoint(path: Path, job: Job) -> Computation:
    """A checkpoint with its `.meta`; either of its files may be named. Raises WorkerError OCA254 without one."""
    prefix = path.with_suffix("")
    if not prefix.with_name(f"{prefix.name}.meta").is_file():
        message = f"{path.name} holds variables and there is no {prefix.name}.meta with the graph beside it"
        raise WorkerError("OCA254", message)
    for part in prefix.parent.glob(f"{prefix.name}.*"):
        part.open("rb").close()  # what TensorFlow opens by itself nobody would know that the result depends on
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        try:
            saver = tf.compat.v1.train.import_meta_graph(f"{prefix}.meta", clear_devices=True)
            saver.restore(session, str(prefix))
        except (OSError, ValueError, KeyError, AttributeError, tf.errors.OpError) as error:
            raise WorkerError("OCA204", f"{prefix.name} cannot be restored: {shorten(str(error))}") from error
        inputs, outputs = _wanted(graph.as_graph_def(), job)
        restored = freeze(session, [*inputs.values(), *outputs.values()])
    return computation(restored, inputs, outputs, job)


def freeze(session: Any, tensors: Sequence[str]) -> Any:
    """The session's graph down to these tensors, its variables made constants."""
    nodes = [name.partition(":")[0] for name in tensors]
    definition = session.graph.as_graph_def(add_shapes=True)
    return tf.compat.v1.graph_util.convert_variables_to_constants(session, definition, nodes)


def computation(definition: Any, inputs: Mapping[str, str], outputs: Mapping[str, str], job: Job) -> Computation:
    """A graph between tensors that are given by their names; keys are what they are called outside."""
    wrapped = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(definition, name=""), [])
    feeds = [wrapped.graph.as_graph_element(name) for name in inputs.values()]
    pruned = wrapped.prune(feeds, [wrapped.graph.as_graph_element(name) for name in outputs.values()])

    def call(*tensors: Any) -> dict[str, Any]:
        return dict(zip(outputs, pruned(*tensors), strict=True))

    given = job.get("inputs") or {}
    signature = [_info(name, feed, given.get(name, {})) for name, feed in zip(inputs, feeds, strict=True)]
    return Computation(call, pruned, signature)


def _named(definition: Any, job: Job) -> Computation:
    inputs, outputs = _wanted(definition, job)
    return computation(definition, inputs, outputs, job)


def _wanted(definition: Any, job: Job) -> tuple[dict[str, str], dict[str, str]]:
    """The tensors that `inputs` and `outputs` name. Raises WorkerError OCA244 without them, OCA243 for an unknown."""
    inputs, outputs = job.get("inputs") or {}, job.get("outputs") or []
    if not inputs or not outputs:
        missing = " and ".join(f"`{key}`" for key, given in (("inputs", inputs), ("outputs", outputs)) if not given)
        message = f"a graph needs the names of its tensors, and the spec has no {missing}"
        raise WorkerError("OCA244", message, _suggestion(definition))
    nodes = {node.name: node for node in definition.node}
    return {name: _tensor(name, nodes) for name in inputs}, {name: _tensor(name, nodes) for name in outputs}


def _tensor(name: str, nodes: Mapping[str, Any]) -> str:
    operation, colon, position = name.partition(":")
    if operation in nodes and (not colon or position.isdigit()):
        return f"{operation}:{position or 0}"
    close = difflib.get_close_matches(operation, nodes, n=3)
    hint = f"the nearest are {', '.join(f'`{each}`' for each in close)}" if close else None
    raise WorkerError("OCA243", f"the graph has no tensor `{name}`", hint)


def _suggestion(definition: Any) -> str:
    placeholders = [node.name for node in definition.node if node.op.startswith("Placeholder")]
    used = {name.partition(":")[0].lstrip("^") for node in definition.node for name in node.input}
    ends = [n.name for n in definition.node if n.name not in used and n.op not in _NO_OUTPUTS and n.input]
    inputs = ", ".join(f"`{name}`" for name in placeholders[:_SHOWN]) or "none"
    outputs = ", ".join(f"`{name}`" for name in ends[:_SHOWN]) or "none"
    return f"its placeholders are {inputs}; nothing follows {outputs}"


def _info(name: str, feed: Any, given: Mapping[str, Any]) -> TensorInfo:
    if feed.shape.rank is None and given.get("shape") is not None:
        return TensorInfo(name, feed.dtype.name, tuple(given["shape"]))
    return values.info(name, feed)
