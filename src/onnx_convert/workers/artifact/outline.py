"""What has to lie beside an ONNX file: the names of its external data, before any of it is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.workers.artifact import graphs
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from onnx_convert.workers.protocol import Job


def main(job: Job) -> dict[str, Any]:
    """Read `model` without its weights. Returns `external`: locations as they are written in it, sorted.

    Raises WorkerError OCA351 for a file that is not ONNX: nothing can be parsed, or there is no graph in it.
    """
    job.phase("load")
    model = graphs.load(Path(job["model"]))
    if not model.HasField("graph"):  # protobuf takes an empty file for a message without fields
        raise WorkerError("OCA351", "the ONNX file cannot be read: there is no graph in it")
    locations = {
        graphs.external(tensor).get("location", "") for tensor in graphs.weights(model) if graphs.is_external(tensor)
    }
    return {"external": sorted(locations)}
