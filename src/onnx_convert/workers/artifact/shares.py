"""Which provider ran each node of a model, and what share of the time it had: a few calls with a profile.

A profile slows what it watches, so this is a job of its own after the measurement.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.runtimes.interface import Refused, Unavailable
from onnx_convert.workers.artifact.cases import Case, feeds
from onnx_convert.workers.artifact.sessions import open_model
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from onnx_convert.runtimes.profile import Kernel, Node
    from onnx_convert.workers.protocol import Job

LISTED = 10_000
"""Nodes and kernels that are listed; of a graph with more, the others are counted."""

NAME_LIMIT = 200
SECONDS = 0.5
MAX_CALLS = 1000
MAX_EVENTS = 60_000
"""Kernels recorded in all calls together: one takes half a kilobyte of the profile."""


def main(job: Job) -> dict[str, Any]:
    """Run `model` on `provider` for about half a second with the inputs in the folder `case`.

    Returns `nodes` (`name`, `operator`, `provider`), `kernels` (and `calls`, `microseconds`), `left_out` of each,
    `operators` by provider, `time_share` by provider, `calls` and `versions`. Raises WorkerError OCA614.
    """
    from onnx_convert.runtimes.profile import time_share

    # Read when the first session opens the device. Without it a kernel is over, for the profile, once it is started.
    os.environ["CUDA_LAUNCH_BLOCKING"] = "1"
    job.phase("load")
    declared = [tensor["name"] for tensor in job["inputs"]]
    case = Case(0, {}, 0, Path(job["case"]))
    with tempfile.TemporaryDirectory() as folder:
        try:
            options = job.get("provider_options") or {}
            session: Any = open_model(
                job, Path(job["model"]), job["provider"], options=options, profile=Path(folder, "profile")
            )
            call = session.bind(feeds(case, declared, session.inputs))
            job.phase("measure")
            nodes: tuple[Node, ...] = session.nodes()
            calls = _repeat(call, len(nodes))
            kernels: tuple[Kernel, ...] = session.kernels(calls)
        except (Unavailable, Refused) as error:
            raise WorkerError("OCA614", f"{job['provider']}: {error}") from error
    return {
        "nodes": _listed(nodes),
        "kernels": _listed(kernels),
        "left_out": {"nodes": max(0, len(nodes) - LISTED), "kernels": max(0, len(kernels) - LISTED)},
        "operators": _operators(nodes),
        "time_share": time_share(kernels),
        "calls": calls,
        "versions": dict(session.versions),
    }


def _repeat(call: Callable[[], None], nodes: int) -> int:
    """Call until `SECONDS` are over, at least once; the calls."""
    most = min(MAX_CALLS, MAX_EVENTS // max(1, nodes))
    end = time.perf_counter() + SECONDS
    calls = 0
    while calls == 0 or (calls < most and time.perf_counter() < end):
        call()
        calls += 1
    return calls


def _listed(found: Sequence[Node] | Sequence[Kernel]) -> list[dict[str, Any]]:
    cut = (asdict(one) for one in found[:LISTED])
    return [{key: value[:NAME_LIMIT] if isinstance(value, str) else value for key, value in one.items()} for one in cut]


def _operators(nodes: Sequence[Node]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for node in nodes:
        counts.setdefault(node.provider, Counter())[node.operator[:NAME_LIMIT]] += 1
    return {provider: dict(found.most_common()) for provider, found in counts.items()}
