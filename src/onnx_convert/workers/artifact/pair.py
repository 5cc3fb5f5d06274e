"""Measure an ONNX model against another: both in one process, in turn, on the same provider and inputs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from onnx_convert.runtimes.interface import Refused, Unavailable
from onnx_convert.workers.artifact import paired
from onnx_convert.workers.artifact.cases import Case, feeds
from onnx_convert.workers.artifact.sessions import open_model
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from onnx_convert.workers.protocol import Job


def main(job: Job) -> dict[str, Any]:
    """Time `model` against `base` on `provider` with the inputs in the folder `case`.

    That takes about `seconds`, up to three times as long while the answer is open; `limit` is the change, as a
    fraction, that matters, `confidence` that of the interval that decides. Returns `status` "measured", the time of the
    model over that of the base, and both models' own figures; or "unavailable" with a `reason`. Raises WorkerError
    OCA602 where the provider refuses one of them.
    """
    job.phase("load")
    declared = [tensor["name"] for tensor in job["inputs"]]
    fed = Case(0, {}, 0, Path(job["case"]))

    def opener(path: str) -> paired.Open:
        def open_one() -> paired.Call:
            session = open_model(job, Path(path), job["provider"], options=job.get("provider_options") or {})
            return session.bind(feeds(fed, declared, session.inputs))

        return open_one

    try:
        job.phase("measure")
        found = paired.measure(
            opener(job["model"]),
            opener(job["base"]),
            seconds=job["seconds"],
            rule=paired.Rule(job["limit"], job["confidence"]),
            seed=job["seed"],
            watch=lambda sofar: job.progress({**_ratio(sofar), **_medians(sofar)}),
        )
    except Unavailable as unavailable:
        return {"status": "unavailable", "reason": str(unavailable)}
    except Refused as refused:
        raise WorkerError("OCA602", f"{job['provider']}: {refused}") from refused
    spread = np.exp(np.quantile(found.logs, np.linspace(0, 1, 101)))
    return {
        "status": "measured",
        **_ratio(found),
        "detectable": _finite(found.found.detectable),
        "spread": [float(value) for value in spread],
        "model": found.first.summary(),
        "base": found.second.summary(),
    }


def _ratio(found: paired.Measured) -> dict[str, Any]:
    low, high = (math.exp(bound) for bound in found.found.shown)
    return {
        "verdict": found.verdict,
        "ratio": math.exp(found.found.log),
        "ci": [low, high] if low > 0 and high < math.inf else None,
        "seconds": found.seconds,
        "epochs": found.epochs,
        "pairs": found.pairs,
    }


def _medians(found: paired.Measured) -> dict[str, float]:
    """Of both models' single timings, in milliseconds."""
    return {name: float(np.median(one.kept)) / 1e6 for name, one in (("model", found.first), ("base", found.second))}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
