"""One row through its stages: export, simplify and compare; the measurement later, when nothing runs beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from onnx_convert.report.model import Attempt
from onnx_convert.stages import custom_ops
from onnx_convert.stages.benchmark import measure_native, measure_provider
from onnx_convert.stages.export import export
from onnx_convert.stages.name import name
from onnx_convert.stages.parity import REFERENCE, compare
from onnx_convert.stages.shares import find_shares
from onnx_convert.stages.simplify import simplify
from onnx_convert.stages.values import Exported, Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from onnx_convert.plan import Row
    from onnx_convert.report.model import Comparison, PairedLatency, ProviderResult
    from onnx_convert.stages.custom_ops import Runner
    from onnx_convert.stages.values import (
        Compared,
        Counterpart,
        Derived,
        Finding,
        OnnxFile,
        Ran,
        Simplified,
        Workplace,
    )

    Announce = Callable[[str, str | None], None]
    """Called with the stage that begins and, where there is one, its provider."""


FROZEN = "OCA510"
"""The comparison's code for a dynamic dimension that is right only at the size it was exported with."""


@dataclass(frozen=True, slots=True)
class Made:
    """What the stages made of a row.

    Only a variant is `derived`, and `paired` with its float32 model; it is `skipped` where there is nothing to make.
    Where the run has a base, `comparison` is what the row is against it, and `counterpart` its row there. `ran` is what
    ran on each provider that was measured.
    """

    row: Row
    exported: Exported | Failed
    simplified: Simplified | None = None
    compared: tuple[Compared, ...] = ()
    measured: tuple[ProviderResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    derived: Derived | None = None
    paired: tuple[PairedLatency, ...] = ()
    skipped: bool = False
    comparison: Comparison | None = None
    counterpart: Counterpart | None = None
    ran: tuple[Ran, ...] = ()


def convert(row: Row, workplace: Workplace, folder: Path, announce: Announce) -> Made:
    """Export a row, simplify it and compare it on every provider, with `folder` for the files in between.

    Where the exporter froze a dimension, which only the comparison can tell, another one is tried.
    """
    if row.obstacle:
        return Made(row, Failed(), findings=(replace(row.obstacle, gate="convert"),))
    made = _convert(row, workplace, folder, announce)
    frozen = _frozen(made)
    if frozen is None or not isinstance(made.exported, Exported):
        return made
    (again := folder / "again").mkdir()
    other = _convert(row, workplace, again, announce, without=made.exported.export.exporter)
    if isinstance(other.exported, Exported) and _agrees(other):
        reads = tuple(sorted({*made.exported.reads, *other.exported.reads}))
        kept = _beside(other.exported, _given_up(made.exported, frozen.message))
        return replace(other, exported=replace(kept, reads=reads))
    if isinstance(other.exported, Exported):
        return replace(made, exported=_beside(made.exported, _given_up(other.exported, "its results are not right")))
    return replace(made, exported=_beside(made.exported, *other.exported.attempts))


def _convert(row: Row, workplace: Workplace, folder: Path, announce: Announce, without: str | None = None) -> Made:
    announce("export", None)
    exported, findings = export(row, workplace, folder, without)
    if isinstance(exported, Failed):
        return Made(row, exported, findings=findings)
    announce("simplify", None)
    simplified, said = simplify(row, exported, workplace, folder)
    findings += said
    lacking = custom_ops.lacking(row, simplified.file.facts)
    if lacking:
        findings += (lacking,)
    compared, said = compare_all(row, exported, simplified, workplace, announce)
    findings += said
    file, said = name(row, simplified.file, workplace, folder)
    simplified, findings = replace(simplified, file=file), findings + said
    return Made(row, exported, simplified, compared, findings=findings)


def _frozen(made: Made) -> Finding | None:
    return next((finding for finding in made.findings if finding.code == FROZEN), None)


def _agrees(made: Made) -> bool:
    return all(case.passed for one in made.compared for case in one.cases) and not _frozen(made)


def _given_up(exported: Exported, reason: str) -> Attempt:
    return Attempt(exporter=f"{exported.export.exporter} (opset {exported.opset})", reason=reason)


def _beside(kept: Exported, *attempts: Attempt) -> Exported:
    """An export that tells of others that were tried for it."""
    export = kept.export.model_copy(update={"attempts": (*attempts, *kept.export.attempts)})
    return replace(kept, export=export)


def compare_all(
    row: Row,
    exported: Exported,
    simplified: Simplified,
    workplace: Workplace,
    announce: Announce,
    base: OnnxFile | None = None,
) -> tuple[tuple[Compared, ...], tuple[Finding, ...]]:
    """Compare a row's file on every provider; `base` is the float32 file of a variant."""
    compared: list[Compared] = []
    findings: tuple[Finding, ...] = ()
    for provider in _parity_providers(row, custom_ops.runner(row, simplified.file.facts)):
        announce("parity", provider)
        one, said = compare(row, exported, simplified, provider, workplace, base)
        compared.append(one)
        findings += said
    return tuple(compared), findings


def measure(made: Made, workplace: Workplace, announce: Announce) -> Iterator[Made]:
    """Measure a converted row on every provider of its benchmark and in its own framework: the row after each."""
    row, exported, simplified = made.row, made.exported, made.simplified
    if not row.model.benchmark or not isinstance(exported, Exported) or simplified is None:
        return
    for provider in row.model.benchmark.providers:
        made = measure_on(made, provider, workplace, announce)
        yield made
    announce("benchmark", "native")
    result, said = measure_native(row, exported, workplace)
    yield replace(made, measured=(*made.measured, result), findings=made.findings + said)


def measure_on(made: Made, provider: str, workplace: Workplace, announce: Announce) -> Made:
    """A row with its latency on one provider, and with what of it really ran there."""
    row, exported, simplified = made.row, made.exported, made.simplified
    assert isinstance(exported, Exported)
    assert simplified is not None
    announce("benchmark", provider)
    result, said = measure_provider(row, exported, simplified, provider, workplace)
    result, ran, noted = find_shares(row, exported, simplified, result, workplace)
    findings = (*made.findings, *said, *noted)
    return replace(made, measured=(*made.measured, result), ran=(*made.ran, *ran), findings=findings)


def _parity_providers(row: Row, runner: Runner) -> tuple[str, ...]:
    """The CPU first, because blame starts there, then every other provider that is benchmarked."""
    if runner != "runtime":
        return (REFERENCE,) if runner == "reference" else ()
    listed = row.model.benchmark.providers if row.model.benchmark else ()
    return ("cpu", *(one for one in listed if one != "cpu"))
