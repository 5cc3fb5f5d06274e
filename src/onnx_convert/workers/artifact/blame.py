"""Which stage made the difference: the worst case, run again stage by stage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.runtimes.interface import Refused, Unavailable
from onnx_convert.workers.artifact.evaluate import add_case
from onnx_convert.workers.artifact.metrics import Accumulator, Metrics, Tolerance
from onnx_convert.workers.artifact.sessions import REFERENCE, open_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from onnx_convert.workers.artifact.cases import Case
    from onnx_convert.workers.protocol import Job


def find(job: Job, case: Case, tolerance: Callable[[str], Tolerance]) -> dict[str, Any] | None:
    """Return the first stage after which the results of a case are beyond the tolerance, as a `report.model.Blame`.

    Stages: `source` (the original differs from itself by more than is allowed), `export` (the exported graph run as it
    is written), `simplify` (the simplified one run as it is written), `precision` (a variant in place of its float32
    `base`), `optimise` (ONNX Runtime's optimisations, on the CPU), `provider`. None where the difference did not show
    again.
    """
    noise = float(job.get("noise") or 0.0)
    for stage, arguments in _stages(job):
        failed = [metrics for metrics in _results(job, case, tolerance, arguments) if not metrics.passed]
        if failed:
            noisy = any(noise > (metrics.detectable or 0.0) for metrics in failed) and noise > 0
            return {"stage": "source" if noisy else stage}
    return None


def _stages(job: Job) -> Iterator[tuple[str, dict[str, Any]]]:
    raw, model = job.get("raw") or job["model"], job["model"]
    if job["provider"] == REFERENCE:
        yield "export", {"model": Path(raw), "provider": REFERENCE, "options": {}}
        return
    yield "export", {"model": Path(raw), "provider": "cpu", "optimise": False, "options": {}}
    base = job.get("base") or model
    if raw != base:
        yield "simplify", {"model": Path(base), "provider": "cpu", "optimise": False, "options": {}}
    if base != model:
        yield "precision", {"model": Path(model), "provider": "cpu", "optimise": False, "options": {}}
    yield "optimise", {"model": Path(model), "provider": "cpu", "options": _options(job, "cpu")}
    if job["provider"] != "cpu":
        yield "provider", {"model": Path(model), "provider": job["provider"], "options": _options(job, job["provider"])}


def _options(job: Job, provider: str) -> dict[str, Any]:
    return dict(job.get("provider_options") or {}) if job["provider"] == provider else {}


def _results(
    job: Job, case: Case, tolerance: Callable[[str], Tolerance], arguments: dict[str, Any]
) -> Iterator[Metrics]:
    found = {tensor["name"]: Accumulator(tolerance(tensor["name"])) for tensor in job["outputs"]}
    try:
        session = open_model(job, **arguments)
        add_case(session, case, [tensor["name"] for tensor in job["inputs"]], found)
    except (Refused, Unavailable) as refused:
        for accumulator in found.values():
            accumulator.fail(str(refused))
    return (accumulator.result() for accumulator in found.values())
