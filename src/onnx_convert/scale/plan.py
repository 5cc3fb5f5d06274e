"""The command `plan`: a GitHub matrix on stdout, a table for people on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from onnx_convert.cache import ResultCache
from onnx_convert.report.numbers import duration
from onnx_convert.scale.call import MOST_LEGS
from onnx_convert.scale.durations import Durations, reports_in
from onnx_convert.scale.legs import legs, matrix
from onnx_convert.scale.refusal import RefusedError, refused, tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from onnx_convert.plan import Row
    from onnx_convert.report.model import Report
    from onnx_convert.scale.legs import Leg
    from onnx_convert.spec.load import LoadedSpec

OUTPUT_LIMIT = 2**20
"""Bytes of an output of a job in UTF-16: https://docs.github.com/en/actions/reference/workflow-syntax-for-github-actions"""
_ROWS_PER_MODEL = 8
"""Rows of the cache that are looked at for past durations, a model."""


def print_plan(
    loaded: LoadedSpec, rows: Sequence[Row], counts: tuple[int, int], durations: Sequence[Path], cache: Path
) -> int:
    """Print the matrix for rows of a spec and return the exit code; `counts` are of shards for CPUs and for GPUs.

    The spec's files are looked at for their sizes alone.
    """
    shards, gpu_shards = counts
    if shards + gpu_shards > MOST_LEGS:
        asked = f"{shards + gpu_shards} shards were asked for"
        return refused(RefusedError("OCA760", f"{asked}; a matrix of GitHub's has at most {MOST_LEGS} jobs"))
    found = legs(rows, _known(loaded, durations, cache), shards=shards, gpu_shards=gpu_shards)
    text = matrix(found)
    if (size := len(text.encode("utf-16-le"))) > OUTPUT_LIMIT:
        return refused(RefusedError("OCA761", f"the matrix takes {size:,} bytes; an output has {OUTPUT_LIMIT:,}"))
    print(text, flush=True)
    print(table(found), file=sys.stderr, flush=True)
    return 0


def _known(loaded: LoadedSpec, durations: Sequence[Path], cache: Path) -> Durations:
    reports: list[Report] = []
    for found in reports_in(durations):
        if isinstance(found, str):
            tell(RefusedError("OCA764", found).diagnostic)
        else:
            reports.append(found)
    kept = ResultCache(cache / "results").latest(most=_ROWS_PER_MODEL * len(loaded.spec.models))
    return Durations.of(reports, kept)


def table(found: Sequence[Leg]) -> str:
    """A line a leg: its shard, device, how many models it has, and what they are expected to take."""
    lines = [("shard", "device", "models", "expected")]
    lines += [(leg.shard, leg.device, str(len(leg.models)), duration(leg.seconds)) for leg in found]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
