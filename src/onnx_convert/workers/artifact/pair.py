"""Measure an ONNX model against another: both in one process, in turn, on the same provider and inputs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.runtimes.interface import Refused, Unavailable
from onnx_convert.workers.artifact import paired
from onnx_convert.workers.artifact.cases import Case, feeds
from onnx_convert.workers.artifact.sessions import open_model
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from onnx_convert.runtimes.interface import Session
    from onnx_convert.workers.protocol import Job


def main(job: Job) -> dict[str, Any]:
    """Time `model` against `base` on `provider` with the inputs in the folder `case`, for at most `seconds`.

    Returns `status` "measured" and the fields of `paired.Comparison`; or "unavailable" with a `reason`. Raises
    WorkerError OCA602 where the provider refuses one of them.
    """
    job.phase("load")
    declared = [tensor["name"] for tensor in job["inputs"]]
    fed = Case(0, {}, 0, Path(job["case"]))

    def open_one(path: str) -> paired.Call:
        session: Session = open_model(job, Path(path), job["provider"], options=job.get("provider_options") or {})
        return session.bind(feeds(fed, declared, session.inputs))

    try:
        model, base = open_one(job["model"]), open_one(job["base"])
        job.phase("measure")
        found = paired.measure(model, base, seconds=job["seconds"])
    except Unavailable as unavailable:
        return {"status": "unavailable", "reason": str(unavailable)}
    except Refused as refused:
        raise WorkerError("OCA602", f"{job['provider']}: {refused}") from refused
    return {
        "status": "measured",
        "verdict": "inconclusive",
        "ratio": found.ratio,
        "ci": list(found.ci),
        "pairs": found.blocks,
    }
