"""What workers return, as valid values.

A worker's result is hostile data: it is parsed here, bounded and typed, before any other code looks at it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from onnx_convert.report.model import Attempt, Blame, Case, Number, Tensor

_Text = Annotated[str, Field(max_length=10_000)]
_Name = Annotated[str, Field(max_length=1_000)]
_Seconds = Annotated[float, Field(ge=0, le=1e9)]
_Count = Annotated[int, Field(ge=0, le=2**63 - 1)]
_Milliseconds = Annotated[float, Field(ge=0, le=1e9)]

__all__ = ["Attempt", "CheckResult", "ExportResult", "LyingWorkerError", "Measurement", "ParityResult", "parse"]


class LyingWorkerError(Exception):
    """A worker's result is not of the agreed form; the message says where."""


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class CaseKey(_Result):
    """One set of inputs: sizes of the dynamic dimensions, and which sample."""

    dims: dict[_Name, _Count]
    sample: _Count


class Point(_Result):
    """A sample at a threshold of a tree: the feature by name, the threshold, and the feature's value."""

    feature: _Name
    threshold: float
    value: float


class ExportResult(_Result):
    """What a framework's worker returns for kind `export`."""

    versions: dict[_Name, _Name]
    inputs: Annotated[tuple[Tensor, ...], Field(max_length=10_000)]
    outputs: Annotated[tuple[Tensor, ...], Field(max_length=10_000)]
    cases: Annotated[tuple[CaseKey, ...], Field(max_length=1_000_000)] = ()
    trace: dict[_Name, _Count] = {}
    exporter: _Name
    noise: Number | None = None
    boundary: Annotated[tuple[Annotated[tuple[Point, ...], Field(max_length=256)], ...], Field(max_length=256)] = ()
    seconds: dict[_Name, _Seconds] = {}


class Problem(_Result):
    """A finding of a worker that looked at a model."""

    code: Annotated[str, Field(pattern=r"^OCA\d{3}$")]
    message: _Text
    hint: _Text | None = None


class Baked(_Result):
    """A dimension that was declared dynamic and is a constant in the artifact."""

    input: _Name
    axis: _Count
    dimension: _Name
    size: _Count


class CheckResult(_Result):
    """What `workers.artifact.check` found out about an ONNX file."""

    opsets: dict[_Name, _Count]
    ir_version: _Count
    nodes: _Count
    operators: dict[_Name, _Count]
    inputs: Annotated[tuple[Tensor, ...], Field(max_length=10_000)]
    outputs: Annotated[tuple[Tensor, ...], Field(max_length=10_000)]
    bytes: _Count
    problems: Annotated[tuple[Problem, ...], Field(max_length=1_000)] = ()
    baked: Annotated[tuple[Baked, ...], Field(max_length=1_000)] = ()


class SimplifyResult(_Result):
    """What `workers.artifact.simplify` did."""

    changed: bool
    nodes_before: _Count
    nodes_after: _Count
    seconds: _Seconds


class VariantResult(_Result):
    """What `workers.artifact.variant` made."""

    changed: bool
    operators: dict[_Name, _Count] = {}
    kept: dict[_Name, _Count] = {}
    weights: _Count = 0
    tool: _Name
    versions: dict[_Name, _Name] = {}
    seconds: _Seconds


class LatencyResult(_Result):
    """Latency of one of two models that were measured in turn, in milliseconds."""

    median: _Milliseconds
    p90: _Milliseconds
    p99: _Milliseconds
    ci95: tuple[_Milliseconds, _Milliseconds]
    quantiles: Annotated[tuple[_Milliseconds, ...], Field(max_length=101)] = ()


_Ratio = Annotated[float, Field(gt=0, lt=1e9)]


class PairedResult(_Result):
    """What `workers.artifact.pair` measured on one provider: the model over the base."""

    status: Literal["measured", "unavailable"]
    reason: _Text | None = None
    verdict: Literal["faster", "unchanged", "slower", "inconclusive"] | None = None
    ratio: _Ratio | None = None
    ci: tuple[_Ratio, _Ratio] | None = None
    detectable: Annotated[float, Field(ge=0, lt=1e9)] | None = None
    seconds: _Seconds | None = None
    epochs: _Count | None = None
    pairs: _Count | None = None
    spread: Annotated[tuple[_Ratio, ...], Field(max_length=101)] = ()
    model: LatencyResult | None = None
    base: LatencyResult | None = None


class Progress(_Result):
    """What `workers.artifact.pair` says while it measures: the estimate so far, medians in milliseconds."""

    verdict: Literal["faster", "unchanged", "slower", "inconclusive"] | None = None
    ratio: _Ratio | None = None
    ci: tuple[_Ratio, _Ratio] | None = None
    epochs: _Count | None = None
    seconds: _Seconds | None = None
    model: _Milliseconds | None = None
    base: _Milliseconds | None = None


class OutlineResult(_Result):
    """What `workers.artifact.outline` says: the names of external data as the file has them."""

    external: Annotated[tuple[_Name, ...], Field(max_length=1_000)] = ()


class ParityResult(_Result):
    """What `workers.artifact.parity` found for one provider."""

    status: Literal["compared", "unavailable"] = "compared"
    reason: _Text | None = None
    cases: Annotated[tuple[Case, ...], Field(max_length=1_000_000)] = ()
    blame: Blame | None = None
    problems: Annotated[tuple[Problem, ...], Field(max_length=1_000)] = ()
    worst_case: _Count | None = None


class Measurement(_Result):
    """What `workers.artifact.benchmark` and kind `native` measured; latencies in milliseconds."""

    status: Literal["measured", "unavailable"] = "measured"
    reason: _Text | None = None
    median: _Milliseconds | None = None
    p90: _Milliseconds | None = None
    p99: _Milliseconds | None = None
    ci95: tuple[_Milliseconds, _Milliseconds] | None = None
    quantiles: Annotated[tuple[_Milliseconds, ...], Field(max_length=101)] = ()
    iterations: _Count | None = None
    outliers: _Count | None = None
    warmup_iterations: _Count | None = None
    steady: bool | None = None
    throughput_per_s: Annotated[float, Field(ge=0)] | None = None
    load_ms: _Milliseconds | None = None
    threads: _Count | None = None
    measuring_seconds: _Seconds | None = None
    dims: dict[_Name, _Count] = {}
    effective: dict[_Name, Annotated[float, Field(ge=0, le=1)]] = {}
    versions: dict[_Name, _Name] = {}


class RanNode(_Result):
    """A node of a graph, its operator, and the provider that got it."""

    name: _Name
    operator: _Name
    provider: _Name


class RanKernel(RanNode):
    """What ran of a graph, after providers had fused what they got: `microseconds` in all `calls` together."""

    calls: _Count
    microseconds: _Count


_Share = Annotated[float, Field(ge=0, le=1)]


class SharesResult(_Result):
    """What `workers.artifact.shares` found: who got each node, ran each kernel, and had which share of the time."""

    nodes: Annotated[tuple[RanNode, ...], Field(max_length=10_000)] = ()
    kernels: Annotated[tuple[RanKernel, ...], Field(max_length=10_000)] = ()
    left_out: dict[Literal["nodes", "kernels"], _Count] = {}
    operators: Annotated[
        dict[_Name, Annotated[dict[_Name, _Count], Field(max_length=1_000)]], Field(max_length=100)
    ] = {}
    time_share: Annotated[dict[_Name, _Share], Field(max_length=100)] = {}
    calls: _Count = 0
    versions: dict[_Name, _Name] = {}


_R = TypeVar("_R", bound=_Result)


def parse(kind: type[_R], result: dict[str, Any]) -> _R:
    """A worker's result as a value of its kind. Raises LyingWorkerError."""
    try:
        return kind.model_validate(result)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise LyingWorkerError(f"{where}: {first['msg']}") from None
