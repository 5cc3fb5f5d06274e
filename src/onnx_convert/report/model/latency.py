"""What was measured on a provider: alone, against the base, and of a variant against its float32 model."""

from __future__ import annotations

from typing import Literal

from onnx_convert.report.model.value import Integer, Value

BenchmarkStatus = Literal["measured", "unavailable", "failed"]
Verdict = Literal["identical", "faster", "unchanged", "slower", "inconclusive"]


class Latency(Value):
    """Milliseconds a call. `ci95` is a bootstrap interval of the median; `quantiles` are 0 %, 1 %, ... 100 %."""

    median: float
    p90: float
    p99: float
    ci95: tuple[float, float]
    quantiles: tuple[float, ...] = ()


class ProviderResult(Value):
    """What one provider did. Without `measured` there is no latency, and `reason` says why.

    `effective` is the fraction of nodes that each execution provider got, `operators` are those nodes counted by
    operator, and `time_share` is the fraction of the kernels' time that each one had, by the runtime's own profile of a
    session apart from the measured one. `nodes` is a file of the output folder with all of it, node by node.
    `measuring_seconds` is the wall time of warm-up and timings together. `outliers` of the `iterations` were slower
    than the third quartile by three interquartile ranges; they are part of every figure. `leg` is, in a report of
    several shards, the index of the one that measured: times of different legs are of different machines.
    """

    provider: str
    leg: Integer | None = None
    status: BenchmarkStatus
    reason: str | None = None
    effective: dict[str, float] = {}
    time_share: dict[str, float] = {}
    operators: dict[str, dict[str, Integer]] = {}
    nodes: str | None = None
    versions: dict[str, str] = {}
    threads: Integer | None = None
    dims: dict[str, Integer] = {}
    latency_ms: Latency | None = None
    throughput_per_s: float | None = None
    measuring_seconds: float | None = None
    iterations: Integer | None = None
    outliers: Integer | None = None
    warmup_iterations: Integer | None = None
    steady: bool | None = None
    load_ms: float | None = None
    peak_memory_bytes: Integer | None = None


class LatencyComparison(Value):
    """Time of head over that of base on one provider, both measured in turn in one process; `ci` is a 95 % interval.

    `detectable` is the smallest change, as a fraction, that this measurement could have told; `confirmed` the ratio
    that a second process found where the first one raised an alarm. `spread` are quantiles (0 %, 1 %, ... 100 %) of the
    ratios of single pairs. Without a ratio, `reason` says why.
    """

    provider: str
    ratio: float | None = None
    ci: tuple[float, float] | None = None
    verdict: Verdict
    reason: str | None = None
    confirmed: float | None = None
    detectable: float | None = None
    seconds: float | None = None
    epochs: Integer | None = None
    pairs: Integer | None = None
    base_ms: Latency | None = None
    head_ms: Latency | None = None
    spread: tuple[float, ...] = ()


class PairedLatency(Value):
    """Time of a variant over that of its float32 model on one provider, measured in turn; `ci` is a 95 % interval."""

    provider: str
    ratio: float
    ci: tuple[float, float]
