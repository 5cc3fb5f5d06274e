"""One model against another: digests, parity of the head with the base, then latency of both in turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from onnx_convert.compare.files import CallError, identical
from onnx_convert.compare.inputs import dimensions
from onnx_convert.compare.result import described
from onnx_convert.diagnostics import find
from onnx_convert.frameworks.registry import FRAMEWORKS
from onnx_convert.plan import Row
from onnx_convert.report.model import Comparison, LatencyComparison, Parity, Simplification
from onnx_convert.spec import model as spec
from onnx_convert.spec.source import SourceRef
from onnx_convert.stages.comparison import differences
from onnx_convert.stages.export import export
from onnx_convert.stages.pair import Pair, measure_pair
from onnx_convert.stages.parity import compare, judged
from onnx_convert.stages.results import LyingWorkerError, Progress, parse
from onnx_convert.stages.values import Exported, Finding, Simplified, Workplace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from onnx_convert.compare.call import Call
    from onnx_convert.compare.files import Side
    from onnx_convert.environments import Environment
    from onnx_convert.isolation import Limits, Outcome
    from onnx_convert.isolation.values import Hear
    from onnx_convert.stages.values import Compared, Runs

_AFTER_THE_GRAPH = frozenset({"optimise", "provider"})
"""Stages that say something where two graphs are compared; of any other, the graphs differ."""

FRAMEWORK: Literal["onnx"] = "onnx"


class Watcher(Protocol):
    """Who watches comparisons."""

    def begin(self, row: str, provider: str, stage: str) -> None:
        """A row's comparison on a provider enters a stage."""

    def progress(self, row: str, provider: str, progress: Progress) -> None:
        """A measurement has come this far."""

    def finish(self, row: str, found: LatencyComparison) -> None:
        """A row is done on a provider."""


@dataclass(frozen=True, slots=True)
class Task:
    """Two models under the name of a row, and the tolerances that they are compared by."""

    name: str
    base: Side
    head: Side
    parity: spec.Parity


@dataclass(frozen=True, slots=True)
class Found:
    """What a comparison found out. `chosen` are the dynamic dimensions whose sizes nobody gave."""

    comparison: Comparison
    parity: Parity | None = None
    chosen: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Hearing:
    """The fence with somebody who is told when a job begins, and of its progress."""

    fence: Runs
    begin: Callable[[], None]
    hear: Hear

    def run(
        self,
        environment: Environment,
        module: str,
        job: Mapping[str, Any],
        limits: Limits,
        hear: Hear | None = None,
    ) -> Outcome:
        self.begin()
        return self.fence.run(environment, module, job, limits, hear or self.hear)


def settle(
    task: Task, call: Call, data: Mapping[str, Path], workplace: Workplace, folder: Path, watch: Watcher
) -> Found:
    """Compare head with base. Raises CallError where they cannot be compared, EnvironmentFailed."""
    before, after = described(task.base, task.name), described(task.head, task.name)
    assert after.artifact
    comparison = Comparison(baseline=task.base.name, **differences(after.artifact, None, before))
    if identical(task.base, task.head):
        same = tuple(LatencyComparison(provider=provider, verdict="identical") for provider in call.providers)
        for one in same:
            watch.finish(task.name, one)
        return Found(comparison.model_copy(update={"status": "identical", "latency": same}))
    dims = dimensions(task.base.file.facts.inputs, task.head.file.facts.inputs, call)
    row = _row(task, call, dims, data)
    watch.begin(task.name, call.providers[0], "reference")
    exported, findings = export(row, workplace, folder)
    if not isinstance(exported, Exported):
        raise CallError(findings[0] if findings else Finding("OCA901", f"{task.base.name} cannot be run"))
    # What is blamed for a difference is the head as it is written, or what is made of it; not the base.
    exported = replace(exported, file=task.head.file)
    compared: list[Compared] = []
    latencies: list[LatencyComparison] = []
    for provider in call.providers:
        watch.begin(task.name, provider, "parity")
        agreement, said = compare(row, exported, _shipped(task.head), provider, workplace)
        compared.append(agreement)
        findings += said
        latency, said = _latency(row, task, exported, provider, workplace, watch, call.max_increase)
        latencies.append(latency)
        findings += said
        watch.finish(task.name, latency)
    sizes = exported.reference.cases[0].dims if exported.reference.cases else {}
    blame = next((one.blame for one in compared if one.blame and one.blame.stage in _AFTER_THE_GRAPH), None)
    parity = judged(row.model.parity, tuple(compared), blame)
    worst = max((case.max_abs for case in parity.cases if case.max_abs is not None), default=None)
    done = comparison.model_copy(update={"latency": tuple(latencies), "parity": (None, worst)})
    gone = tuple(
        Finding("OCA601", f"provider {one.provider} unavailable: {one.unavailable}", key="benchmark", gate="provider")
        for one in compared
        if one.unavailable
    )
    return Found(done, parity, tuple(name for name in sizes if name not in dims), (*findings, *gone))


def _latency(
    row: Row, task: Task, exported: Exported, provider: str, workplace: Workplace, watch: Watcher, limit: float
) -> tuple[LatencyComparison, tuple[Finding, ...]]:
    def hear(values: dict[str, Any]) -> None:
        try:
            watch.progress(task.name, provider, parse(Progress, values))
        except LyingWorkerError:
            return  # it is for watching only

    stages = iter(("latency", "confirmation"))  # a change counts when a second process finds it too

    def begin() -> None:
        watch.begin(task.name, provider, next(stages, "latency"))

    pair = Pair(task.head.file, task.base.file, exported.reference, limit)
    found, said = measure_pair(row, pair, provider, replace(workplace, fence=_Hearing(workplace.fence, begin, hear)))
    if found.ratio is None:  # what ended the measurement breaks the gate; what is only worth knowing does not
        said = tuple(replace(one, gate="provider") if find(one.code).severity == "error" else one for one in said)
    return found, said


def _row(task: Task, call: Call, dims: Mapping[str, tuple[int, ...]], data: Mapping[str, Path]) -> Row:
    base = task.base.file.path
    asked = spec.Model(
        framework=FRAMEWORK,
        source=task.base.name,
        inputs={name: spec.Input(data=str(path)) for name, path in data.items()},
        parity=task.parity,
        benchmark=spec.Benchmark(providers=call.providers, seconds=call.seconds, threads=call.threads),
        simplify=False,
    )
    # A graph's dimensions may have names that no spec takes, such as "batch size".
    model = asked.model_copy(update={"dims": dict(dims)})
    source = SourceRef(base, task.base.name, None)
    return Row(task.name, task.name, model, source, FRAMEWORKS[FRAMEWORK], FRAMEWORK, None)


def _shipped(side: Side) -> Simplified:
    return Simplified(side.file, Simplification(simplifier=None, status="off"))
