"""Benchmark: the artifact on every provider, and the original framework beside them, one process after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onnx_convert.report.model import Latency, ProviderResult
from onnx_convert.stages import custom_ops
from onnx_convert.stages.export import export_job, limits_of, notes_of
from onnx_convert.stages.provider import Target, run_on
from onnx_convert.stages.results import LyingWorkerError, Measurement, parse

if TYPE_CHECKING:
    from onnx_convert.isolation import Outcome
    from onnx_convert.plan import Row
    from onnx_convert.stages.values import Exported, Finding, Simplified, Workplace

_DIGITS = 6


def measure_provider(
    row: Row, exported: Exported, simplified: Simplified, provider: str, workplace: Workplace
) -> tuple[ProviderResult, tuple[Finding, ...]]:
    """Latency of the artifact on one provider, with the first combination of dimensions."""
    assert row.model.benchmark
    reference = exported.reference
    if lacking := custom_ops.lacking(row, simplified.file.facts):
        return ProviderResult(provider=provider, status="unavailable", reason=lacking.message), ()
    dims = reference.cases[0].dims if reference.cases else {}
    outcome = run_on(
        Target(row, provider, (simplified.file,), reference, replay=True),
        "onnx_convert.workers.artifact.benchmark",
        {
            "model": str(simplified.file.path),
            "threads": row.model.benchmark.threads or workplace.threads,
            "seconds": row.model.benchmark.seconds,
            "case": str(reference.folder / "0000"),
        },
        workplace,
    )
    if isinstance(outcome, str):
        return ProviderResult(provider=provider, status="unavailable", reason=outcome, dims=dims), ()
    return _result(provider, outcome, dims)


def measure_native(row: Row, exported: Exported, workplace: Workplace) -> tuple[ProviderResult, tuple[Finding, ...]]:
    """Latency of the original framework on the same input, the same threads."""
    assert row.model.benchmark
    assert row.framework is not None
    job: dict[str, Any] = export_job(
        row, workplace, opset=exported.opset, exporter=exported.export.exporter, kind="native"
    )
    job |= {"threads": row.model.benchmark.threads or workplace.threads, "seconds": row.model.benchmark.seconds}
    environment = workplace.environments.get(row.framework.environment, row.requirements)
    outcome = workplace.fence.run(environment, row.framework.worker, job, limits_of(row))
    reference = exported.reference
    return _result("native", outcome, reference.cases[0].dims if reference.cases else {})


def _result(provider: str, outcome: Outcome, dims: dict[str, int]) -> tuple[ProviderResult, tuple[Finding, ...]]:
    notes = notes_of(outcome, "benchmark")
    if outcome.result is None:
        reason = outcome.failure.message if outcome.failure else "the worker left no result"
        failed = ProviderResult(provider=provider, status="failed", reason=reason, dims=dims)
        return failed, notes
    try:
        found = parse(Measurement, outcome.result)
    except LyingWorkerError as lie:
        return ProviderResult(provider=provider, status="failed", reason=str(lie), dims=dims), notes
    if found.status == "unavailable" or found.median is None or found.ci95 is None:
        return ProviderResult(provider=provider, status="unavailable", reason=found.reason, dims=dims), notes
    latency = Latency(
        median=round(found.median, _DIGITS),
        p90=round(found.p90 or found.median, _DIGITS),
        p99=round(found.p99 or found.median, _DIGITS),
        ci95=(round(found.ci95[0], _DIGITS), round(found.ci95[1], _DIGITS)),
        quantiles=tuple(round(value, _DIGITS) for value in found.quantiles),
    )
    return ProviderResult(
        provider=provider,
        status="measured",
        effective=found.effective,
        versions=found.versions,
        threads=found.threads,
        dims=dims,
        latency_ms=latency,
        throughput_per_s=found.throughput_per_s,
        measuring_seconds=found.measuring_seconds,
        iterations=found.iterations,
        outliers=found.outliers,
        warmup_iterations=found.warmup_iterations,
        steady=found.steady,
        load_ms=found.load_ms,
        peak_memory_bytes=outcome.peak_memory_bytes,
    ), notes
