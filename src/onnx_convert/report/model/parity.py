"""How an artifact compares with the original framework."""

from __future__ import annotations

from typing import Literal

from onnx_convert.report.model.value import Integer, Number, Value

BlameStage = Literal["source", "export", "simplify", "optimise", "provider", "precision"]


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
