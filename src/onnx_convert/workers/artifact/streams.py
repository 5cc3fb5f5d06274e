"""Statistics of a stream of elements, in constant memory: sums, order statistics, digests, the largest few.

Depends on numpy alone, 1.23 or newer.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 18
"""Elements taken at a time: the temporaries stay in cache and memory does not grow with the tensor."""

_BINS_PER_OCTAVE = 64

Array = NDArray[Any]
Floats = NDArray[np.float64]


@dataclass
class Sums:
    """Running sums over the elements that are finite on both sides."""

    finite: int = 0
    error: float = 0.0
    error_squared: float = 0.0
    actual_squared: float = 0.0
    expected_squared: float = 0.0
    product: float = 0.0
    max_abs: float = 0.0
    max_rel: float = 0.0

    def add(self, actual: Floats, expected: Floats, error: Floats) -> None:
        """Add elements, all finite."""
        self.finite += error.size
        if not error.size:
            return
        self.error += float(error.sum())
        self.error_squared += float(error @ error)
        self.actual_squared += float(actual @ actual)
        self.expected_squared += float(expected @ expected)
        self.product += float(actual @ expected)
        self.max_abs = max(self.max_abs, float(error.max()))
        magnitude = np.abs(expected)
        nonzero = magnitude > 0
        if nonzero.any():
            self.max_rel = max(self.max_rel, float((error[nonzero] / magnitude[nonzero]).max()))

    def cosine(self) -> float | None:
        """Cosine of the angle between both, as vectors; None where one of them has no direction."""
        norm = math.sqrt(self.actual_squared) * math.sqrt(self.expected_squared)
        if norm == 0 or not math.isfinite(norm) or not math.isfinite(self.product):
            return None
        return min(1.0, max(-1.0, self.product / norm))

    def sqnr_db(self) -> float | None:
        """Signal to quantisation noise, 10 log10(sum b^2 / sum (a - b)^2) in dB; infinite when equal."""
        if not self.finite or not math.isfinite(self.expected_squared) or not math.isfinite(self.error_squared):
            return None
        if self.error_squared == 0:
            return math.inf
        if self.expected_squared == 0:
            return -math.inf
        return 10 * (math.log10(self.expected_squared) - math.log10(self.error_squared))


@dataclass
class Thresholds:
    """The order statistics of `atol + rtol * |b|`: the minimum exactly, the rest to 1.1 % from a log histogram."""

    smallest: float = math.inf
    bins: dict[int, int] = field(default_factory=dict)

    def add(self, thresholds: Floats, *, histogram: bool) -> None:
        """Add elements; the histogram is only needed where some elements may disagree."""
        if not thresholds.size:
            return
        self.smallest = min(self.smallest, float(thresholds.min()))
        if histogram:
            tiny = np.finfo(np.float64).tiny
            octaves = np.ceil(np.log2(np.maximum(thresholds, tiny)) * _BINS_PER_OCTAVE).astype(np.int64)
            for octave, count in zip(*np.unique(octaves, return_counts=True), strict=True):
                self.bins[int(octave)] = self.bins.get(int(octave), 0) + int(count)

    def detectable(self, allowed: int) -> float | None:
        """Find the smallest error that, made in every element, is too large in more than `allowed` of them."""
        if allowed == 0:
            return self.smallest if math.isfinite(self.smallest) else None
        seen = 0
        for octave in sorted(self.bins):
            seen += self.bins[octave]
            if seen > allowed:
                return float(2.0 ** (octave / _BINS_PER_OCTAVE))
        return None


def digest(array: Array) -> bytes:
    """Digest shape and contents, chunk by chunk; the width of a string array is no content."""
    found = hashlib.blake2b(repr(array.shape).encode(), digest_size=16)
    flat = array.ravel()
    for start in range(0, array.size, CHUNK):
        chunk = flat[start : start + CHUNK]
        text = chunk.dtype.kind == "U"
        found.update("\0".join(chunk.tolist()).encode("utf-8", "surrogatepass") if text else chunk.tobytes())
    return found.digest()


def largest(values: Floats, count: int) -> NDArray[np.intp]:
    """Return the positions of the largest values above zero, at most `count`, the first of equals."""
    positive = np.flatnonzero(values > 0)
    if positive.size > count:
        found = values[positive]
        bound = np.partition(found, -count)[-count]
        above, equal = positive[found > bound], positive[found == bound]
        positive = np.concatenate([above, equal[: count - above.size]])
    return positive
