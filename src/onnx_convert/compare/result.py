"""What was found out as rows of a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx_convert.diagnostics import diagnose
from onnx_convert.gates import comparison_findings, fails, parity_findings, severity
from onnx_convert.report.model import Artifact, Comparison, ModelReport
from onnx_convert.spec.model import Gates
from onnx_convert.stages.values import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx_convert.compare.call import Call
    from onnx_convert.compare.files import Side
    from onnx_convert.compare.measure import Found, Task
    from onnx_convert.report.model import Diagnostic
    from onnx_convert.spec.model import Gate

FAIL_ON: tuple[Gate, ...] = ("parity", "provider", "latency")


@dataclass(frozen=True, slots=True)
class Result:
    """A row of the report beside the artifact that it was compared with, None where that could not be opened.

    `chosen` are the dynamic dimensions whose sizes nobody gave.
    """

    row: ModelReport
    base: Artifact | None = None
    chosen: tuple[str, ...] = ()


def gates_of(call: Call) -> Gates:
    """What fails a comparison: other results, a provider that is not there, more time than is allowed."""
    return Gates().model_copy(update={"fail_on": FAIL_ON, "max_latency_increase": call.max_increase})


def described(side: Side, name: str) -> ModelReport:
    """A model as a row that nothing is known of but the file itself; paths are the files' own names."""
    facts = side.file.facts
    artifact = Artifact(
        path=side.name,
        bytes=side.file.bytes,
        sha256=side.sha256,
        opsets=facts.opsets,
        ir_version=facts.ir_version,
        nodes=facts.nodes,
        operators=facts.operators,
        external_data=tuple(path.name for path in side.file.data),
    )
    return ModelReport(
        name=name,
        framework="onnx",
        opset=facts.opsets.get("ai.onnx"),
        status="passed",
        inputs=facts.inputs,
        outputs=facts.outputs,
        artifact=artifact,
    )


def result_of(task: Task, found: Found, call: Call) -> Result:
    """The row of two models that were compared."""
    gates = gates_of(call)
    findings = (*task.base.findings, *task.head.findings, *found.findings, *_judged(task, found, gates))
    diagnostics = tuple(
        placeless(diagnose(one.code, one.message, hint=one.hint, severity=severity(one, gates))) for one in findings
    )
    row = described(task.head, task.name).model_copy(
        update={"parity": found.parity, "comparison": found.comparison, "diagnostics": diagnostics}
    )
    status = "failed" if fails(row) else "passed"
    base = described(task.base, task.name).artifact
    return Result(row.model_copy(update={"status": status}), base, found.chosen)


def placeless(found: Diagnostic) -> Diagnostic:
    """Without a hint to a file of the output folder, which there is not."""
    return found.model_copy(update={"hint": ""}) if "models/NAME" in found.hint else found


def unusable(name: str, base: str, finding: Finding) -> Result:
    """The row of two models that could not be compared."""
    row = ModelReport(
        name=name,
        framework="onnx",
        opset=None,
        status="error",
        comparison=Comparison(baseline=base, status="failed", reason=finding.message),
        diagnostics=(placeless(diagnose(finding.code, finding.message, hint=finding.hint, severity="error")),),
    )
    return Result(row)


def _judged(task: Task, found: Found, gates: Gates) -> Iterator[Finding]:
    if found.parity:
        hint = "if that is what was changed, raise --rtol and --atol; --data compares on real samples"
        for one in parity_findings(found.parity, task.base.name, task.name):
            yield Finding(one.code, one.message, hint, one.key, one.gate)
    before, after = ([tensor.name for tensor in side.file.facts.outputs] for side in (task.base, task.head))
    if found.comparison.status == "compared" and len(before) == len(after) and set(before) != set(after):
        pairs = ", ".join(f"{old} with {new}" for old, new in zip(before, after, strict=True) if old != new)
        yield Finding("OCA663", f"outputs are compared by position: {pairs}", key="outputs")
    yield from comparison_findings(found.comparison, gates)
