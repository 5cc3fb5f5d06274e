"""The report: the one value every publisher renders, and the shape of `report.json`.

Sizes are bytes, times are the unit in the name, fractions are in [0, 1]. A number is here only if it was measured on
what its row names; what could not be measured is `None` with a reason beside it. The JSON Schema in `schema/` is
generated from these classes.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

Conclusion = Literal["success", "failure", "neutral"]
Status = Literal["passed", "failed", "error", "skipped"]
Severity = Literal["error", "warning", "note"]
BlameStage = Literal["source", "export", "simplify", "optimise", "provider", "precision"]
BenchmarkStatus = Literal["measured", "unavailable", "failed"]
Verdict = Literal["identical", "faster", "unchanged", "slower", "inconclusive"]


def _to_json(value: float) -> float | str:
    # JSON has no NaN or infinity; a reader in any language gets a string that says which.
    if value != value:  # noqa: PLR0124 - the definition of NaN
        return "nan"
    return {float("inf"): "inf", float("-inf"): "-inf"}.get(value, value)


def _from_json(value: object) -> object:
    return float(value) if isinstance(value, str) and value in {"nan", "inf", "-inf"} else value


Number = Annotated[
    float,
    BeforeValidator(_from_json, json_schema_input_type=float | Literal["nan", "inf", "-inf"]),
    PlainSerializer(_to_json, return_type=float | str, when_used="json"),
]
"""A float that may be NaN or infinite; those are the strings "nan", "inf" and "-inf" in JSON."""

Integer = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
"""A whole number that every reader can hold, and that is a float at need."""


class Value(BaseModel):
    """Base of every report value: frozen, unknown keys refused, so that a hostile report cannot smuggle."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Tool(Value):
    """Who wrote the report."""

    name: Literal["onnx-convert-action"] = "onnx-convert-action"
    version: str


class Gpu(Value):
    """A GPU as its driver describes it; clocks in MHz, now and at most, None where it does not say."""

    name: str
    driver: str
    memory_bytes: Integer | None = None
    clock_mhz: Integer | None = None
    clock_max_mhz: Integer | None = None
    memory_clock_mhz: Integer | None = None
    memory_clock_max_mhz: Integer | None = None
    compute_capability: str | None = None


class Limits(Value):
    """What control groups allow: `cpus` is CPU time a second, such as 1.5; `cpuset` names CPUs as the kernel does."""

    cpus: float | None = None
    memory_bytes: Integer | None = None
    cpuset: str | None = None


class Conditions(Value):
    """What the machine did while a run measured on it, None where its kernel does not say.

    Fractions are of the `seconds` from the first measurement to the last: `steal` and `others` of the time of all CPUs,
    given to other guests by the hypervisor, and used by processes that are not this run's; `pressure` of the wall time,
    in which something waited for a CPU. `load` is the load average of a minute when the run began, so that nothing of
    the run is in it; `mhz` the mean clock of the CPUs when measuring began.
    """

    seconds: float
    load: float | None = None
    steal: float | None = None
    others: float | None = None
    pressure: float | None = None
    mhz: float | None = None


class Machine(Value):
    """Where it was measured. `cores` and `logical_cores` are those that the process may use.

    `governor` is that of the frequency of its CPUs, `max_mhz` their highest clock, `turbo` whether they may go beyond
    their nominal one, `smt` whether cores run two threads: None where the kernel does not say.
    """

    cpu: str
    cores: Integer
    logical_cores: Integer | None = None
    smt: bool | None = None
    governor: str | None = None
    max_mhz: float | None = None
    turbo: bool | None = None
    memory_bytes: Integer
    limits: Limits = Limits()
    conditions: Conditions | None = None
    platform: str
    python: str
    container: bool = False
    versions: dict[str, str] = {}
    gpus: tuple[Gpu, ...] = ()


class Diagnostic(Value):
    """One finding: a code of the catalogue, what happened, what to do, and where in the spec: at `key` of its model."""

    code: Annotated[str, Field(pattern=r"^OCA\d{3}$")]
    severity: Severity
    message: str
    hint: str = ""
    key: str | None = None
    file: str | None = None
    line: Integer | None = None
    column: Integer | None = None


class Artifact(Value):
    """The ONNX file of a row; `path` is relative to the output folder."""

    path: str
    bytes: Integer
    sha256: str
    opsets: dict[str, Integer]
    ir_version: Integer
    nodes: Integer
    nodes_before_simplify: Integer | None = None
    operators: dict[str, Integer] = {}
    external_data: tuple[str, ...] = ()


class Attempt(Value):
    """One exporter that was tried and why it was not kept."""

    exporter: str
    reason: str


class Simplification(Value):
    """What the simplifier did: `kept`, `unchanged`, `undone` (with the diagnostic that says why) or `off`."""

    simplifier: Literal["onnxsim", "onnxslim"] | None
    status: Literal["kept", "unchanged", "undone", "off"]
    seconds: float = 0.0


class Export(Value):
    """How the artifact was made."""

    exporter: str
    reason: str = ""
    attempts: tuple[Attempt, ...] = ()
    versions: dict[str, str] = {}
    seconds: float = 0.0
    simplification: Simplification | None = None


class Tensor(Value):
    """An input or output as the artifact declares it."""

    name: str
    dtype: str
    shape: tuple[Integer | str | None, ...]


class WorstElement(Value):
    """Where two outputs differ most, relative to what the tolerance allows there."""

    index: tuple[Integer, ...]
    expected: Number | str
    actual: Number | str


class Case(Value):
    """One output on one provider for one combination of dimensions, worst over its samples.

    `max_abs`, `max_rel`, `mean_abs` are over finite elements; `sqnr_db` is 10 log10(sum b^2 / sum (a-b)^2), infinite
    when equal; `agreement` is the fraction of rows whose label or top-1 index is the same. `detectable` is the smallest
    absolute error that the tolerance would have caught here. `reason` says why a case failed without numbers (shape,
    dtype, the provider's own error).
    """

    provider: str
    dims: dict[str, Integer]
    output: str
    samples: Integer = 1
    max_abs: Number | None = None
    max_rel: Number | None = None
    mean_abs: Number | None = None
    cosine: Number | None = None
    sqnr_db: Number | None = None
    agreement: float | None = None
    mismatched: Integer = 0
    elements: Integer = 0
    nonfinite: Integer = 0
    detectable: Number | None = None
    worst: tuple[WorstElement, ...] = ()
    vacuous: str | None = None
    reason: str | None = None
    passed: bool


class Blame(Value):
    """The first stage after which results differ from the original framework's."""

    stage: BlameStage
    node: str | None = None
    module: str | None = None


class Parity(Value):
    """Parity of the artifact with the original framework, and the tolerance that it was judged by.

    Where `max_mismatch` is 1, elements do not count: `min_sqnr`, in dB, decides.
    """

    status: Literal["passed", "failed", "skipped"]
    reason: str | None = None
    rtol: float
    atol: float
    max_mismatch: float = 0.0
    min_agreement: float = 1.0
    min_sqnr: float | None = None
    samples: Integer = 0
    cases: tuple[Case, ...] = ()
    blame: Blame | None = None


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


class Comparison(Value):
    """A row against the same row of the base: `identical`, `compared`, `new`, or `failed` with the reason.

    `base` is the row's name there where it is another. What differs is given as (base, head): operators by their
    counts, opsets by their versions, parity as the largest absolute error.
    """

    baseline: str
    status: Literal["identical", "compared", "new", "failed"] = "compared"
    reason: str | None = None
    base: str | None = None
    size_ratio: float | None = None
    nodes: tuple[Integer, Integer] | None = None
    operators: dict[str, tuple[Integer, Integer]] = {}
    opsets: dict[str, tuple[Integer | None, Integer | None]] = {}
    parity: tuple[Number | None, Number | None] | None = None
    latency: tuple[LatencyComparison, ...] = ()


class Baseline(Value):
    """What a run was compared with: a commit, an earlier output folder or a file, or the reason why there was none.

    `deleted` are the rows that it has and this run has not.
    """

    name: str
    kind: Literal["commit", "folder", "file"]
    commit: str | None = None
    reason: str | None = None
    deleted: tuple[str, ...] = ()


class PairedLatency(Value):
    """Time of a variant over that of its float32 model on one provider, measured in turn; `ci` is a 95 % interval."""

    provider: str
    ratio: float
    ci: tuple[float, float]


class VariantOf(Value):
    """A variant beside the float32 row `model` that it was made from.

    `operators` and `kept` count the nodes of the float32 graph that compute in lower precision now, and those that
    still do not; `weights` is how many tensors are stored in lower precision.
    """

    model: str
    size_ratio: float
    operators: dict[str, Integer] = {}
    kept: dict[str, Integer] = {}
    weights: Integer = 0
    latency: tuple[PairedLatency, ...] = ()


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
