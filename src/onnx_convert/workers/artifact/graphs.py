"""Reading an ONNX graph without its weights, within bounds: the model may be hostile."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import onnx

from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MAX_NODES = 2_000_000
"""Nodes that are looked at, in all subgraphs."""

Graph = onnx.GraphProto
Tensor = onnx.TensorProto


@dataclass(frozen=True)
class Size:
    """How large a graph is: nodes, and bytes of weights (initialisers and constants), external ones too."""

    nodes: int
    weight_bytes: int


def load(path: Path) -> onnx.ModelProto:
    """Parse a model; external data stays where it is. Raises WorkerError OCA351, and OCA352 past the bounds."""
    try:
        model = onnx.load(path, load_external_data=False)
    except Exception as error:
        raise WorkerError("OCA351", f"the ONNX file cannot be read: {type(error).__name__}: {error}") from error
    if not all(isinstance(text, str) for text in _texts(model)):
        raise WorkerError("OCA351", "the ONNX file cannot be read: a name in it is not UTF-8")
    return model


def _texts(model: onnx.ModelProto) -> Iterator[str]:
    """The names of a model, of which protobuf gives bytes where they are not UTF-8."""
    yield from (item.domain for item in model.opset_import)
    for graph in graphs(model):
        for node in graph.node:
            yield from (node.name, node.domain, node.op_type, *node.input, *node.output)
        for value in (*graph.input, *graph.output, *graph.value_info):
            yield value.name
            yield from (axis.dim_param for axis in value.type.tensor_type.shape.dim)
    for tensor in weights(model):
        yield tensor.name
        yield from (text for entry in tensor.external_data for text in (entry.key, entry.value))


def graphs(model: onnx.ModelProto) -> Iterator[Graph]:
    """Walk the graph and all its subgraphs (bodies of If, Loop, Scan). Raises WorkerError OCA352 past the bounds."""
    stack, seen = [model.graph], 0
    while stack:
        graph = stack.pop()
        seen += len(graph.node)
        if seen > MAX_NODES:
            raise WorkerError("OCA352", f"the graph has more than {MAX_NODES:,} nodes")
        yield graph
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    stack.append(attribute.g)
                stack.extend(attribute.graphs)


def nodes(model: onnx.ModelProto) -> Iterator[onnx.NodeProto]:
    """Walk the nodes of the graph and of all its subgraphs."""
    for graph in graphs(model):
        yield from graph.node


def weights(model: onnx.ModelProto) -> Iterator[Tensor]:
    """Walk initialisers and tensor attributes, in subgraphs too."""
    for graph in graphs(model):
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield sparse.values
            yield sparse.indices
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("t"):
                    yield attribute.t
                yield from attribute.tensors


def size(model: onnx.ModelProto) -> Size:
    """Measure a graph. Inferred shapes (`value_info`) are no part of its size."""
    return Size(sum(1 for _ in nodes(model)), sum(tensor_bytes(tensor) for tensor in weights(model)))


def operators(model: onnx.ModelProto) -> dict[str, int]:
    """Count nodes by operator, the most frequent first; operators outside the standard carry their domain."""
    counts: dict[str, int] = {}
    for node in nodes(model):
        name = node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}::{node.op_type}"
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def opsets(model: onnx.ModelProto) -> dict[str, int]:
    """Return the opset imports; the standard domain is "ai.onnx"."""
    return {item.domain or "ai.onnx": item.version for item in model.opset_import}


def inputs(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    """Return what has to be fed: graph inputs that are no initialisers."""
    initialisers = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in initialisers]


def signature(values: Iterable[onnx.ValueInfoProto]) -> list[dict[str, Any]]:
    """Describe values as {"name", "dtype", "shape"}; a size, a name, or None for each axis, [] for an unknown rank."""
    return [{"name": value.name, "dtype": dtype(value.type), "shape": shape(value.type)} for value in values]


def dtype(kind: onnx.TypeProto) -> str:
    """Return numpy's name of a tensor's dtype, or what it is instead ("sequence", "map", ...)."""
    which = kind.WhichOneof("value") or "unknown"
    if which != "tensor_type":
        return which.removesuffix("_type")
    element = kind.tensor_type.elem_type
    if element == Tensor.STRING:
        return "string"
    try:
        return str(onnx.helper.tensor_dtype_to_np_dtype(element).name)
    except KeyError:
        return f"unknown ({element})"


def shape(kind: onnx.TypeProto) -> list[int | str | None]:
    """Return the axes of a tensor type."""
    return [
        axis.dim_value if axis.HasField("dim_value") else axis.dim_param or None for axis in kind.tensor_type.shape.dim
    ]


def is_external(tensor: Tensor) -> bool:
    """Whether a tensor's data lies in another file."""
    return tensor.data_location == Tensor.EXTERNAL


def external(tensor: Tensor) -> Mapping[str, str]:
    """Return where external data lies: `location`, `offset`, `length`."""
    return {entry.key: entry.value for entry in tensor.external_data}


def tensor_bytes(tensor: Tensor) -> int:
    """Return the bytes of a tensor's elements, however and wherever they are stored."""
    if tensor.data_type == Tensor.STRING:
        return sum(map(len, tensor.string_data))
    try:
        itemsize = int(onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize)
    except KeyError:
        return 0
    return int(math.prod(max(0, axis) for axis in tensor.dims)) * itemsize


def external_problems(model: onnx.ModelProto, folder: Path) -> list[str]:
    """Find external data that is absolute, outside the model's folder, missing or too short; a sentence a file."""
    needed: dict[str, int] = {}
    for tensor in weights(model):
        if is_external(tensor):
            entry = external(tensor)
            end = sum(int(value) for key in ("offset", "length") if (value := entry.get(key, "0")).isdecimal())
            location = entry.get("location", "")
            needed[location] = max(needed.get(location, 0), end)
    found = ((location, _external_problem(location, end, folder)) for location, end in sorted(needed.items()))
    return [f"external data `{location}` {problem}" for location, problem in found if problem]


def external_files(model: onnx.ModelProto, folder: Path) -> list[Path]:
    """Return the files of external data that are where they should be."""
    locations = {external(tensor).get("location", "") for tensor in weights(model) if is_external(tensor)}
    return [folder / location for location in sorted(locations) if not _external_problem(location, 0, folder)]


def _external_problem(location: str, end: int, folder: Path) -> str | None:
    path = PurePosixPath(location)
    if not location or "\0" in location:
        return "has no valid name"
    if path.is_absolute() or "\\" in location:
        return "is an absolute path"
    file = folder / path
    try:
        if ".." in path.parts or file.is_symlink() or folder.resolve() not in file.resolve().parents:
            return "lies outside the model's folder"
        return _file_problem(file, end)
    except (OSError, RuntimeError, ValueError) as error:  # a name too long, a circle of links
        return f"cannot be followed: {error}"


def _file_problem(file: Path, end: int) -> str | None:
    if not file.is_file():
        return "is missing"
    if not os.access(file, os.R_OK):
        return "cannot be read by this user (onnx.save writes it for its owner only: chmod 644)"
    if file.stat().st_size < end:
        return f"is cut off: it has {file.stat().st_size} bytes, the model needs {end}"
    return None
