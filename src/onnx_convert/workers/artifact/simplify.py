"""Simplify a graph, and undo it unless the result is valid, smaller, of the same signature and computes the same."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx

from onnx_convert.runtimes.interface import Refused
from onnx_convert.workers.artifact import cases, graphs
from onnx_convert.workers.artifact.metrics import Tolerance, compare
from onnx_convert.workers.artifact.sessions import open_model
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from onnx_convert.runtimes.interface import Session
    from onnx_convert.workers.protocol import Job

EXTERNAL_FROM = 1_900_000_000
"""Bytes from which weights go to model.onnx.data: a protobuf ends at 2 GiB, and the graph needs some of that."""

GROWTH = 0.01
GROWTH_BYTES = 4096
"""Folded constants may add this much to the weights: a share of them and a few shapes."""


def main(job: Job) -> dict[str, Any]:
    """Simplify `model` with `simplifier` into out/model.onnx; compare both on `cases` under `rtol` and `atol`.

    Returns `changed`, `nodes_before`, `nodes_after`, `seconds`; where the simplifier finds nothing to do, `changed` is
    false and nothing is written. `library` (of custom operators) is optional.

    Raises WorkerError OCA401 to OCA407 where the simplified model must not be used.
    """
    job.phase("simplify")
    source, target = Path(job["model"]), job.out / "model.onnx"
    raw = graphs.load(source)
    before = graphs.size(raw)
    started = time.perf_counter()
    simple = _simplified(job["simplifier"], source, job.get("library"))
    seconds = time.perf_counter() - started
    _require_same_signature(raw, simple)
    after = graphs.size(simple)
    _require_no_growth(before, after)
    if _operators_and_weights(raw, before) == _operators_and_weights(simple, after):
        return {"changed": False, "nodes_before": before.nodes, "nodes_after": before.nodes, "seconds": seconds}
    _restore_metadata(raw, simple)
    save(simple, target, weight_bytes=after.weight_bytes)
    del simple
    _require_valid(target)
    job.phase("compare")
    _require_same_results(job, source, target)
    return {"changed": True, "nodes_before": before.nodes, "nodes_after": after.nodes, "seconds": seconds}


def save(model: onnx.ModelProto, path: Path, *, weight_bytes: int) -> None:
    """Write one file, or past 2 GB a second one beside it, `model.onnx.data`."""
    external = weight_bytes > EXTERNAL_FROM
    onnx.save(model, path, save_as_external_data=external, location=f"{path.name}.data" if external else None)


def _simplified(simplifier: str, source: Path, library: str | None) -> onnx.ModelProto:
    tools: dict[str, Callable[[Path], onnx.ModelProto]] = {
        "onnxsim": lambda path: _onnxsim(path, library),
        "onnxslim": _onnxslim,
    }
    try:
        return tools[simplifier](source)
    except WorkerError:
        raise
    except Exception as error:
        raise WorkerError("OCA401", f"{simplifier} failed: {type(error).__name__}: {error}"[:1000]) from error


def _onnxsim(source: Path, library: str | None) -> onnx.ModelProto:
    import onnxsim

    model, checked = onnxsim.simplify(str(source), custom_lib=library)
    if not checked:
        raise WorkerError("OCA404", "onnxsim itself says that its result computes something else")
    result: onnx.ModelProto = model
    return result


def _onnxslim(source: Path) -> onnx.ModelProto:
    import onnxslim

    model: onnx.ModelProto | None = onnxslim.slim(str(source))
    if model is None:
        raise WorkerError("OCA404", "onnxslim itself says that its result computes something else")
    return model


def _require_same_signature(raw: onnx.ModelProto, simple: onnx.ModelProto) -> None:
    """Inputs and outputs, with the names of dynamic dimensions, and the opset must be what they were."""
    pairs = (
        ("inputs", graphs.signature(graphs.inputs(raw)), graphs.signature(graphs.inputs(simple))),
        ("outputs", _types(raw), _types(simple)),
    )
    for what, old, new in pairs:
        if old != new:
            raise WorkerError("OCA402", f"the {what} changed from {_words(old)} to {_words(new)}")
    old_opset, new_opset = graphs.opsets(raw).get("ai.onnx"), graphs.opsets(simple).get("ai.onnx")
    if old_opset != new_opset:
        raise WorkerError("OCA402", f"the opset changed from {old_opset} to {new_opset}")


def _types(model: onnx.ModelProto) -> list[dict[str, Any]]:
    """Outputs without their axes: simplifiers infer and rename them, so they are restored, see `_restore_metadata`."""
    return [{"name": item["name"], "dtype": item["dtype"]} for item in graphs.signature(model.graph.output)]


def _words(signature: list[dict[str, Any]]) -> str:
    return ", ".join(
        item["name"] + (str(item["shape"]) if "shape" in item else f" ({item['dtype']})") for item in signature
    )


def _require_no_growth(before: graphs.Size, after: graphs.Size) -> None:
    if after.nodes > before.nodes:
        raise WorkerError("OCA405", f"the model grew from {before.nodes} to {after.nodes} nodes")
    if after.weight_bytes > before.weight_bytes * (1 + GROWTH) + GROWTH_BYTES:
        raise WorkerError("OCA405", f"the weights grew from {before.weight_bytes:,} to {after.weight_bytes:,} bytes")


def _operators_and_weights(model: onnx.ModelProto, size: graphs.Size) -> tuple[dict[str, int], int]:
    return graphs.operators(model), size.weight_bytes


def _restore_metadata(raw: onnx.ModelProto, simple: onnx.ModelProto) -> None:
    """Who made the model, its documentation, its opset imports and the declared axes of its outputs stay.

    onnxsim writes pages about itself into `metadata_props`, and both infer some axes of outputs and rename others.
    """
    for name in ("ir_version", "producer_name", "producer_version", "domain", "model_version", "doc_string"):
        setattr(simple, name, getattr(raw, name))
    simple.graph.name, simple.graph.doc_string = raw.graph.name, raw.graph.doc_string
    del simple.graph.output[:], simple.metadata_props[:]
    simple.graph.output.extend(raw.graph.output)
    simple.metadata_props.extend(raw.metadata_props)
    there = {item.domain for item in simple.opset_import}
    simple.opset_import.extend(item for item in raw.opset_import if item.domain not in there)


def _require_valid(path: Path) -> None:
    try:
        onnx.checker.check_model(str(path), full_check=True)
    except Exception as error:
        raise WorkerError("OCA403", f"the simplified model is not valid: {error}"[:1000]) from error


def _require_same_results(job: Job, source: Path, target: Path) -> None:
    """Run both as they are written, without the runtime's own optimisations, on one case of every combination."""

    def session(path: Path) -> Session:
        return open_model(job, path, "cpu", options={}, optimise=False)

    try:
        raw = session(source)
    except Refused as refused:
        raise WorkerError("OCA407", f"ONNX Runtime refuses the unsimplified model: {refused}") from refused
    try:
        simple = session(target)
    except Refused as refused:
        raise WorkerError("OCA403", f"ONNX Runtime refuses the simplified model: {refused}") from refused
    declared = [tensor["name"] for tensor in job["inputs"]]
    tolerance = Tolerance(rtol=job["rtol"], atol=job["atol"])
    for case in cases.one_of_each(cases.read(job)):
        _compare_case(case, declared, (raw, simple), tolerance)


def _compare_case(
    case: cases.Case, declared: list[str], sessions: tuple[Session, Session], tolerance: Tolerance
) -> None:
    raw, simple = sessions
    at = ", ".join(f"{name}={size}" for name, size in case.dims.items()) or "the only size"
    fed = cases.feeds(case, declared, raw.inputs)
    try:
        expected = raw.run(fed)
    except Refused:
        return  # the exported model does not run at this size: parity says so, simplification is not to blame
    try:
        actual = simple.run(fed)
    except Refused as refused:
        raise WorkerError("OCA404", f"the simplified model fails at {at}: {refused}") from refused
    for name, old, new in zip(raw.outputs, expected, actual, strict=True):
        found = compare(new, old, tolerance)
        if not found.passed:
            _require_deterministic(raw, fed, expected, tolerance)
            said = found.reason or f"max abs {found.max_abs:.3g}"
            raise WorkerError("OCA404", f"output `{name}` differs from the unsimplified model at {at}: {said}")


def _require_deterministic(raw: Session, fed: dict[str, Any], first: list[Any], tolerance: Tolerance) -> None:
    if not all(compare(new, old, tolerance).passed for old, new in zip(first, raw.run(fed), strict=True)):
        raise WorkerError("OCA407", "the model's results are random, so that its simplification cannot be checked")
