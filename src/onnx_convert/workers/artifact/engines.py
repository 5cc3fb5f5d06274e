"""TensorRT's engines in a job: those of an earlier one as a start, and what is built beside them left in out/."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from onnx_convert.workers.protocol import Job

FOLDER = "engines"


def options(job: Job) -> dict[str, Any]:
    """Options that make TensorRT build into the job's out/engines, with the job's `engines` copied there.

    They go before the caller's: whoever switches a cache off has none.
    """
    folder = job.out / FOLDER
    if not folder.is_dir():
        # A copy: TensorRT adds to what it finds, and what lies in the cache is not this worker's.
        shutil.copytree(Path(job["engines"]), folder) if job.get("engines") else folder.mkdir()
    return {
        "trt_engine_cache_enable": True,
        "trt_engine_cache_path": str(folder),
        "trt_timing_cache_enable": True,
        "trt_timing_cache_path": str(folder),
    }
