"""Samples on, and one float step beside, thresholds of trees: how many the artifact sends another way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from onnx_convert.runtimes.interface import Refused
from onnx_convert.workers.artifact.cases import Case, align, feeds
from onnx_convert.workers.artifact.metrics import Tolerance, is_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from onnx_convert.runtimes.interface import Session
    from onnx_convert.workers.protocol import Job

NAMED = 3
"""How many flips a finding names."""


@dataclass(frozen=True)
class _Flip:
    """A sample for which an output is another: which, and where the sample lies."""

    point: dict[str, Any]
    said: str


def problems(job: Job, session: Session, tolerance: Callable[[str], Tolerance]) -> list[dict[str, str]]:
    """OCA343 with the number of flips and the first of them by name; OCA277 where there are none; [] without samples.

    The job's `boundary` is {"folder", "batches": a list of points {"feature", "threshold", "value"} for each batch}.
    """
    given = job.get("boundary") or {}
    batches: list[list[dict[str, Any]]] = given.get("batches") or []
    if not batches:
        return []
    flips: list[_Flip] = []
    try:
        for index, points in enumerate(batches):
            case = Case(index, {}, 0, Path(given["folder"]) / f"{index:04d}")
            flips += _flips(job, session, case, points, tolerance)
    except Refused as refused:
        return [{"code": "OCA343", "message": f"the samples at thresholds could not be run: {refused}"}]
    points = [point for batch in batches for point in batch]
    thresholds = len({(point["feature"], point["threshold"]) for point in points})
    tried = f"{len(points)} samples on and one float step beside {thresholds} thresholds"
    if not flips:
        return [{"code": "OCA277", "message": f"of {tried}, none goes another way in ONNX"}]
    named = "; ".join(
        f"{flip.point['feature']} = {flip.point['value']!r} at the threshold {flip.point['threshold']!r}: {flip.said}"
        for flip in flips[:NAMED]
    )
    return [{"code": "OCA343", "message": f"of {tried}, {len(flips)} go another way in ONNX: {named}"}]


def _flips(
    job: Job,
    session: Session,
    case: Case,
    points: Sequence[dict[str, Any]],
    tolerance: Callable[[str], Tolerance],
) -> Iterator[_Flip]:
    outputs = [tensor["name"] for tensor in job["outputs"]]
    actual = session.run(feeds(case, [tensor["name"] for tensor in job["inputs"]], session.inputs))
    positions = align(session.outputs, outputs) or []
    flipped: dict[int, str] = {}
    for name, position, expected in zip(outputs, positions, case.outputs(len(outputs)), strict=False):
        for row in _rows(np.asarray(actual[position]), expected, tolerance(name)):
            said = f"{name} {_text(actual[position][row])} instead of {_text(expected[row])}"
            flipped.setdefault(row, said)
    return (_Flip(points[row], said) for row, said in sorted(flipped.items()) if row < len(points))


def _rows(actual: NDArray[Any], expected: NDArray[Any], tolerance: Tolerance) -> list[int]:
    """The rows in which an output differs by more than the tolerance."""
    if actual.shape != expected.shape:
        return list(range(len(expected)))
    if is_label(expected.dtype, tolerance):
        same = actual.astype(expected.dtype) == expected
    else:
        same = np.isclose(actual, expected, tolerance.rtol, tolerance.atol, equal_nan=True)
    return [int(row) for row in np.flatnonzero(~same.reshape(len(expected), -1).all(axis=1))]


def _text(value: Any) -> str:
    return np.array2string(np.asarray(value), precision=6, threshold=4)
