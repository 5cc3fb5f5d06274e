"""What float16 cannot hold: weights, and activations on the reference cases."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from onnx_convert.runtimes.interface import Refused
from onnx_convert.workers.artifact import cases, graphs
from onnx_convert.workers.artifact.sessions import open_model
from onnx_convert.workers.artifact.simplify import save
from onnx_convert.workers.artifact.variant import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from onnx_convert.workers.protocol import Job

LARGEST = 65504.0
SMALLEST = 2.0**-24
MARGIN = 2.0
"""Activations within this factor of `LARGEST` count as too large: other inputs will have larger ones."""

_SCOPES = "pkg.torch.onnx.name_scopes"


@dataclass(frozen=True)
class Extremes:
    """A weight's finite values outside float16: how many, of how many (not zero), and the furthest."""

    name: str
    large: int
    small: int
    elements: int
    nonzero: int
    furthest: float


def weights(model: onnx.ModelProto) -> list[Extremes]:
    """Find float32 initialisers and constants of the main graph with values that float16 cannot hold."""
    named = [(tensor.name, tensor) for tensor in model.graph.initializer]
    for node in model.graph.node:
        named += [(node.output[0], a.t) for a in node.attribute if node.op_type == "Constant" and a.name == "value"]
    found = (_extremes(name, tensor) for name, tensor in named if tensor.data_type == TensorProto.FLOAT)
    return [one for one in found if one.large or one.small]


def _extremes(name: str, tensor: TensorProto) -> Extremes:
    values = np.abs(numpy_helper.to_array(tensor)).ravel()
    finite = values[np.isfinite(values)]
    large, small = finite[finite > LARGEST], finite[(finite > 0) & (finite < SMALLEST)]
    furthest = float(large.max() if large.size else small.min() if small.size else 0.0)
    return Extremes(name, large.size, small.size, values.size, int(np.count_nonzero(values)), furthest)


def activations(job: Job, model: onnx.ModelProto, types: Mapping[str, int]) -> dict[str, float] | None:
    """Find the largest finite absolute value of every float32 tensor of the main graph over all cases.

    None, with a note, where the model cannot be run with so many outputs. Inputs of the graph are in it too.
    """
    names = [name for node in model.graph.node for name in node.output if name and types.get(name) == TensorProto.FLOAT]
    probe = _probe(load(Path(job["model"])), names)
    path = job.out / "probe.onnx"
    save(probe, path, weight_bytes=graphs.size(probe).weight_bytes)
    del probe
    declared = [tensor["name"] for tensor in job["inputs"]]
    largest: dict[str, float] = {}
    try:
        session = open_model(job, path, "cpu", options={}, optimise=False)
        for case in cases.read(job):
            fed = cases.feeds(case, declared, session.inputs)
            found = [(name, _largest(array)) for name, array in fed.items() if array.dtype == np.float32]
            found += [(name, float(value)) for name, value in zip(names, session.run(fed), strict=True)]
            for name, value in found:
                largest[name] = max(largest.get(name, 0.0), value)
    except Refused as refused:
        job.note("OCA388", f"activations were not looked at: {refused}")
        return None
    finally:
        for file in path.parent.glob("probe.onnx*"):
            file.unlink()
    return largest


def _largest(array: np.ndarray[Any, Any]) -> float:
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max()) if finite.size else 0.0


def _probe(model: onnx.ModelProto, names: Iterable[str]) -> onnx.ModelProto:
    """Give a model the largest finite magnitude of each tensor as an output, in place of its outputs."""
    graph = model.graph
    del graph.output[:], graph.value_info[:]
    zero = "onnx_convert_zero"
    graph.initializer.append(helper.make_tensor(zero, TensorProto.FLOAT, [], [0.0]))
    infinities = graphs.opsets(model).get("ai.onnx", 0) >= 10  # IsInf is as old as that
    for number, name in enumerate(names):
        at = f"onnx_convert_{number}"
        graph.node.append(helper.make_node("Abs", [name], [f"{at}_abs"]))
        source = f"{at}_abs"
        if infinities:
            graph.node.append(helper.make_node("IsInf", [name], [f"{at}_inf"]))
            graph.node.append(helper.make_node("Where", [f"{at}_inf", zero, source], [f"{at}_finite"]))
            source = f"{at}_finite"
        graph.node.append(helper.make_node("ReduceMax", [source], [f"{at}_max"], keepdims=0))
        graph.output.append(helper.make_tensor_value_info(f"{at}_max", TensorProto.FLOAT, []))
    return model


def module_of(node: onnx.NodeProto) -> str | None:
    """The PyTorch module a node comes from, `layers.0.linear`, as far as its exporter left it in the graph."""
    for entry in node.metadata_props:
        if entry.key == _SCOPES:
            return _last_scope(entry.value)
    path = node.name.split("/")[1:-1]
    # TorchScript names a member of a list or a Sequential with the list: /layers/layers.0/linear/MatMul
    kept = [part for part, after in pairwise([*path, ""]) if not after.startswith(f"{part}.")]
    return ".".join(kept) or None


def _last_scope(written: str) -> str | None:
    """The innermost of a list of scopes, without the name of the node that ends it."""
    try:
        scopes = ast.literal_eval(written)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names = [scope for scope in scopes if isinstance(scope, str)] if isinstance(scopes, list) else []
    return (names[-2] if len(names) > 1 else None) or None


def described(node: onnx.NodeProto) -> str:
    """`Mul "/scale/Mul" (module scale)`."""
    module = module_of(node)
    return f'{node.op_type} "{node.name}"' + (f" (module {module})" if module else "")
