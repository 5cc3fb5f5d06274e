"""Export: from the caller's model to an ONNX file of the asked opset that the checker and ONNX Runtime accept.

Exporters are tried in the framework's order until one gives exactly the asked opset and a valid model. `opset = "auto"`
walks up from the lowest opset of `AUTO_OPSETS`, over those of which an exporter has said that they lack an operator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from onnx_convert.environments import EnvironmentFailed
from onnx_convert.isolation import Limits, Outcome
from onnx_convert.isolation.hostile import HostileFileError, take
from onnx_convert.report.model import Attempt, Export
from onnx_convert.stages import custom_ops
from onnx_convert.stages.results import CheckResult, ExportResult, LyingWorkerError, Problem, parse
from onnx_convert.stages.values import Exported, Failed, Finding, OnnxFile, Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from onnx_convert.environments import Environment
    from onnx_convert.plan import Row
    from onnx_convert.stages.values import Workplace

AUTO_OPSETS = range(11, 29)
"""What `opset = "auto"` tries: up to the newest that ONNX Runtime loads; from below 11 it no longer tests operators."""


OTHER_OPSET = "OCA350"
"""The checker's code for an opset that was not asked for."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    opset: int | None
    exporter: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Tried:
    candidate: _Candidate
    outcome: Outcome
    result: ExportResult | None = None
    file: OnnxFile | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()

    @property
    def good(self) -> bool:
        return self.file is not None and not self.findings


def export(
    row: Row, workplace: Workplace, folder: Path, without: str | None = None
) -> tuple[Exported | Failed, tuple[Finding, ...]]:
    """Export a row's model into `folder`. What did not end the row comes back as findings beside the result.

    The exporter `without` is passed over; where there is no other, nothing is exported and nothing found.
    """
    assert row.framework is not None
    try:
        environment = workplace.environments.get(row.framework.environment, row.requirements)
        checker = workplace.environments.get("onnx")
    except EnvironmentFailed as failed:
        found = failed.diagnostic
        return Failed(environment=True), (Finding(found.code, found.message, found.hint, "requirements", "convert"),)

    tried: list[_Tried] = []
    lowest: dict[str, int] = {}  # the opset below which an exporter has said it need not be asked
    for candidate in _candidates(row, without):
        if (candidate.opset or 0) < lowest.get(candidate.exporter, 0):
            continue
        tried.append(_try(row, candidate, workplace, (environment, checker), folder / f"attempt{len(tried)}"))
        if tried[-1].good or _hopeless(tried[-1]):
            break
        if (failure := tried[-1].outcome.failure) and failure.opset:
            lowest[candidate.exporter] = failure.opset
    return _choose(row, tried) if tried else (Failed(), ())


def export_job(
    row: Row, workplace: Workplace, *, opset: int | None, exporter: str, kind: str = "export"
) -> dict[str, Any]:
    """The job file of a framework's worker, see docs/architecture.md. Without an opset the source keeps its own."""
    model = row.model
    return {
        "kind": kind,
        "repository": str(workplace.root),
        "source": {"path": str(row.source.path), "symbol": row.source.symbol},
        "args": model.args,
        "weights": str(workplace.folder / model.weights) if model.weights else None,
        "trust": model.trust,
        "signature": model.signature,
        "inputs": {
            name: value.model_dump(exclude_none=True)
            | ({"data": str(workplace.folder / value.data)} if value.data else {})
            for name, value in model.inputs.items()
        },
        "outputs": list(model.outputs) if model.outputs else None,
        "dims": {name: list(sizes) for name, sizes in model.dims.items()},
        "samples": model.parity.samples,
        "seed": model.parity.seed,
        "opset": opset,
        "exporter": exporter,
        "export_options": model.export_options,
        "custom_ops": custom_ops.of_export(row, workplace),
        "reference": True,
    }


def limits_of(row: Row) -> Limits:
    """The limits of one stage of a row."""
    return Limits(seconds=row.model.timeout, memory_bytes=row.model.memory)


def check(
    environment: Environment, workplace: Workplace, path: Path, job: Mapping[str, Any], limits: Limits
) -> tuple[CheckResult | Finding, tuple[Finding, ...]]:
    """What `workers.artifact.check` says of an ONNX file, or why it could not say anything; and its lesser findings."""
    outcome = workplace.fence.run(
        environment, "onnx_convert.workers.artifact.check", {"model": str(path), **job}, limits
    )
    if outcome.result is None:
        return _ending(outcome, "checking the exported model: "), ()
    try:
        return parse(CheckResult, outcome.result), notes_of(outcome)
    except LyingWorkerError as lie:
        return Finding("OCA901", f"the checker's result: {lie}", gate="convert"), ()


def take_model(outcome: Outcome, folder: Path) -> tuple[Path, tuple[Path, ...]]:
    """Take out/model.onnx, with its external data if it has any, into `folder`. Raises HostileFileError."""
    folder.mkdir(parents=True, exist_ok=True)
    out = outcome.folder / "out"
    take(out, "model.onnx", folder / "model.onnx")
    data = folder / "model.onnx.data"
    if (out / "model.onnx.data").exists():
        take(out, "model.onnx.data", data)
        return folder / "model.onnx", (data,)
    return folder / "model.onnx", ()


def notes_of(outcome: Outcome, key: str = "source") -> tuple[Finding, ...]:
    """A worker's findings that did not end its job."""
    return tuple(Finding.of(note, key) for note in outcome.notes)


def _candidates(row: Row, without: str | None) -> Iterator[_Candidate]:
    assert row.framework is not None
    for opset in _opsets(row):
        exporters, reason = row.framework.exporters(row.model, opset or 0)  # with an own opset, there is one way
        for exporter in exporters:
            if exporter != without:
                yield _Candidate(opset, exporter, reason)


def _opsets(row: Row) -> Iterable[int | None]:
    """The opsets to try; None where the source keeps its own."""
    if row.opset is not None:
        return (row.opset,)
    return AUTO_OPSETS if row.model.opset == "auto" else (None,)


def _try(
    row: Row, candidate: _Candidate, workplace: Workplace, environments: tuple[Environment, Environment], folder: Path
) -> _Tried:
    assert row.framework is not None
    job = export_job(row, workplace, opset=candidate.opset, exporter=candidate.exporter)
    outcome = workplace.fence.run(environments[0], row.framework.worker, job, limits_of(row))
    if outcome.result is None:
        return _Tried(candidate, outcome, findings=(_ending(outcome),))
    try:
        result = parse(ExportResult, outcome.result)
        path, data = take_model(outcome, folder)
    except (LyingWorkerError, HostileFileError) as error:
        lie = Finding("OCA901", f"the export's result: {error}", gate="convert")
        return _Tried(candidate, outcome, findings=(lie,))
    declared = [tensor.model_dump() for tensor in result.inputs]
    asked = {"opset": candidate.opset, "inputs": declared, **custom_ops.of_artifact(row, workplace)}
    facts, notes = check(environments[1], workplace, path, asked, limits_of(row))
    if isinstance(facts, Finding):
        return _Tried(candidate, outcome, result, findings=(facts,))
    problems = tuple(_problem(problem) for problem in facts.problems)
    return _Tried(candidate, outcome, result, OnnxFile(path, data, facts), problems, notes)


def _hopeless(tried: _Tried) -> bool:
    """Whether another exporter cannot help: the model itself did not get as far as an export."""
    return tried.outcome.phase in {"start", "load", "reference"} and tried.outcome.failure is not None


def _choose(row: Row, tried: list[_Tried]) -> tuple[Exported | Failed, tuple[Finding, ...]]:
    last = tried[-1]
    refused = [one for one in tried if one is not last or not last.good]
    attempts = tuple(
        Attempt(exporter=_told(one.candidate), reason=one.findings[0].message) for one in refused if one.findings
    )
    if not last.good:
        best = max(tried, key=lambda one: (one.file is not None, -tried.index(one)))
        return Failed(attempts), (*best.findings, *notes_of(best.outcome))
    assert last.result is not None
    assert last.file is not None
    reference = Reference(
        folder=last.outcome.folder / "out" / "cases",
        cases=last.result.cases,
        inputs=last.result.inputs,
        outputs=last.result.outputs,
        trace=last.result.trace,
        noise=last.result.noise,
        boundary=last.result.boundary,
    )
    made = Export(
        exporter=last.result.exporter,
        reason=last.candidate.reason,
        attempts=attempts,
        versions=last.result.versions,
        seconds=round(last.result.seconds.get("export", last.outcome.seconds), 3),
    )
    reads = tuple(sorted({path for one in tried for path in one.outcome.reads}))
    opset = last.candidate.opset or last.file.facts.opsets.get("ai.onnx", 0)
    return Exported(opset, last.file, reference, made, reads), (*notes_of(last.outcome), *last.notes)


def _told(candidate: _Candidate) -> str:
    return f"{candidate.exporter} (opset {candidate.opset})" if candidate.opset else candidate.exporter


def _problem(problem: Problem) -> Finding:
    if problem.code == OTHER_OPSET:
        return Finding(problem.code, problem.message, problem.hint, "opset", "opset")
    return Finding(problem.code, problem.message, problem.hint, "source", "convert")


def _ending(outcome: Outcome, before: str = "") -> Finding:
    if outcome.failure is None:
        return Finding("OCA901", f"{before}the worker left no result", gate="convert")
    return Finding(outcome.failure.code, before + outcome.failure.message, outcome.failure.hint, gate="convert")
