"""Parity: the artifact against the original framework, on every provider, for every combination of dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onnx_convert.report.model import Parity
from onnx_convert.stages import custom_ops
from onnx_convert.stages.export import limits_of, notes_of
from onnx_convert.stages.provider import Target, run_on
from onnx_convert.stages.results import LyingWorkerError, ParityResult, parse
from onnx_convert.stages.values import Compared, Exported, Finding, Simplified

if TYPE_CHECKING:
    from onnx_convert.isolation import Outcome
    from onnx_convert.plan import Row
    from onnx_convert.report.model import Blame
    from onnx_convert.spec import model as spec
    from onnx_convert.stages.values import OnnxFile, Workplace

_WORKER = "onnx_convert.workers.artifact.parity"
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
    job: dict[str, Any] = {
        "model": str(simplified.file.path),
        "raw": str(exported.file.path),
        "base": str(base.path) if base else None,
        "cases": str(reference.folder),
        "case_list": [case.model_dump() for case in reference.cases],
        "outputs": [tensor.model_dump() for tensor in reference.outputs],
        "trace": reference.trace,
        "noise": reference.noise,
        "boundary": {
            "folder": str(reference.folder.parent / "boundary"),
            "batches": [[point.model_dump() for point in batch] for batch in reference.boundary],
        },
        "threads": workplace.threads,
        "parity": parity.model_dump(exclude_unset=False),
        "parity_set": sorted(parity.model_fields_set),
    }
    target = Target(row, provider, (simplified.file,), reference)
    outcome = (
        _by_reference(target, job, workplace) if provider == REFERENCE else run_on(target, _WORKER, job, workplace)
    )
    if isinstance(outcome, str):
        return Compared(provider, unavailable=outcome), ()
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


def judged(asked: spec.Parity, compared: tuple[Compared, ...], blame: Blame | None) -> Parity:
    """The parity of all providers together, and what it was asked to be."""
    cases = tuple(case for one in compared for case in one.cases)
    whole = bool(cases) and all(one.cases or one.unavailable for one in compared)
    return Parity(
        status="passed" if whole and all(case.passed for case in cases) else "failed",
        reason=None if whole else "no comparison was made",
        rtol=asked.rtol,
        atol=asked.atol,
        max_mismatch=asked.max_mismatch,
        min_agreement=asked.min_agreement,
        min_sqnr=asked.min_sqnr,
        samples=asked.samples,
        cases=cases,
        blame=blame,
    )


def _by_reference(target: Target, job: dict[str, Any], workplace: Workplace) -> Outcome:
    """Compare by onnx's evaluator, in the framework's environment: operators in Python may import what it holds."""
    row = target.row
    assert row.framework is not None
    environment = workplace.environments.get(row.framework.environment, row.requirements)
    inputs = [tensor.model_dump() for tensor in target.reference.inputs]
    own = {"provider": REFERENCE, "provider_options": {}, "inputs": inputs, **custom_ops.of_reference(row, workplace)}
    return workplace.fence.run(environment, _WORKER, {**job, **own}, limits_of(row))
