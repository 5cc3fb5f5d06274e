"""Simplify: a smaller graph that computes the same, or the one there was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.isolation.hostile import HostileFileError
from onnx_convert.report.model import Simplification
from onnx_convert.stages import custom_ops
from onnx_convert.stages.export import check, limits_of, notes_of, take_model
from onnx_convert.stages.results import LyingWorkerError, SimplifyResult, parse
from onnx_convert.stages.values import Exported, Finding, OnnxFile, Simplified

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.plan import Row
    from onnx_convert.stages.values import Workplace


def simplify(
    row: Row, exported: Exported, workplace: Workplace, folder: Path
) -> tuple[Simplified, tuple[Finding, ...]]:
    """Simplify the exported file. Whatever goes wrong, the unsimplified file is kept and a finding says why."""
    simplifier = row.model.simplify
    if simplifier is False or custom_ops.runner(row, exported.file.facts) != "runtime":
        return Simplified(exported.file, Simplification(simplifier=None, status="off")), ()
    reference = exported.reference
    environment = workplace.environments.get("onnx")
    outcome = workplace.fence.run(
        environment,
        "onnx_convert.workers.artifact.simplify",
        {
            "model": str(exported.file.path),
            "simplifier": simplifier,
            "cases": str(reference.folder),
            "case_list": [case.model_dump() for case in reference.cases],
            "inputs": [tensor.model_dump() for tensor in reference.inputs],
            "outputs": [tensor.model_dump() for tensor in reference.outputs],
            "rtol": row.model.parity.rtol,
            "atol": row.model.parity.atol,
            **custom_ops.of_artifact(row, workplace),
        },
        limits_of(row),
    )
    notes = notes_of(outcome, "simplify")
    seconds = round(outcome.seconds, 3)
    undone = Simplified(exported.file, Simplification(simplifier=simplifier, status="undone", seconds=seconds))
    if outcome.result is None:
        reason = outcome.failure
        said = Finding.of(reason) if reason else Finding("OCA901", "the simplifier left no result")
        prefixed = said.message if said.code.startswith("OCA4") else f"{simplifier} was undone: {said.message}"
        return undone, (Finding(said.code, prefixed, said.hint, "simplify"), *notes)
    try:
        if not parse(SimplifyResult, outcome.result).changed:
            unchanged = Simplification(simplifier=simplifier, status="unchanged", seconds=seconds)
            return Simplified(exported.file, unchanged), notes
        path, data = take_model(outcome, folder / "simplified")
    except (LyingWorkerError, HostileFileError) as error:
        return undone, (Finding("OCA901", f"{simplifier} was undone: {error}", key="simplify"),)
    declared = [tensor.model_dump() for tensor in reference.inputs]
    asked = {"opset": exported.opset, "inputs": declared, **custom_ops.of_artifact(row, workplace)}
    facts, _ = check(environment, workplace, path, asked, limits_of(row))
    if isinstance(facts, Finding) or facts.problems:
        why = facts.message if isinstance(facts, Finding) else facts.problems[0].message
        return undone, (Finding("OCA403", f"{simplifier} was undone: {why}", key="simplify"),)
    kept = Simplification(simplifier=simplifier, status="kept", seconds=seconds)
    return Simplified(OnnxFile(path, data, facts), kept), notes
