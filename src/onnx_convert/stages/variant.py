"""Variants: what follows from a float32 row without another export. The same reference judges them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from onnx_convert.isolation.hostile import HostileFileError
from onnx_convert.report.model import Export, PairedLatency, Simplification
from onnx_convert.stages import custom_ops
from onnx_convert.stages.export import OTHER_OPSET, check, limits_of, notes_of, take_model
from onnx_convert.stages.name import name
from onnx_convert.stages.pair import Pair, measure_pair
from onnx_convert.stages.results import LyingWorkerError, VariantResult, parse
from onnx_convert.stages.row import Made, compare_all, measure_on
from onnx_convert.stages.values import Derived, Exported, Failed, Finding, OnnxFile, Simplified

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from onnx_convert.isolation import Outcome
    from onnx_convert.plan import Row
    from onnx_convert.report.model import ProviderResult
    from onnx_convert.stages.row import Announce
    from onnx_convert.stages.values import Workplace


def derive(row: Row, base: Made, workplace: Workplace, folder: Path, announce: Announce) -> Made:
    """Make a variant of what was made of its float32 row, and compare it with the original on every provider.

    Where there is nothing to make it from, or nothing to convert, the row is skipped with the finding that says why.
    """
    if not isinstance(base.exported, Exported) or base.simplified is None:
        return Made(row, Failed(), findings=(_without(base),), skipped=True)
    if lacking := custom_ops.lacking(row, base.simplified.file.facts):
        why = f"{base.row.key} cannot be run by ONNX Runtime, so that no variant of it could be compared"
        return Made(row, base.exported, findings=(Finding("OCA380", why, lacking.hint, "variants"),), skipped=True)
    announce("variant", row.variant)
    exported, file = base.exported, base.simplified.file
    outcome = _run(row, exported, file, workplace)
    made, findings = _taken(row, base, outcome, workplace, folder)
    if made is None:
        return Made(row, Failed(), findings=findings)
    derived, exported, simplified = made
    if simplified is None:
        return Made(row, exported, findings=findings, skipped=True)
    compared, said = compare_all(row, exported, simplified, workplace, announce, base=file)
    findings += said
    named, said = name(row, simplified.file, workplace, folder)
    simplified, findings = replace(simplified, file=named), findings + said
    return Made(row, exported, simplified, compared, findings=findings, derived=derived)


def measure_variant(
    made: Made, native: ProviderResult | None, workplace: Workplace, announce: Announce
) -> Iterator[Made]:
    """Measure a variant on every provider, alone and in turn with its float32 model: the row after each.

    `native` is the original framework as it was measured for that model, in this run.
    """
    row, exported, simplified, derived = made.row, made.exported, made.simplified, made.derived
    assert row.model.benchmark
    assert isinstance(exported, Exported)
    assert simplified is not None
    assert derived is not None
    for provider in row.model.benchmark.providers:
        made = measure_on(made, provider, workplace, announce)
        yield made
        if made.measured[-1].status == "measured":
            announce("benchmark", f"{provider}, in turn with {derived.model}")
            pair = Pair(simplified.file, derived.base, exported.reference, confirm=False)
            found, said = measure_pair(row, pair, provider, workplace)
            made = replace(made, findings=made.findings + said)
            if found.ratio is not None and found.ci is not None:
                one = PairedLatency(provider=provider, ratio=found.ratio, ci=found.ci)
                made = replace(made, paired=(*made.paired, one))
            yield made
    if native:
        yield replace(made, measured=(*made.measured, native))


def _without(base: Made) -> Finding:
    first = next((one for one in base.findings if one.gate), None)
    why = f": {first.code} {first.message}" if first else ""
    return Finding("OCA380", f"not made, because {base.row.key} was not{why}", key="variants")


def _run(row: Row, exported: Exported, file: OnnxFile, workplace: Workplace) -> Outcome:
    reference = exported.reference
    job = {
        "variant": row.variant,
        "model": str(file.path),
        "cases": str(reference.folder),
        "case_list": [case.model_dump() for case in reference.cases],
        "inputs": [tensor.model_dump() for tensor in reference.inputs],
        "threads": workplace.threads,
        **custom_ops.of_artifact(row, workplace),
    }
    environment = workplace.environments.get("onnx")
    return workplace.fence.run(environment, "onnx_convert.workers.artifact.variant", job, limits_of(row))


def _taken(
    row: Row, base: Made, outcome: Outcome, workplace: Workplace, folder: Path
) -> tuple[tuple[Derived, Exported, Simplified | None] | None, tuple[Finding, ...]]:
    """What the worker made, checked; no file where there was nothing to convert, and nothing where it failed."""
    assert isinstance(base.exported, Exported)
    assert base.simplified
    notes = notes_of(outcome, "variants")
    if outcome.result is None:
        lost = Finding("OCA901", "the variant's converter left no result", key="variants", gate="convert")
        return None, (Finding.of(outcome.failure, "variants", "convert") if outcome.failure else lost, *notes)
    try:
        found = parse(VariantResult, outcome.result)
        path, data = take_model(outcome, folder / "variant") if found.changed else (None, ())
    except (LyingWorkerError, HostileFileError) as error:
        return None, (Finding("OCA901", f"the variant's result: {error}", key="variants", gate="convert"), *notes)
    derived = Derived(base.row.key, base.simplified.file, found.operators, found.kept, found.weights)
    made = Export(
        exporter=found.tool,
        reason=f"from {base.row.key}",
        versions={**base.exported.export.versions, **found.versions},
        seconds=round(found.seconds, 3),
    )
    exported = replace(base.exported, export=made)
    if path is None:
        kept = ", ".join(f"{count} {operator}" for operator, count in list(found.kept.items())[:8])
        message = f"{row.variant} would change nothing" + (f": it has {kept}" if kept else "")
        return (derived, exported, None), (Finding("OCA381", message, key="variants"), *notes)
    declared = [tensor.model_dump() for tensor in exported.reference.inputs]
    asked = {"opset": exported.opset, "inputs": declared, **custom_ops.of_artifact(row, workplace)}
    # What is worth knowing of the graph is said of the float32 model: only problems count here.
    facts, _ = check(workplace.environments.get("onnx"), workplace, path, asked, limits_of(row))
    if isinstance(facts, Finding):
        return None, (replace(facts, key="variants"), *notes)
    if facts.problems:
        problem = facts.problems[0]
        message = f"{found.tool} made no valid model: {problem.message}"
        other = problem.code == OTHER_OPSET
        said = Finding(problem.code if other else "OCA385", message, None, "variants", "opset" if other else "convert")
        return None, (said, *notes)
    off = Simplification(simplifier=None, status="off")
    return (derived, exported, Simplified(OnnxFile(path, data, facts), off)), notes
