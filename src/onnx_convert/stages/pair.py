"""Two files measured in turn on one provider: a row against its base, or a variant against its float32 row."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx_convert.report.model import Latency, LatencyComparison
from onnx_convert.stages.export import notes_of
from onnx_convert.stages.provider import Target, run_on
from onnx_convert.stages.results import LyingWorkerError, PairedResult, parse
from onnx_convert.stages.values import Finding

if TYPE_CHECKING:
    from onnx_convert.plan import Row
    from onnx_convert.stages.results import LatencyResult
    from onnx_convert.stages.values import OnnxFile, Reference, Workplace

_DIGITS = 6
_WORKER = "onnx_convert.workers.artifact.pair"
_FIRST, _SECOND = 0.98, 0.95
"""Confidences of the intervals that decide: a second process looks for one thing, that the first one was sure of."""

_ALARMS = frozenset({"slower", "faster"})

LIMIT = 0.05
"""The change that a measurement must be able to tell, at most: a gate may allow more, `unchanged` may not."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A file, the one it is measured against, and the reference whose first case both are fed with.

    `limit` is the change, as a fraction, that matters: a measurement goes on until it could have told one. Where it
    decides over nothing, an alarm needs no second process to `confirm` it.
    """

    model: OnnxFile
    base: OnnxFile
    reference: Reference
    limit: float = LIMIT
    confirm: bool = True


def measure_pair(
    row: Row, pair: Pair, provider: str, workplace: Workplace
) -> tuple[LatencyComparison, tuple[Finding, ...]]:
    """Time of a file over that of another. An alarm is one only if a second process finds it again."""
    found, findings = _run(row, pair, provider, workplace, _FIRST)
    if found.verdict not in _ALARMS or not pair.confirm:
        return found, findings
    again, said = _run(row, pair, provider, workplace, _SECOND)
    return _confirmed(found, again), (*findings, *said)


def _confirmed(found: LatencyComparison, again: LatencyComparison) -> LatencyComparison:
    """An alarm after a second process has measured anew; `unchanged` where that one is sure, else `inconclusive`."""
    seconds = (found.seconds or 0) + (again.seconds or 0)
    kept = found.model_copy(update={"confirmed": again.ratio, "seconds": round(seconds, 3)})
    if again.verdict == found.verdict:
        return kept
    verdict = "unchanged" if again.verdict == "unchanged" else "inconclusive"
    reason = f"a first process found it {found.verdict}, a second one {again.verdict}"
    return kept.model_copy(update={"verdict": verdict, "reason": reason})


def _run(
    row: Row, pair: Pair, provider: str, workplace: Workplace, confidence: float
) -> tuple[LatencyComparison, tuple[Finding, ...]]:
    assert row.model.benchmark
    job = {
        "model": str(pair.model.path),
        "base": str(pair.base.path),
        "threads": row.model.benchmark.threads or workplace.threads,
        "seconds": row.model.benchmark.seconds,
        "limit": min(pair.limit, LIMIT),
        "confidence": confidence,
        "seed": secrets.randbits(32),
        "case": str(pair.reference.folder / "0000"),
    }
    target = Target(row, provider, (pair.model, pair.base), pair.reference, replay=True)
    outcome = run_on(target, _WORKER, job, workplace)
    if isinstance(outcome, str):
        return LatencyComparison(provider=provider, verdict="inconclusive", reason=outcome), ()
    notes = notes_of(outcome, "benchmark")
    if outcome.result is None:
        reason = outcome.failure.message if outcome.failure else "the worker left no result"
        said = (Finding.of(outcome.failure, "benchmark"),) if outcome.failure else ()
        return LatencyComparison(provider=provider, verdict="inconclusive", reason=reason), (*said, *notes)
    try:
        return _read(provider, parse(PairedResult, outcome.result)), notes
    except LyingWorkerError as lie:
        lied = Finding("OCA901", f"the comparison of latencies: {lie}", key="benchmark")
        return LatencyComparison(provider=provider, verdict="inconclusive", reason=str(lie)), (lied, *notes)


def _read(provider: str, found: PairedResult) -> LatencyComparison:
    if found.ratio is None or found.ci is None:
        slow = f"one round took {found.seconds:.0f} s: raise `benchmark.seconds`" if found.seconds else None
        return LatencyComparison(provider=provider, verdict="inconclusive", reason=found.reason or slow)
    low, high = (round(value, _DIGITS) for value in found.ci)
    return LatencyComparison(
        provider=provider,
        verdict=found.verdict or "inconclusive",
        reason=found.reason,
        ratio=round(found.ratio, _DIGITS),
        ci=(low, high),
        detectable=found.detectable,
        seconds=None if found.seconds is None else round(found.seconds, 3),
        epochs=found.epochs,
        pairs=found.pairs,
        base_ms=_latency(found.base),
        head_ms=_latency(found.model),
        spread=tuple(round(value, _DIGITS) for value in found.spread),
    )


def _latency(found: LatencyResult | None) -> Latency | None:
    if found is None:
        return None
    low, high = (round(value, _DIGITS) for value in found.ci95)
    return Latency(
        median=round(found.median, _DIGITS),
        p90=round(found.p90, _DIGITS),
        p99=round(found.p99, _DIGITS),
        ci95=(low, high),
        quantiles=tuple(round(value, _DIGITS) for value in found.quantiles),
    )
