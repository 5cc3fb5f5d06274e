"""Name: external data is called after the model, as it will lie beside it in the output folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from onnx_convert.isolation.hostile import HostileFileError, take
from onnx_convert.stages.export import limits_of
from onnx_convert.stages.values import Finding, OnnxFile

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.plan import Row
    from onnx_convert.stages.values import Workplace


def name(row: Row, file: OnnxFile, workplace: Workplace, folder: Path) -> tuple[OnnxFile, tuple[Finding, ...]]:
    """The file with its data called NAME.onnx.data. One without external data is as it should be."""
    if not file.data:
        return file, ()
    (data,) = file.data
    named = folder / "named"
    named.mkdir()
    wanted = named / f"{row.key}.onnx.data"
    environment = workplace.environments.get("onnx")
    job = {"model": str(file.path), "data": wanted.name}
    outcome = workplace.fence.run(environment, "onnx_convert.workers.artifact.rename", job, limits_of(row))
    if outcome.failure:
        return file, (Finding.of(outcome.failure, gate="convert"),)
    try:
        take(outcome.folder / "out", "model.onnx", named / "model.onnx")
    except HostileFileError as error:
        return file, (Finding("OCA901", f"naming the external data: {error}", gate="convert"),)
    wanted.hardlink_to(data)
    return replace(file, path=named / "model.onnx", data=(wanted,)), ()
