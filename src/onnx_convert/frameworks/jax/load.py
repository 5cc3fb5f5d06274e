"""From a job's source to a `Source` of JAX."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.frameworks.jax import failures, precision, program, weights
from onnx_convert.frameworks.jax.model import ProgramSource
from onnx_convert.workers.original import callables
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from onnx_convert.workers.original.source import Source
    from onnx_convert.workers.protocol import Job


def load(job: Job) -> Source:
    """The source of a job. Raises WorkerError of OCA2xx for what is not a model of JAX."""
    path, symbol = Path(job["source"]["path"]), job["source"]["symbol"]
    if not symbol:
        message = f"{path.name} has no `:callable`; JAX has no file that is a model"
        raise WorkerError("OCA204", message, "give `file.py:callable`")
    if job["kind"] == "native":
        # XLA sizes its pool of threads by this when the first array is made, which the source's file may do.
        os.environ["NPROC"] = str(job["threads"])
    double = precision.configure(job)
    args = job.get("args") or {}

    def ready(value: object) -> bool:
        return program.is_model(value) or (not args and program.takes_inputs(value))

    with failures.recognised("the source", job):
        made = callables.build(path, symbol, args, ready)
        loaded = program.from_returned(made, symbol)
    if job.get("weights"):
        params = weights.load_into(loaded.params, Path(job["weights"]), loaded.kind)
        loaded = dataclasses.replace(loaded, params=params)
    return ProgramSource(loaded, job, double=double)
