"""Shares: which provider ran what of a measured row, by a profile of a job of its own after the measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.stages.export import notes_of
from onnx_convert.stages.provider import Target, run_on
from onnx_convert.stages.results import LyingWorkerError, SharesResult, parse
from onnx_convert.stages.values import Finding, Ran

if TYPE_CHECKING:
    from onnx_convert.plan import Row
    from onnx_convert.report.model import ProviderResult
    from onnx_convert.stages.values import Exported, Simplified, Workplace

UNPROFILED = frozenset({"native", "reference", "openvino-runtime"})
"""What is measured without ONNX Runtime: one runtime, which runs all of it."""


def find_shares(
    row: Row, exported: Exported, simplified: Simplified, result: ProviderResult, workplace: Workplace
) -> tuple[ProviderResult, tuple[Ran, ...], tuple[Finding, ...]]:
    """A measured provider's result with its shares, the nodes behind them, and why there are none if there are none."""
    if result.status != "measured" or result.provider in UNPROFILED:
        return result, (), ()
    job = {
        "model": str(simplified.file.path),
        "threads": result.threads or workplace.threads,
        "case": str(exported.reference.folder / "0000"),
    }
    target = Target(row, result.provider, (simplified.file,), exported.reference)
    outcome = run_on(target, "onnx_convert.workers.artifact.shares", job, workplace)
    if isinstance(outcome, str):
        return result, (), (_unknown(result.provider, outcome),)
    notes = notes_of(outcome, "benchmark")
    if outcome.result is None:
        reason = outcome.failure.message if outcome.failure else "the worker left no result"
        return result, (), (_unknown(result.provider, reason), *notes)
    try:
        found = parse(SharesResult, outcome.result)
    except LyingWorkerError as lie:
        return result, (), (Finding("OCA901", f"the profile's result: {lie}", key="benchmark"), *notes)
    if not found.time_share and result.effective:
        notes = (_unknown(result.provider, "the profile holds no kernel's time"), *notes)
    known = {"time_share": found.time_share, "operators": found.operators}
    return result.model_copy(update=known), (Ran(result.provider, found),), notes


def _unknown(provider: str, reason: str) -> Finding:
    return Finding("OCA614", f"provider {provider}: {reason}", key="benchmark")
