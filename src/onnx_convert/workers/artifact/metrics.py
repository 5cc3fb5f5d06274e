"""How far two arrays are apart, over any number of samples, in constant memory.

The verdict on numbers is that of `numpy.testing.assert_allclose(actual, expected, rtol, atol, equal_nan=True)`: an
element agrees when `|a - b| <= atol + rtol * |b|`, or both are NaN, or both are the same infinity. It is computed in
float64 whatever the dtype, so that a borderline element is not decided by the rounding of float16.

Bools, strings and integers (unless `atol >= 1` says that they are quantities) are labels: they agree when equal.

Depends on numpy alone, 1.23 or newer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from onnx_convert.workers.artifact.streams import CHUNK, Array, Floats, Sums, Thresholds, digest, largest

WORST = 5


@dataclass(frozen=True)
class Tolerance:
    """What may differ: per element, in how many elements, in how many labels, and over all elements together.

    `max_mismatch` is the fraction of elements that may disagree. `min_agreement` is the fraction of labels, or of rows
    with the same top-1, that must be the same; None asks for equal labels and leaves the top-1 of scores ungated.
    `min_sqnr` is the least signal to noise of numbers in dB, None leaves it ungated; where it is set, something that is
    finite on one side only always fails.
    """

    rtol: float = 1e-3
    atol: float = 1e-5
    max_mismatch: float = 0.0
    min_agreement: float | None = None
    min_sqnr: float | None = None


@dataclass(frozen=True)
class Metrics:
    """The fields of `report.model.Case` that come from arrays, and where the worst was.

    `violation` is the largest `|a - b| / (atol + rtol * |b|)`, infinite for a difference that has no size (NaN against
    a number, another shape). `worst` are elements of sample `worst_sample` (0 is the first that was added).
    """

    samples: int
    elements: int
    mismatched: int
    nonfinite: int
    max_abs: float | None
    max_rel: float | None
    mean_abs: float | None
    cosine: float | None
    sqnr_db: float | None
    agreement: float | None
    detectable: float | None
    worst: list[dict[str, Any]]
    worst_sample: int
    violation: float
    vacuous: str | None
    reason: str | None
    passed: bool


class Accumulator:
    """Compares one output sample by sample. `add` each; `result` at any time."""

    def __init__(self, tolerance: Tolerance) -> None:
        self._tolerance = tolerance
        self._samples = 0
        self._elements = 0
        self._mismatched = 0
        self._nonfinite = 0
        self._lost = 0
        self._sums = Sums()
        self._thresholds = Thresholds()
        self._rows = self._equal_rows = 0
        self._zeros_would_fail = 0
        self._labels: bool | None = None
        self._first: Any = None
        self._constant = True
        self._digests: set[bytes] = set()
        self._worst: list[dict[str, Any]] = []
        self._worst_sample = 0
        self._violation = 0.0
        self._reason: str | None = None

    def fail(self, reason: str) -> None:
        """Count a sample that could not be compared at all; the first reason is kept."""
        self._reason = self._reason or reason
        if self._violation < math.inf:
            self._worst, self._worst_sample = [], self._samples
        self._violation = math.inf
        self._samples += 1

    def add(self, actual: object, expected: Array) -> None:
        """Compare one sample. Another kind, dtype or shape than expected fails it without numbers."""
        if not isinstance(actual, np.ndarray):
            self.fail(f"it is a {type(actual).__name__}, not a tensor")
            return
        actual, expected = _plain(actual), _plain(expected)
        reason = _difference_in_kind(actual, expected)
        if reason:
            self.fail(reason)
            return
        self._labels = is_label(expected.dtype, self._tolerance)
        self._elements += expected.size
        self._digests.add(digest(expected))
        worst: list[tuple[float, int]] = []
        a_flat, b_flat = actual.ravel(), expected.ravel()
        for start in range(0, expected.size, CHUNK):
            a, b = a_flat[start : start + CHUNK], b_flat[start : start + CHUNK]
            self._track_constant(b)
            violation = self._add_labels(a, b) if self._labels else self._add_numbers(a, b)
            worst.extend((float(violation[i]), start + int(i)) for i in largest(violation, WORST))
        self._add_rows(actual, expected)
        self._keep_worst(worst, actual, expected)
        self._samples += 1

    def result(self) -> Metrics:
        """Sum up what was found so far."""
        allowed = math.floor(self._tolerance.max_mismatch * self._elements)
        agreement = self._equal_rows / self._rows if self._rows else None
        numbers = self._sums if self._sums.finite else None
        passed = self._passed(allowed, agreement)
        return Metrics(
            samples=self._samples,
            elements=self._elements,
            mismatched=self._mismatched,
            nonfinite=self._nonfinite,
            max_abs=numbers.max_abs if numbers else None,
            max_rel=numbers.max_rel if numbers else None,
            mean_abs=numbers.error / numbers.finite if numbers else None,
            cosine=numbers.cosine() if numbers else None,
            sqnr_db=numbers.sqnr_db() if numbers else None,
            agreement=agreement,
            detectable=None if self._labels else self._detectable(allowed),
            worst=self._worst,
            worst_sample=self._worst_sample,
            violation=self._violation,
            vacuous=self._vacuous(allowed),
            reason=self._reason or self._without_numbers(passed=passed),
            passed=passed,
        )

    def _add_numbers(self, actual: Array, expected: Array) -> Floats:
        tolerance = self._tolerance
        with np.errstate(all="ignore"):
            a, b = actual.astype(np.float64), expected.astype(np.float64)
            finite = np.isfinite(a) & np.isfinite(b)
            error = np.abs(a - b)
            allowed = tolerance.atol + tolerance.rtol * np.abs(b)
            same = (a == b) | (np.isnan(a) & np.isnan(b))
            agree = same | (finite & (error <= allowed))
            violation = np.where(same, 0.0, np.where(finite, error / allowed, np.inf))
            self._sums.add(a[finite], b[finite], error[finite])
            self._zeros_would_fail += int(np.count_nonzero(~(np.abs(b) <= allowed)))
        self._thresholds.add(allowed[finite], histogram=tolerance.max_mismatch > 0)
        self._nonfinite += int(np.count_nonzero(~finite))
        self._lost += int(np.count_nonzero(~finite & ~same))
        self._mismatched += int(np.count_nonzero(~agree))
        return violation

    def _add_labels(self, actual: Array, expected: Array) -> Floats:
        equal = np.asarray(actual == expected)
        if actual.dtype.kind in "iu":
            a, b = actual.astype(np.float64), expected.astype(np.float64)
            self._sums.add(a, b, np.abs(a - b))
        self._mismatched += int(np.count_nonzero(~equal))
        return np.where(equal, 0.0, np.inf)

    def _add_rows(self, actual: Array, expected: Array) -> None:
        if self._labels:
            self._rows += expected.size
            self._equal_rows = self._rows - self._mismatched
        elif expected.dtype.kind == "f" and expected.ndim == 2 and expected.shape[1] >= 2 and expected.shape[0]:
            self._rows += expected.shape[0]
            self._equal_rows += int(np.count_nonzero(actual.argmax(axis=1) == expected.argmax(axis=1)))

    def _track_constant(self, expected: Array) -> None:
        if self._first is None:
            self._first = expected[:1].copy()
        if self._constant:
            same = expected == self._first
            if expected.dtype.kind == "f":
                same |= np.isnan(expected) & np.isnan(self._first)
            self._constant = bool(np.all(same))

    def _keep_worst(self, worst: list[tuple[float, int]], actual: Array, expected: Array) -> None:
        worst = sorted(worst, key=lambda item: (-item[0], item[1]))[:WORST]
        if not worst or worst[0][0] <= self._violation:
            return
        self._violation, self._worst_sample = worst[0][0], self._samples
        self._worst = []
        for _, position in worst:
            index = tuple(int(i) for i in np.unravel_index(position, expected.shape))
            self._worst.append(
                {"index": list(index), "expected": _scalar(expected[index]), "actual": _scalar(actual[index])}
            )

    def _passed(self, allowed: int, agreement: float | None) -> bool:
        if self._reason is not None:
            return False
        wanted = self._tolerance.min_agreement
        if self._labels:
            return agreement is None or agreement >= (1.0 if wanted is None else wanted)
        agrees = wanted is None or agreement is None or agreement >= wanted
        return self._mismatched <= allowed and agrees and self._clear_enough()

    def _clear_enough(self) -> bool:
        if self._tolerance.min_sqnr is None:
            return True
        sqnr = self._sums.sqnr_db()
        return not self._lost and (sqnr is None or sqnr >= self._tolerance.min_sqnr)

    def _detectable(self, allowed: int) -> float | None:
        """The smallest error that, made in every element, would have failed."""
        found = [self._thresholds.detectable(allowed)]
        if self._tolerance.min_sqnr is not None and self._sums.finite:
            scale = math.sqrt(self._sums.expected_squared / self._sums.finite)
            found.append(scale * 10 ** (-self._tolerance.min_sqnr / 20))
        return min((one for one in found if one is not None), default=None)

    def _without_numbers(self, *, passed: bool) -> str | None:
        """Why it failed where no number says so: strings and bools, or nothing finite on both sides."""
        if passed or self._sums.finite:
            return None
        what = "labels differ" if self._labels else "elements differ, none of them finite on both sides"
        return f"{self._mismatched} of {self._elements} {what}"

    def _vacuous(self, allowed: int) -> str | None:
        """Why this comparison could not have failed, or hardly."""
        if self._reason is not None or not self._samples:
            return None
        if not self._elements:
            return "the output has no elements"
        if self._constant and self._elements > 1:
            what = "only one label occurs" if self._labels else "every expected value is the same"
            return f"{what}: {_scalar(self._first[0])!r}"
        if not self._labels and self._zeros_would_fail <= allowed and self._tolerance.min_sqnr is None:
            return "an output of zeros would have passed: the expected values are within the tolerance of zero"
        if self._samples > 1 and len(self._digests) == 1:
            return f"all {self._samples} samples have the same expected output"
        return None


def compare(actual: object, expected: Array, tolerance: Tolerance) -> Metrics:
    """Compare one sample."""
    accumulator = Accumulator(tolerance)
    accumulator.add(actual, expected)
    return accumulator.result()


def is_label(dtype: np.dtype[Any], tolerance: Tolerance) -> bool:
    """Whether values of this dtype are equal or not, rather than near or far."""
    return dtype.kind in "bU" or (dtype.kind in "iu" and tolerance.atol < 1)


def _plain(array: Array) -> Array:
    # ONNX Runtime returns string tensors as objects.
    return array.astype(np.str_) if array.dtype.kind in "OST" else array


def _difference_in_kind(actual: Array, expected: Array) -> str | None:
    if _dtype(actual) != _dtype(expected):
        return f"its dtype is {_dtype(actual)}, the original's is {_dtype(expected)}"
    if actual.dtype.kind not in "biufU":
        return f"its dtype {_dtype(actual)} cannot be compared"
    if actual.shape != expected.shape:
        return f"its shape is {_shape(actual)}, the original's is {_shape(expected)}"
    return None


def _dtype(array: Array) -> str:
    return "string" if array.dtype.kind == "U" else array.dtype.name


def _shape(array: Array) -> str:
    return "[" + ", ".join(map(str, array.shape)) + "]"


def _scalar(value: Any) -> float | str:
    return str(value) if isinstance(value, np.str_) else float(value)
