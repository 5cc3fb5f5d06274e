"""Values that pass between stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from onnx_convert import nvidia

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from onnx_convert.engines import Engines
    from onnx_convert.environments import Environment, Environments
    from onnx_convert.isolation import Failure, Limits, Outcome
    from onnx_convert.isolation.values import Hear
    from onnx_convert.report.model import Attempt, Blame, Case, Export, Gpu, ModelReport, Simplification, Tensor
    from onnx_convert.spec.model import Gate
    from onnx_convert.stages.results import CaseKey, CheckResult, Point, SharesResult


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic before it is placed.

    `key` is the key of the model that it is about. `gate` is the gate that it breaks: that decides whether it fails the
    run; without one it is a warning or a note.
    """

    code: str
    message: str
    hint: str | None = None
    key: str = "source"
    gate: Gate | None = None

    @classmethod
    def of(cls, failure: Failure, key: str = "source", gate: Gate | None = None) -> Finding:
        """The finding that tells of a worker's failure."""
        return cls(failure.code, failure.message, failure.hint, key, gate)


class Runs(Protocol):
    """What runs a job behind the fence: the `Fence` itself, or one that also keeps what workers print."""

    def run(
        self,
        environment: Environment,
        module: str,
        job: Mapping[str, Any],
        limits: Limits,
        hear: Hear | None = None,
    ) -> Outcome:
        """Run a job to its end; `hear` is told of its progress."""
        ...


@dataclass(frozen=True, slots=True)
class Devices:
    """The machine's GPUs: what is missing to use one, what they are, and where engines built for them are kept."""

    lacking: Callable[[], str | None] = nvidia.lacking
    gpus: tuple[Gpu, ...] = ()
    engines: Engines | None = None


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where stages work: the fence, the environments, the repository's `root` and the spec's `folder` in it.

    `threads` are those to measure with where the spec does not say.
    """

    fence: Runs
    environments: Environments
    root: Path
    folder: Path
    threads: int
    devices: Devices = Devices()


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """An ONNX file the core has taken from a worker: nobody else can change it any more."""

    path: Path
    data: tuple[Path, ...]
    facts: CheckResult

    @property
    def bytes(self) -> int:
        """Size with external data."""
        return sum(file.stat().st_size for file in (self.path, *self.data))


@dataclass(frozen=True, slots=True)
class Reference:
    """Inputs and reference outputs of the original framework, in `folder`/NNNN.

    `boundary` are batches of samples at thresholds, in the folder of that name beside.
    """

    folder: Path
    cases: tuple[CaseKey, ...]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    trace: dict[str, int]
    noise: float | None
    boundary: tuple[tuple[Point, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """What the export stage made."""

    opset: int
    file: OnnxFile
    reference: Reference
    export: Export
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Simplified:
    """The file to ship, and how it came to be."""

    file: OnnxFile
    simplification: Simplification


@dataclass(frozen=True, slots=True)
class Derived:
    """How a variant follows from its float32 row `model`, whose file is `base`.

    `operators` and `kept` count the nodes of that file that compute in lower precision now, and those that do not.
    """

    model: str
    base: OnnxFile
    operators: dict[str, int]
    kept: dict[str, int]
    weights: int


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A row of the base: its report, its ONNX file and external data as `files`, and their SHA-256 digests.

    Without files, `reason` says why it has none. `seconds` and `worker_seconds` are what its conversion took in this
    run.
    """

    row: ModelReport
    files: tuple[Path, ...] = ()
    digests: tuple[str, ...] = ()
    reason: str | None = None
    seconds: float = 0.0
    worker_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Compared:
    """Parity of one provider."""

    provider: str
    unavailable: str | None = None
    cases: tuple[Case, ...] = ()
    blame: Blame | None = None
    worst_case: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A stage that could not do its work for a row: the attempts it made; the findings say why."""

    attempts: tuple[Attempt, ...] = ()
    environment: bool = False


@dataclass(frozen=True, slots=True)
class Ran:
    """What ran on a provider that was measured, node by node."""

    provider: str
    shares: SharesResult
