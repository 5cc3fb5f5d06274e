"""The command `merge`: the output folders of shards as one."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from onnx_convert.report.write import write
from onnx_convert.scale import files
from onnx_convert.scale.gather import gather
from onnx_convert.scale.refusal import RefusedError, refused, tell
from onnx_convert.scale.unite import unite

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from onnx_convert.report.model import Report
    from onnx_convert.scale.gather import Source

AROUND = 3


def merge_into(folders: Sequence[Path], out: Path) -> Report | int:
    """Write the folder of all shards and give its report, or tell why not and give the exit code."""
    try:
        sources = gather(folders)
        _refuse_inside(sources, out)
    except RefusedError as error:
        return refused(error)
    gc.freeze()  # the reports stay until the end: no collection has to look through them while they are rendered
    try:
        files.begin(sources, out)
        found = files.place(sources, out)
        report = unite([(source.shard, source.report) for source in sources], found)
        write(report, out)
    except OSError as error:
        tell(RefusedError("OCA905", f"the output folder cannot be written: {error}").diagnostic)
        return AROUND
    return report


def _refuse_inside(sources: Sequence[Source], out: Path) -> None:
    place = out.resolve()
    for source in sources:
        written = [place / name for name in files.OF_ROWS]
        if place.is_relative_to(source.folder) or any(map(source.folder.is_relative_to, written)):
            raise RefusedError("OCA774", f"{out} cannot be written: {source.folder} is one of the shards")
