"""A worker on a provider: where that lives, why it may not be had, what it is told, and the engines it builds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.cache import file_digest, key_of
from onnx_convert.environments import EnvironmentFailed
from onnx_convert.runtimes.registry import RUNTIMES, environment_of
from onnx_convert.stages import custom_ops, tensorrt
from onnx_convert.stages.export import limits_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onnx_convert.environments import Environment
    from onnx_convert.isolation import Outcome
    from onnx_convert.isolation.values import Hear
    from onnx_convert.plan import Row
    from onnx_convert.spec.model import Model
    from onnx_convert.stages.values import OnnxFile, Reference, Workplace

TENSORRT = "tensorrt"
_REPLAY = frozenset({"enable_cuda_graph", "trt_cuda_graph_enable"})
_OURS = frozenset({"trt_engine_cache_path", "trt_timing_cache_path"})


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be run where: the row's file, first of `files`, and what it is measured against, if it is.

    With `replay` the options for CUDA graphs are passed on. A graph replays what it captured, from the memory that it
    was captured with: it is for a worker that binds its inputs once.
    """

    row: Row
    provider: str
    files: tuple[OnnxFile, ...]
    reference: Reference
    replay: bool = False


def run_on(
    target: Target, worker: str, job: Mapping[str, Any], workplace: Workplace, hear: Hear | None = None
) -> Outcome | str:
    """Run a worker of an ONNX file on a provider; the reason where the provider cannot be had."""
    place = home(target.row.model, target.provider, workplace)
    if isinstance(place, str):
        return place
    whole = {
        "provider": target.provider,
        "provider_options": options(target),
        "inputs": [tensor.model_dump() for tensor in target.reference.inputs],
        **custom_ops.of_artifact(target.row, workplace),
        **job,
    }
    if target.provider != TENSORRT:
        return workplace.fence.run(place, worker, whole, limits_of(target.row), hear)
    return _with_engines(target, worker, whole, place, workplace, hear)


def home(model: Model, provider: str, workplace: Workplace) -> Environment | str:
    """The environment of a provider with what the spec adds to it, built if need be; the reason where it cannot be."""
    name = environment_of(provider)
    runtime = RUNTIMES.get(name)
    if runtime and runtime.nvidia and not workplace.environments.has(name):
        missing = workplace.devices.lacking()
        if missing:
            return f"{missing}; the {name} environment, of no use without, was not built"
    added = model.provider_requirements.get(provider)
    try:
        return workplace.environments.get(name, workplace.folder / added if added else None)
    except EnvironmentFailed as failed:
        return failed.diagnostic.message


def options(target: Target) -> dict[str, Any]:
    """The spec's options of a provider, less those that are not for this worker, and folders, which the tool gives."""
    given = target.row.model.provider_options.get(target.provider, {})
    without = _OURS if target.replay else _OURS | _REPLAY
    return {name: value for name, value in given.items() if name not in without}


def _with_engines(
    target: Target,
    worker: str,
    job: Mapping[str, Any],
    place: Environment,
    workplace: Workplace,
    hear: Hear | None,
) -> Outcome:
    """Run a worker with the engines that were built before, and keep what it builds."""
    sizes = [case.dims for case in target.reference.cases]
    told = tensorrt.profiles(target.files[0].facts.inputs, target.reference.inputs, sizes)
    told = tensorrt.merged(job["provider_options"], told)
    cache = workplace.devices.engines
    key = _key(target, job["provider_options"] | told, place, workplace) if cache else ""
    kept = cache.find(key) if cache else None
    whole = {**job, "profiles": told, "engines": str(kept) if kept else None}
    outcome = workplace.fence.run(place, worker, whole, limits_of(target.row), hear)
    if cache:
        cache.keep(key, outcome.folder / "out" / "engines")
    return outcome


def _key(target: Target, given: Mapping[str, Any], place: Environment, workplace: Workplace) -> str:
    """What engines are built of. Digests of the files come first: a model's engines are its own."""
    library = custom_ops.of_artifact(target.row, workplace).get("library")
    return key_of(
        {
            "files": [file_digest(path) for file in target.files for path in (file.path, *file.data)],
            "library": file_digest(Path(library)) if library else None,
            "options": {name: value for name, value in given.items() if name not in _REPLAY},
            "environment": place.digest,
            "gpus": [[gpu.name, gpu.driver, gpu.compute_capability] for gpu in workplace.devices.gpus],
        }
    )
