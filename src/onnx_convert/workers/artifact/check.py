"""Look an ONNX file over: the checker, shape inference, the opset that was asked for, and ONNX Runtime's own opinion.

What makes the file unusable is a problem; what is merely worth knowing is a note. The weights are not loaded, but by
ONNX Runtime at the end.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx

from onnx_convert.runtimes.interface import Refused
from onnx_convert.workers.artifact import graphs
from onnx_convert.workers.artifact.cases import align
from onnx_convert.workers.artifact.sessions import open_model
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from onnx_convert.workers.protocol import Job

    Problem = dict[str, str]

_NO_KERNEL = re.compile(r"Could not find an implementation for (\w+)\(\d+\) node with name '([^']*)'")
_NOT_THERE = re.compile(r"Fatal error: (\S+?):(\w+)\(\S*\) is not a registered function/op")

STANDARD_DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "ai.onnx.preview"}
RUNTIME_DOMAINS = {"com.microsoft", "com.microsoft.nchwc", "com.microsoft.dml", "com.ms.internal.nhwc"}
"""Operators that ONNX Runtime brings itself."""


def main(job: Job) -> dict[str, Any]:
    """Check `model` against the asked `opset` and the declared `inputs` ({"name", "dtype", "shape"} in order).

    `custom_domains` (names) and `library` (of custom operators) are optional. Returns the facts of
    docs/architecture.md; `problems` are {"code", "message"}, at most a hundred.
    """
    job.phase("check")
    path = Path(job["model"])
    try:
        model = graphs.load(path)
        size = graphs.size(model)
    except WorkerError as error:
        return _unreadable(path, error)
    baked = find_baked(model, job.get("inputs") or [])
    custom = set(job.get("custom_domains") or ())
    problems = [
        *_opset_problems(model, job.get("opset")),
        *_external_problems(model, path.parent),
        *_checker_problems(job, path),
        *_domain_problems(model, custom),
        *_signature_problems(model, baked),
    ]
    runnable = bool(job.get("library")) or not any(node.domain in custom for node in graphs.nodes(model))
    if runnable and not any(problem["code"] in {"OCA354", "OCA355"} for problem in problems):
        problems += _runtime_problems(job, path, model)
    _notes(job, model)
    return {
        "opsets": graphs.opsets(model),
        "ir_version": model.ir_version,
        "nodes": size.nodes,
        "operators": graphs.operators(model),
        "inputs": graphs.signature(graphs.inputs(model)),
        "outputs": graphs.signature(model.graph.output),
        "bytes": sum(file.stat().st_size for file in (path, *graphs.external_files(model, path.parent))),
        "problems": problems[:100],
        "baked": baked,
    }


def find_baked(model: onnx.ModelProto, declared: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Find dimensions that were declared by name and are constants in the graph."""
    values = graphs.inputs(model)
    positions = align([tensor["name"] for tensor in declared], [value.name for value in values])
    return [
        {"input": value.name, "axis": axis, "dimension": asked, "size": got}
        for value, position in zip(values, positions or (), strict=False)
        for axis, (asked, got) in enumerate(
            zip(declared[position]["shape"] or (), graphs.shape(value.type), strict=False)
        )
        if isinstance(asked, str) and isinstance(got, int)
    ]


def _opset_problems(model: onnx.ModelProto, asked: int | None) -> Iterator[Problem]:
    got = graphs.opsets(model).get("ai.onnx")
    if asked is not None and got is not None and got != asked:
        yield _problem("OCA350", f"opset {asked} was asked for and the ONNX file has opset {got}")


def _external_problems(model: onnx.ModelProto, folder: Path) -> Iterator[Problem]:
    for problem in graphs.external_problems(model, folder):
        yield _problem("OCA355", problem)


def _checker_problems(job: Job, path: Path) -> Iterator[Problem]:
    """Run the checker with strict shape inference; then inference with constants followed, which is only noted."""
    try:
        onnx.checker.check_model(str(path), full_check=True)
    except onnx.shape_inference.InferenceError as error:
        yield _problem("OCA358", f"shape inference finds a contradiction: {_brief(error)}")
        return
    except Exception as error:  # whatever the checker says of a hostile file is the finding
        yield _problem("OCA353", f"the ONNX checker refuses it: {_brief(error)}")
        return
    inferred = job.folder / "out" / "inferred.onnx"
    try:
        onnx.shape_inference.infer_shapes_path(str(path), str(inferred), strict_mode=True, data_prop=True)
    except Exception as error:
        job.note("OCA363", f"shape inference with constants followed: {_brief(error)}")
    finally:
        inferred.unlink(missing_ok=True)


def _domain_problems(model: onnx.ModelProto, custom: set[str]) -> Iterator[Problem]:
    known = STANDARD_DOMAINS | RUNTIME_DOMAINS | custom | {function.domain for function in model.functions}
    unknown: dict[str, set[str]] = {}
    for node in graphs.nodes(model):
        if node.domain not in known:
            unknown.setdefault(node.domain, set()).add(node.op_type)
    for domain, names in sorted(unknown.items()):
        yield _problem("OCA354", f"operators of the unknown domain `{domain}`: {', '.join(sorted(names)[:10])}")


def _signature_problems(model: onnx.ModelProto, baked: list[dict[str, Any]]) -> Iterator[Problem]:
    for item in baked:
        yield _problem(
            "OCA357",
            f"dimension `{item['dimension']}` of input `{item['input']}` (axis {item['axis']}) is declared dynamic and "
            f"was baked to {item['size']}",
        )
    for value in model.graph.output:
        kind = graphs.dtype(value.type)
        if kind in {"sequence", "map", "optional", "sparse_tensor"}:
            yield _problem("OCA359", f"output `{value.name}` is a {kind}, not a tensor")


def _runtime_problems(job: Job, path: Path, model: onnx.ModelProto) -> Iterator[Problem]:
    def refusal(source: Path | bytes) -> str | None:
        try:
            open_model(job, source, "cpu", options={}, optimise=False)
        except Refused as refused:
            return str(refused)
        return None

    if refused := refusal(path):
        graph = onnx.parser.parse_graph("g (float[1] x) => (float[1] y) { y = Add(x, x) }")
        standard = [item for item in model.opset_import if item.domain in STANDARD_DOMAINS]
        smallest = onnx.helper.make_model(graph, ir_version=model.ir_version, opset_imports=standard)
        if too_new := refusal(smallest.SerializeToString()):
            yield _problem("OCA360", f"ONNX Runtime does not take IR {model.ir_version} or its opset: {too_new}")
        elif job.get("library") and (missing := _NOT_THERE.search(refused)):
            library = Path(job["library"]).name
            yield _problem("OCA396", f"{library} has no operator `{missing[2]}` of the domain `{missing[1]}`")
        elif missing := _NO_KERNEL.search(refused):
            kinds = ", ".join(_dtypes(model, missing[2])) or "its dtype"
            yield _problem("OCA346", f"ONNX Runtime's CPU has no {missing[1]} for {kinds} (node `{missing[2]}`)")
        else:
            yield _problem("OCA356", f"ONNX Runtime refuses to load it: {refused}")


def _dtypes(model: onnx.ModelProto, name: str) -> list[str]:
    """The dtypes of a node's inputs, as far as the graph says them, weights included."""
    node = next((each for each in graphs.nodes(model) if each.name == name), None)
    known = {value.name: graphs.dtype(value.type) for value in (*model.graph.input, *model.graph.value_info)}
    for tensor in model.graph.initializer:
        known[tensor.name] = str(onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).name)
    return list(dict.fromkeys(known[each] for each in node.input if each in known)) if node else []


def _notes(job: Job, model: onnx.ModelProto) -> None:
    initialisers = {tensor.name for tensor in model.graph.initializer}
    overridable = sum(1 for value in model.graph.input if value.name in initialisers)
    if overridable:
        job.note("OCA361", f"{overridable} weights are graph inputs, so that runtimes cannot fold them")
    double = sum(
        graphs.tensor_bytes(tensor) for tensor in graphs.weights(model) if tensor.data_type == onnx.TensorProto.DOUBLE
    )
    if double > 1024:
        job.note("OCA362", f"{double:,} bytes of weights are float64")


def _unreadable(path: Path, error: WorkerError) -> dict[str, Any]:
    return {
        "opsets": {},
        "ir_version": 0,
        "nodes": 0,
        "operators": {},
        "inputs": [],
        "outputs": [],
        "bytes": path.stat().st_size if path.is_file() else 0,
        "problems": [_problem(error.code, error.message)],
        "baked": [],
    }


def _problem(code: str, message: str) -> Problem:
    return {"code": code, "message": message}


def _brief(error: BaseException) -> str:
    from onnx_convert.runtimes.onnxruntime import reason

    return reason(error)
