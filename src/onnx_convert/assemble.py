"""From what the stages made of a row to its place in the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.diagnostics import diagnose
from onnx_convert.gates import OF_THE_BASE, comparison_findings, parity_findings, provider_findings, severity
from onnx_convert.report.model import Export, ModelReport, Parity, VariantOf
from onnx_convert.spec.model import CustomOps
from onnx_convert.stages import custom_ops
from onnx_convert.stages.comparison import differences
from onnx_convert.stages.parity import REFERENCE, judged
from onnx_convert.stages.values import Exported, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from onnx_convert.output import OutputFolder
    from onnx_convert.plan import Row
    from onnx_convert.report.model import Artifact, Comparison, Diagnostic, ProviderResult, Severity
    from onnx_convert.spec.load import LoadedSpec
    from onnx_convert.stages.row import Made


def declared_files(loaded: LoadedSpec, row: Row) -> set[str]:
    """The files of the repository that a row names in the spec, relative to the root; folders with all in them."""
    model = row.model
    custom = model.custom_ops or CustomOps()
    code = [name.partition(":")[0] for name in (custom.register_, custom.reference) if name]
    named = [model.weights, model.requirements, custom.library, *code, *(v.data for v in model.inputs.values())]
    paths = [row.source.path, *(loaded.folder / name for name in named if name)]
    files = {file for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()}
    return {str(file.resolve().relative_to(loaded.root)) for file in files}


def place(loaded: LoadedSpec, row: Row, finding: Finding, severity: Severity) -> Diagnostic:
    """A finding as a diagnostic at its place in the spec; a file of the row that its hint names gets the row's name."""
    at = loaded.place("models", row.name, finding.key)
    placed = diagnose(
        finding.code,
        finding.message,
        hint=finding.hint,
        severity=severity,
        file=loaded.file,
        line=at.line,
        column=at.column,
    )
    hint = placed.hint.replace("/NAME/", f"/{row.key}/")
    return placed.model_copy(update={"key": finding.key, "hint": hint})


def without_comparison(report: ModelReport) -> ModelReport:
    """A row as it would be had it not been compared with a base."""
    diagnostics = tuple(one for one in report.diagnostics if one.code not in OF_THE_BASE)
    failed = any(one.severity == "error" for one in diagnostics)
    status = "passed" if report.status == "failed" and not failed else report.status
    return report.model_copy(update={"comparison": None, "diagnostics": diagnostics, "status": status})


def replaced(loaded: LoadedSpec, row: Row, cached: ModelReport) -> ModelReport:
    """A cached row for today's spec, whose lines may have moved."""
    moved = tuple(
        one.model_copy(update={"line": at.line, "column": at.column})
        for one in cached.diagnostics
        for at in [loaded.place("models", row.name, *([one.key] if one.key else []))]
    )
    return cached.model_copy(update={"cached": True, "not_cached": (), "diagnostics": moved})


def skipped(loaded: LoadedSpec, row: Row, finding: Finding) -> ModelReport:
    """A row that was not worked on."""
    return ModelReport(
        name=row.key,
        framework=row.framework_name,
        variant=row.variant,
        opset=row.opset,
        status="skipped",
        diagnostics=(place(loaded, row, finding, "error"),),
    )


def unfinished(loaded: LoadedSpec, row: Row, report: ModelReport) -> ModelReport:
    """A row that was converted, as far as it is measured. Unless it has failed already it counts as not done."""
    message = "this model was converted, but not measured or compared to the end, when this report was written"
    missed = Finding("OCA902", message, key="benchmark")
    diagnostics = (*report.diagnostics, place(loaded, row, missed, "error"))
    status = "skipped" if report.status == "passed" else report.status
    return report.model_copy(update={"status": status, "diagnostics": diagnostics})


def assemble(
    loaded: LoadedSpec, made: Made, output: OutputFolder, commit: str | None, placed: Artifact | None = None
) -> ModelReport:
    """The row's report, with its files put in their places; `placed` is the artifact where they are there already.

    Raises OSError where files cannot be written.
    """
    row, gates = made.row, loaded.spec.gates
    artifact = placed
    if artifact is None and isinstance(made.exported, Exported) and made.simplified:
        artifact = output.place(row, made.exported, made.simplified)
        output.write_manifest(row, artifact, made.exported, commit)
        _write_repro(made, output, loaded.folder)
    parity = _parity(made)
    comparison = _comparison(made, artifact, parity)
    judged = (*_judged(made, parity), *(comparison_findings(comparison, gates) if comparison else ()))
    findings = (*made.findings, *judged)
    diagnostics = tuple(place(loaded, row, finding, severity(finding, gates)) for finding in findings)
    failed = any(one.severity == "error" for one in diagnostics)
    facts = made.simplified.file.facts if made.simplified else None
    log = output.models / row.key / "log.txt"
    return ModelReport(
        name=row.key,
        framework=row.framework_name,
        variant=row.variant,
        opset=made.exported.opset if isinstance(made.exported, Exported) else row.opset,
        status="skipped" if made.skipped else "error" if artifact is None else "failed" if failed else "passed",
        seconds=round(made.seconds, 3),
        inputs=facts.inputs if facts else (),
        outputs=facts.outputs if facts else (),
        artifact=artifact,
        export=_export(made),
        parity=parity,
        benchmark=_measured(made, output),
        comparison=comparison,
        variant_of=_variant_of(made),
        diagnostics=diagnostics,
        log=str(log.relative_to(output.root)) if log.exists() else None,
    )


def _measured(made: Made, output: OutputFolder) -> tuple[ProviderResult, ...]:
    """What was measured, with the files that tell what ran on each provider."""
    nodes = {one.provider: output.write_ran(made.row, one) for one in made.ran}
    return tuple(one.model_copy(update={"nodes": nodes.get(one.provider)}) for one in made.measured)


def _judged(made: Made, parity: Parity | None) -> Iterator[Finding]:
    if parity:
        yield from parity_findings(parity, made.row.framework_name or "the framework", made.row.key)
    if made.simplified and custom_ops.runner(made.row, made.simplified.file.facts) != "runtime":
        return  # that the operators cannot be run is said already, and no provider's fault
    if made.row.model.benchmark and made.measured:
        yield from provider_findings(made.measured, made.row.model.benchmark)
    else:
        for one in made.compared:
            if one.unavailable:
                message = f"provider {one.provider} unavailable: {one.unavailable}"
                yield Finding("OCA601", message, key="benchmark", gate="provider")


def _comparison(made: Made, artifact: Artifact | None, parity: Parity | None) -> Comparison | None:
    found, counterpart = made.comparison, made.counterpart
    if found is None or found.status != "compared" or counterpart is None or artifact is None:
        return found
    return found.model_copy(update=differences(artifact, parity, counterpart.row))


def _parity(made: Made) -> Parity | None:
    asked = made.row.model.parity
    if made.simplified and custom_ops.runner(made.row, made.simplified.file.facts) == "nobody":
        return Parity(status="skipped", reason="nothing can run its operators", rtol=asked.rtol, atol=asked.atol)
    if not made.compared:
        return None
    blame = next((one.blame for one in made.compared if one.blame), None)
    return judged(asked, made.compared, blame)


def _variant_of(made: Made) -> VariantOf | None:
    if made.derived is None or made.simplified is None:
        return None
    derived = made.derived
    return VariantOf(
        model=derived.model,
        size_ratio=round(made.simplified.file.bytes / derived.base.bytes, 4),
        operators=derived.operators,
        kept=derived.kept,
        weights=derived.weights,
        latency=made.paired,
    )


def _export(made: Made) -> Export | None:
    if made.skipped:
        return None
    if isinstance(made.exported, Exported):
        kept = made.simplified.simplification if made.simplified else None
        return made.exported.export.model_copy(update={"simplification": kept})
    if made.exported.attempts:
        return Export(exporter=made.exported.attempts[-1].exporter, attempts=made.exported.attempts)
    return None


def _write_repro(made: Made, output: OutputFolder, folder: Path) -> None:
    assert isinstance(made.exported, Exported)
    failed = next((one for one in made.compared if one.worst_case is not None), None)
    if failed is None or failed.worst_case is None or all(case.passed for case in failed.cases):
        return
    custom = made.row.model.custom_ops
    library = folder / custom.library if custom and custom.library else None
    if failed.provider != REFERENCE:  # ONNX Runtime, which the script uses, cannot load that
        output.write_repro(made.row, made.exported, failed.provider, failed.worst_case, library)
