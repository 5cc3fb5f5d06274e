"""What a run is compared with, and a row with its own base; a variant with its float32 model."""

from __future__ import annotations

from typing import Literal

from onnx_convert.report.model.latency import LatencyComparison, PairedLatency
from onnx_convert.report.model.value import Integer, Number, Value


class Baseline(Value):
    """What a run was compared with: a commit, an earlier output folder or a file, or the reason why there was none.

    `deleted` are the rows that it has and this run has not.
    """

    name: str
    kind: Literal["commit", "folder", "file"]
    commit: str | None = None
    reason: str | None = None
    deleted: tuple[str, ...] = ()


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
