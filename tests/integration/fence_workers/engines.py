"""A worker that does with engines what TensorRT's provider does: reads what is there, adds what it builds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.workers.artifact import engines

if TYPE_CHECKING:
    from onnx_convert.workers.protocol import Job


def main(job: Job) -> dict[str, Any]:
    """Build `build` beside what an earlier job built; try to write into the cache itself."""
    folder = Path(engines.options(job)["trt_engine_cache_path"])
    found = {path.name: path.read_text() for path in folder.iterdir()}
    (folder / f"{job['build']}.engine").write_text(job["build"])
    try:
        Path(job["engines"], "poison.engine").write_text("poison")
        poisoned = True
    except (OSError, TypeError):
        poisoned = False
    return {"found": found, "poisoned": poisoned, "uid": os.getuid(), "profiles": job["profiles"]}
