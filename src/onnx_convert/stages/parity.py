"""Parity: the artifact against the original framework, on every provider, for every combination of dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.runtimes.registry import environment_of
from onnx_convert.stages import custom_ops
from onnx_convert.stages.export import limits_of, notes_of
from onnx_convert.stages.results import LyingWorkerError, ParityResult, parse
from onnx_convert.stages.values import Compared, Exported, Finding, Simplified

if TYPE_CHECKING:
    from onnx_convert.plan import Row
    from onnx_convert.stages.values import OnnxFile, Workplace

REFERENCE = "reference"
"""The provider of what onnx's own evaluator runs, with operators in Python."""


def compare(
    row: Row,
    exported: Exported,
    simplified: Simplified,
    provider: str,
    workplace: Workplace,
    base: OnnxFile | None = None,
) -> tuple[Compared, tuple[Finding, ...]]:
    """Compare on one provider; `base` is the float32 file of a variant.

    A worker that fails gives an empty comparison and the finding that says why.
    """
    reference = exported.reference
    parity = row.model.parity
    by_reference = provider == REFERENCE
    # The operators' Python may import what the model imports.
    framework = row.framework.environment if by_reference and row.framework else environment_of(provider)
    outcome = workplace.fence.run(
        workplace.environments.get(framework, row.requirements if by_reference else None),
        "onnx_convert.workers.artifact.parity",
        {
            "model": str(simplified.file.path),
            "raw": str(exported.file.path),
            "base": str(base.path) if base else None,
            "cases": str(reference.folder),
            "case_list": [case.model_dump() for case in reference.cases],
            "inputs": [tensor.model_dump() for tensor in reference.inputs],
            "outputs": [tensor.model_dump() for tensor in reference.outputs],
            "trace": reference.trace,
            "noise": reference.noise,
            "boundary": {
                "folder": str(reference.folder.parent / "boundary"),
                "batches": [[point.model_dump() for point in batch] for batch in reference.boundary],
            },
            "provider": provider,
            "provider_options": row.model.provider_options.get(provider, {}),
            "threads": workplace.threads,
            "parity": parity.model_dump(exclude_unset=False),
            "parity_set": sorted(parity.model_fields_set),
            **(custom_ops.of_reference(row, workplace) if by_reference else custom_ops.of_artifact(row, workplace)),
        },
        limits_of(row),
    )
    notes = notes_of(outcome, "parity")
    if outcome.result is None:
        lost = Finding("OCA901", "the comparison left no result", key="parity", gate="parity")
        said = Finding.of(outcome.failure, "parity", "parity") if outcome.failure else lost
        return Compared(provider), (said, *notes)
    try:
        result = parse(ParityResult, outcome.result)
    except LyingWorkerError as lie:
        return Compared(provider), (
            Finding("OCA901", f"the result of the comparison: {lie}", key="parity", gate="parity"),
        )
    if result.status == "unavailable":
        return Compared(provider, unavailable=result.reason or "not available"), notes
    problems = tuple(Finding(problem.code, problem.message, problem.hint, "parity") for problem in result.problems)
    return Compared(provider, None, result.cases, result.blame, result.worst_case), (*problems, *notes)
