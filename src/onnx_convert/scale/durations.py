"""How long models take: as long as they took before, else what is usual, else what the spec lets one expect."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from onnx_convert.report.write import ReportError, read
from onnx_convert.scale.device import is_gpu

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from onnx_convert.cache.store import Took
    from onnx_convert.plan import Row
    from onnx_convert.report.model import ModelReport, Report
    from onnx_convert.scale.device import Device

_ROW_SECONDS = 4.0
"""What a small model takes but for measuring: six of them took 26 s (docs/performance.md)."""
_BYTES_PER_SECOND = 10e6
"""A guess that makes a large file weigh more than a small one; where anything is known it is not used."""
_DONE = frozenset({"passed", "failed"})


@dataclass(frozen=True, slots=True)
class Durations:
    """Seconds of rows by their key, on a CPU leg and on a GPU one; `cpu` knows all that was not done on a GPU alone."""

    cpu: Mapping[str, float]
    gpu: Mapping[str, float]

    @classmethod
    def of(cls, reports: Iterable[Report], kept: Iterable[Took] = ()) -> Durations:
        """What reports say, the latest first, and of other rows what cached ones say, the first of each name.

        A row that was not done to its end says nothing.
        """
        found: dict[Device, dict[str, float]] = {"cpu": {}, "gpu": {}}
        for report in sorted(reports, key=lambda one: (one.started, one.seconds), reverse=True):
            shard = report.shard
            alone = shard is not None and bool(shard.providers) and all(map(is_gpu, shard.providers))
            _add(found["gpu" if alone else "cpu"], report.models)
        _add(found["cpu"], kept)
        return cls(found["cpu"], found["gpu"])

    def on(self, device: Device) -> Mapping[str, float]:
        """By key, what rows took on a device; of those that were not done there, what they took on the other."""
        return {**self.gpu, **self.cpu} if device == "cpu" else {**self.cpu, **self.gpu}


def _add(known: dict[str, float], rows: Iterable[ModelReport | Took]) -> None:
    for row in rows:
        if row.status in _DONE and 0 < row.seconds < 1e6:
            known.setdefault(row.name, row.seconds)


def reports_in(paths: Iterable[Path]) -> Iterator[Report | str]:
    """The reports in files, output folders and folders of those, each after its path's order; or why one is none."""
    for path in paths:
        files = [path] if not path.is_dir() else sorted((*path.glob("report.json"), *path.glob("*/report.json")))
        if not files:
            yield f"{path} has no report.json"
        for file in files:
            try:
                yield read(file)
            except ReportError as error:
                yield str(error)


def seconds_of(rows: Sequence[Row], known: Mapping[str, float]) -> dict[str, float]:
    """What each row is expected to take, by its key.

    What it took; else the median of the model's other rows, of its framework's, of all; else an estimate by the spec.
    """
    taken = [(row, known[row.key]) for row in rows if row.key in known]

    def usual(row: Row) -> float:
        alike = (
            [took for other, took in taken if other.name == row.name],
            [took for other, took in taken if other.framework_name == row.framework_name],
            [took for _, took in taken],
        )
        return next((median(found) for found in alike if found), estimate(row))

    return {row.key: known[row.key] if row.key in known else usual(row) for row in rows}


def estimate(row: Row) -> float:
    """Seconds by the spec alone: its measuring time on each provider and natively, and the size of its files."""
    benchmark = row.model.benchmark
    measuring = benchmark.seconds * (len(benchmark.providers) + 1) if benchmark else 0.0
    return _ROW_SECONDS + measuring + _size(row) / _BYTES_PER_SECOND


def _size(row: Row) -> int:
    path = row.source.path
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)
