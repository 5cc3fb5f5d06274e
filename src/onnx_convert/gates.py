"""Gates: what of a row fails the run, what is only a warning, and what the whole run concludes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from onnx_convert.diagnostics import find
from onnx_convert.report.verdict import by_noise, strain
from onnx_convert.stages.values import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from onnx_convert.report.model import Case, Comparison, Conclusion, ModelReport, Parity, ProviderResult, Severity
    from onnx_convert.spec.model import Benchmark, Gates


OF_THE_BASE = frozenset({"OCA650", "OCA651", "OCA652", "OCA653"})
"""What is said of a row only because it was compared with a base."""


def severity(finding: Finding, gates: Gates) -> Severity:
    """A finding that breaks a gate of `fail-on` is an error; any other is a warning or a note."""
    if finding.gate in gates.fail_on:
        return "error"
    if finding.gate:
        return "warning"
    usual = find(finding.code).severity
    return "warning" if usual == "error" else usual


def fails(row: ModelReport) -> bool:
    """Whether a row fails the run: it does if one of its findings is an error."""
    return any(one.severity == "error" for one in row.diagnostics)


def conclude(rows: Iterable[ModelReport], *, complete: bool) -> Conclusion:
    """What the run concludes: `neutral` where nothing was converted and nothing failed, never well if unfinished."""
    done = tuple(rows)
    if not complete or any(fails(row) for row in done):
        return "failure"
    return "success" if any(row.artifact for row in done) else "neutral"


def provider_findings(results: tuple[ProviderResult, ...], benchmark: Benchmark) -> Iterator[Finding]:
    """What the `provider` gate has against the measurements of the listed providers."""
    for result in results:
        if result.status != "measured":
            code = "OCA601" if result.status == "unavailable" else "OCA602"
            message = f"provider {result.provider} {result.status}: {result.reason}"
            yield Finding(code, message, key="benchmark", gate=None if result.provider == "native" else "provider")
        elif short := _short(result, benchmark.min_provider_share):
            least = f"less than min-provider-share {benchmark.min_provider_share:.0%}"
            message = f"provider {result.provider} ran {' and '.join(short)}, {least}"
            yield Finding("OCA603", message, key="benchmark", gate="provider")


def comparison_findings(comparison: Comparison, gates: Gates) -> Iterator[Finding]:
    """What the `latency` and `size` gates have against a comparison with the base; what is open breaks none."""
    base = comparison.baseline
    if comparison.status == "failed":
        yield Finding("OCA653", f"not compared with {base}: {comparison.reason or 'it has no artifact there'}")
    slower, larger = gates.max_latency_increase, gates.max_size_increase
    for one in comparison.latency:
        if one.verdict == "slower" and one.ratio is not None:
            message = f"{one.provider}: {_percent(one.ratio - 1)} slower than {base}"
            if one.ratio > 1 + slower:
                message += f", more than max-latency-increase {_percent(slower)}"
                yield Finding("OCA650", message, key="benchmark", gate="latency")
            else:
                yield Finding("OCA651", f"{message}, within max-latency-increase {_percent(slower)}", key="benchmark")
    if comparison.size_ratio is not None and comparison.size_ratio > 1 + larger:
        message = f"{_percent(comparison.size_ratio - 1)} larger than {base}, more than max-size-increase"
        yield Finding("OCA652", f"{message} {_percent(larger)}", gate="size")


def parity_findings(parity: Parity, framework: str, key: str) -> Iterator[Finding]:
    """What the `parity` gate has against a comparison: one finding a provider, about its worst case."""
    for provider in dict.fromkeys(case.provider for case in parity.cases):
        failed = [case for case in parity.cases if case.provider == provider and not case.passed]
        if not failed:
            continue
        worst = max(failed, key=lambda case: strain(case, noise=by_noise(parity)))
        at = ", ".join(f"{name}={size}" for name, size in worst.dims.items())
        message = f'output "{worst.output}" differs from {framework} on {provider}' + (f" at {at}" if at else "")
        message += f": {worst.reason or _beyond(worst, parity)}"
        if parity.blame:
            message += f"; the first stage that differs is {parity.blame.stage}"
        hint = f"run models/{key}/repro/repro.py of the output folder to see it"
        yield Finding("OCA501", message, hint, key="parity", gate="parity")


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.3g}%"


def _beyond(case: Case, parity: Parity) -> str:
    """By how much a case with numbers is off, in terms of what it was judged by."""
    furthest = f"max abs {case.max_abs:.3g}, max rel {case.max_rel:.3g}"
    if not by_noise(parity) or parity.min_sqnr is None or case.sqnr_db is None:
        beyond = f"{case.mismatched} of {case.elements} elements beyond rtol {parity.rtol:g}, atol {parity.atol:g}"
        return f"{beyond} ({furthest})"
    if case.nonfinite and case.sqnr_db >= parity.min_sqnr:
        return f"{case.nonfinite} of {case.elements} elements are not finite"
    return f"signal to noise {case.sqnr_db:.1f} dB, less than {parity.min_sqnr:g} dB ({furthest})"


def _short(result: ProviderResult, least: float) -> list[str]:
    """Of what a provider ran too little: its share of the nodes, of the time, or of both."""
    shares = {"of the nodes": result.effective, "of the time": result.time_share}
    ran = {what: _share(result.provider, known) for what, known in shares.items() if known}
    # Rounded down: what is less than the limit must not read as the limit.
    return [f"{math.floor(share * 1000) / 10:g}% {what}" for what, share in ran.items() if share < least]


def _share(provider: str, shares: dict[str, float]) -> float:
    return sum(share for name, share in shares.items() if _plain(name) == _plain(provider))


def _plain(name: str) -> str:
    """A provider as ONNX Runtime or as the spec calls it, so that the two can be compared."""
    return name.lower().removesuffix("executionprovider").replace("-", "").replace("_", "")
