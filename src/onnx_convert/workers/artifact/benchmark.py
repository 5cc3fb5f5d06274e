"""Measure an ONNX model on one provider, in a process that does nothing else."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.runtimes.interface import Refused, Unavailable
from onnx_convert.workers import timing
from onnx_convert.workers.artifact.cases import Case, feeds
from onnx_convert.workers.artifact.sessions import load_runtime, open_model
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from onnx_convert.workers.protocol import Job


def main(job: Job) -> dict[str, Any]:
    """Load `model` on `provider` and time it on the inputs in the folder `case`.

    Returns a measurement (see docs/architecture.md) with `status` "measured", or {"status": "unavailable", "reason"}.
    Raises WorkerError OCA602 where the provider is there and refuses the model.
    """
    job.phase("load")
    load_runtime(job["provider"])
    declared = [tensor["name"] for tensor in job["inputs"]]
    case = Case(0, {}, 0, Path(job["case"]))
    started = time.perf_counter_ns()
    try:
        session = open_model(job, Path(job["model"]), job["provider"], options=job.get("provider_options") or {})
        load_ms = (time.perf_counter_ns() - started) / 1e6
        call = session.bind(feeds(case, declared, session.inputs))
        job.phase("measure")
        found = timing.measure(call, seconds=job["seconds"], clock=session.clock)
    except Unavailable as unavailable:
        return {"status": "unavailable", "reason": str(unavailable)}
    except Refused as refused:
        raise WorkerError("OCA602", f"{job['provider']}: {refused}") from refused
    return {
        "status": "measured",
        **found,
        "load_ms": load_ms,
        "threads": job["threads"],
        "effective": session.effective(),
        "versions": dict(session.versions),
    }
