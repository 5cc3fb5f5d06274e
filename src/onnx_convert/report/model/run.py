"""A row, a run, and a run in shards."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from onnx_convert.report.model.artifact import Artifact, Export, Tensor
from onnx_convert.report.model.base import Baseline, Comparison, VariantOf
from onnx_convert.report.model.finding import Diagnostic
from onnx_convert.report.model.latency import ProviderResult
from onnx_convert.report.model.machine import Machine
from onnx_convert.report.model.parity import Parity
from onnx_convert.report.model.value import Integer, Value

Conclusion = Literal["success", "failure", "neutral"]
Status = Literal["passed", "failed", "error", "skipped"]


class Tool(Value):
    """Who wrote the report."""

    name: Literal["onnx-convert-action"] = "onnx-convert-action"
    version: str


class ModelReport(Value):
    """One row: a model at one opset in one variant.

    `not_cached` is why it was not taken from the cache, where there is one. `seconds` is wall time from its first
    stage to its last, `worker_seconds` the time of its jobs added up, `peak_memory_bytes` what the largest of them
    held.
    """

    name: str
    framework: str | None
    variant: str = "fp32"
    opset: Integer | None
    status: Status
    cached: bool = False
    not_cached: tuple[str, ...] = ()
    seconds: float = 0.0
    worker_seconds: float = 0.0
    peak_memory_bytes: Integer | None = None
    inputs: tuple[Tensor, ...] = ()
    outputs: tuple[Tensor, ...] = ()
    artifact: Artifact | None = None
    export: Export | None = None
    parity: Parity | None = None
    benchmark: tuple[ProviderResult, ...] = ()
    comparison: Comparison | None = None
    variant_of: VariantOf | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    log: str | None = Field(default=None, description="the model's own output, relative to the output folder")


_Index = Annotated[int, Field(ge=1, le=256)]


class Shard(Value):
    """The part of a spec's models that a run did: part `index`, from 1, of `count`.

    `models` are the names of its own, `spec_models` those of the whole spec, in its order; `spec_sha256` is the spec's
    digest. `providers` are those that it was restricted to, all where there are none.
    """

    index: _Index
    count: _Index
    spec_sha256: str
    spec_models: tuple[str, ...]
    models: tuple[str, ...]
    providers: tuple[str, ...] = ()


class Leg(Value):
    """What one shard brought to a report of several: which models, on which machine, under which conditions."""

    index: _Index
    models: tuple[str, ...]
    providers: tuple[str, ...] = ()
    complete: bool = True
    started: str
    seconds: float = 0.0
    machine: Machine


class Report(Value):
    """A whole run. `diagnostics` are about the run itself; `complete` is false while models are still to be done.

    `max_latency_increase` and `max_size_increase` are the gates' limits, as fractions. `shard` says which part of the
    models this run did, where it did a part. A report that was joined from those of shards has `legs`, in their order;
    `machine` is the first one's then, without conditions, `started` the earliest, and `seconds` those of the longest.
    """

    schema_version: Literal[1] = 1
    tool: Tool
    conclusion: Conclusion
    complete: bool = True
    machine: Machine
    spec: str
    commit: str | None = None
    started: str
    seconds: float = 0.0
    fail_on: tuple[str, ...] = ()
    max_latency_increase: float | None = None
    max_size_increase: float | None = None
    baseline: Baseline | None = None
    shard: Shard | None = None
    legs: tuple[Leg, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    models: tuple[ModelReport, ...] = ()
