"""A row against its counterpart in the base: what differs between the artifacts, and the time of one over the other."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from onnx_convert.report.model import LatencyComparison
from onnx_convert.stages.pair import Pair, measure_pair
from onnx_convert.stages.results import CheckResult
from onnx_convert.stages.values import Exported, OnnxFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from onnx_convert.report.model import Artifact, ModelReport, Parity, Tensor
    from onnx_convert.stages.row import Announce, Made
    from onnx_convert.stages.values import Counterpart, Finding, Workplace


def differences(head: Artifact, parity: Parity | None, base: ModelReport) -> dict[str, Any]:
    """The fields of a `Comparison` that follow from two artifacts and their parity."""
    before = base.artifact
    if before is None:
        return {}
    return {
        "size_ratio": round(head.bytes / before.bytes, 6) if before.bytes else None,
        "nodes": (before.nodes, head.nodes),
        "operators": {
            name: (before.operators.get(name, 0), head.operators.get(name, 0))
            for name in sorted({*before.operators, *head.operators})
            if before.operators.get(name, 0) != head.operators.get(name, 0)
        },
        "opsets": {
            domain: (before.opsets.get(domain), head.opsets.get(domain))
            for domain in sorted({*before.opsets, *head.opsets})
            if before.opsets.get(domain) != head.opsets.get(domain)
        },
        "parity": (_largest(base.parity), _largest(parity)),
    }


def measure_against(made: Made, limit: float, workplace: Workplace, folder: Path, announce: Announce) -> Iterator[Made]:
    """Measure a row in turn with its counterpart on every provider that it was measured on: the row after each.

    `limit` is the increase that the `latency` gate allows, as a fraction. The counterpart's files are copied to
    `folder`, which workers can read.
    """
    comparison, counterpart = made.comparison, made.counterpart
    if comparison is None or comparison.status != "compared" or counterpart is None:
        return
    assert made.simplified
    assert isinstance(made.exported, Exported)
    providers = [one.provider for one in made.measured if one.status == "measured" and one.provider != "native"]
    other = otherwise(made.simplified.file.facts.inputs, counterpart.row.inputs)
    pair = Pair(made.simplified.file, _open(counterpart, folder), made.exported.reference, limit=limit)
    said: tuple[Finding, ...] = ()
    for provider in providers:
        if other:
            found = LatencyComparison(provider=provider, verdict="inconclusive", reason=other)
        else:
            announce("benchmark", f"{provider}, in turn with the base")
            found, said = measure_pair(made.row, pair, provider, workplace)
        comparison = comparison.model_copy(update={"latency": (*comparison.latency, found)})
        made = replace(made, comparison=comparison, findings=made.findings + said)
        yield made
    shutil.rmtree(folder, ignore_errors=True)


def otherwise(head: tuple[Tensor, ...], base: tuple[Tensor, ...]) -> str | None:
    """Why two artifacts cannot be fed with the same arrays, None where they can.

    How dynamic dimensions are called does not count.
    """
    before, after = ({one.name: one for one in tensors} for tensors in (base, head))
    if before.keys() != after.keys():
        return f"the base has other inputs: {', '.join(before)} instead of {', '.join(after)}"
    for name, tensor in after.items():
        old, new = _said(before[name]), _said(tensor)
        if old != new:
            return f"the base takes {name} as {old} instead of {new}"
    return None


def _said(tensor: Tensor) -> str:
    sizes = ", ".join(str(size) if isinstance(size, int) else "?" for size in tensor.shape)
    return f"{tensor.dtype}[{sizes}]"


def _largest(parity: Parity | None) -> float | None:
    errors = [case.max_abs for case in parity.cases if case.max_abs is not None] if parity else []
    return next((one for one in errors if math.isnan(one)), max(errors, default=None))


def _open(counterpart: Counterpart, folder: Path) -> OnnxFile:
    row, artifact = counterpart.row, counterpart.row.artifact
    assert artifact
    folder.mkdir(parents=True)
    path, *data = (folder / file.name for file in counterpart.files)
    for source, target in zip(counterpart.files, (path, *data), strict=True):
        shutil.copyfile(source, target)
    facts = CheckResult(
        opsets=artifact.opsets,
        ir_version=artifact.ir_version,
        nodes=artifact.nodes,
        operators=artifact.operators,
        inputs=row.inputs,
        outputs=row.outputs,
        bytes=artifact.bytes,
    )
    return OnnxFile(path, tuple(data), facts)
