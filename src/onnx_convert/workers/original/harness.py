"""The job of a framework's worker: load, make reference outputs case by case, export; or measure natively.

A framework gives `load(job)`, which returns a `Source`; everything that is the same for all of them is here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from onnx_convert.workers.original import custom_ops, dims, inputs, outputs
from onnx_convert.workers.original.failures import describe, guarded
from onnx_convert.workers.original.samples import Samples
from onnx_convert.workers.original.source import ExportRequest
from onnx_convert.workers.protocol import Job, WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from onnx_convert.workers.original.custom_ops import CustomOps
    from onnx_convert.workers.original.source import Array, Source, TensorInfo

BOUNDARIES = 64
"""At how many thresholds of trees samples are made: on it and a float step to either side."""

_LOADING = "loading the source"
_OUT_OF_RANGE = ("index out of range", "out of bounds", "IndexError", "out of range")


def main_for(load: Callable[[Job], Source]) -> Callable[[Job], dict[str, Any]]:
    """The worker's `main` for a framework that loads its sources with `load`."""

    def main(job: Job) -> dict[str, Any]:
        job.phase("load")
        started = time.perf_counter()
        custom = custom_ops.register(job)
        with guarded("OCA200", _LOADING, Path(job["repository"])):
            source = load(job)
        load_ms = (time.perf_counter() - started) * 1e3
        plan = make_plan(job, source)
        if job["kind"] == "native":
            return _measure(job, source, plan, load_ms)
        result = _export(job, source, plan, custom)
        result["seconds"]["load"] = load_ms / 1e3
        return result

    return main


@dataclass(frozen=True)
class Plan:
    """Which inputs, at which sizes, how often."""

    inputs: tuple[TensorInfo, ...]
    sizes: dims.Sizes
    samples: Samples
    repeats: int

    @property
    def combinations(self) -> list[dict[str, int]]:
        """Every combination of sizes, the one that is benchmarked first."""
        return dims.combinations(self.sizes)


def make_plan(job: Job, source: Source) -> Plan:
    """The plan of a job: the spec's word first, the model's for what it leaves open."""
    given = job.get("inputs") or {}
    tensors = inputs.resolve(given, source.signature(), source.guess())
    with guarded("OCA211", "checking the inputs", Path(job["repository"])):
        source.accept(tensors)
    sizes = dims.choose(tensors, job.get("dims") or {}, source.sizes())
    return Plan(tensors, sizes, Samples(tensors, given, job.get("seed", 0)), job.get("samples", 1))


def _export(job: Job, source: Source, plan: Plan, custom: CustomOps) -> dict[str, Any]:
    job.phase("reference")
    started = time.perf_counter()
    reference = _Reference(job, source, plan)
    cases = reference.cases()
    boundary = reference.boundary()
    referenced = time.perf_counter() - started
    job.phase("export")
    trace = dims.largest(plan.sizes)
    request = ExportRequest(
        path=job.out / "model.onnx",
        opset=job["opset"],
        exporter=job["exporter"],
        options=job.get("export_options") or {},
        example=plan.samples.case(0, trace, 0),
        inputs=plan.inputs,
        outputs=reference.tensors(),
        dims=plan.sizes,
        custom=custom,
    )
    started = time.perf_counter()
    with guarded("OCA300", f"the exporter `{request.exporter}`", Path(job["repository"])):
        source.export(request)
    exported = time.perf_counter() - started
    if not request.path.is_file():
        raise WorkerError("OCA300", f"the exporter `{request.exporter}` ended without an error and wrote no model")
    return {
        "versions": source.versions,
        "inputs": [tensor.json() for tensor in request.inputs],
        "outputs": [tensor.json() for tensor in request.outputs],
        "cases": cases,
        "boundary": boundary,
        "dims": {name: list(sizes) for name, sizes in plan.sizes.items()},
        "trace": trace,
        "exporter": request.exporter,
        "noise": reference.noise,
        "seconds": {"reference": referenced, "export": exported},
    }


class _Reference:
    """Runs the model on every case and keeps the arrays in files, one case in memory at a time."""

    def __init__(self, job: Job, source: Source, plan: Plan) -> None:
        self._job, self._source, self._plan = job, source, plan
        self._repository = Path(job["repository"])
        self._observed: outputs.Observed | None = None
        self._names: tuple[str, ...] = ()
        self._nonfinite: set[str] = set()
        self.noise = 0.0

    def cases(self) -> list[dict[str, Any]]:
        """Run all cases and return their list; with `reference` false, one a combination and nothing kept."""
        keep = self._job.get("reference", True)
        repeats = self._plan.repeats if keep else 1
        cases: list[dict[str, Any]] = []
        for sizes in self._plan.combinations:
            for sample in range(repeats):
                self._one(len(cases), sizes, sample, keep=keep)
                cases.append({"dims": sizes, "sample": sample})
        self._probe()
        self._tell_nonfinite()
        return cases if keep else []

    def boundary(self) -> list[list[dict[str, Any]]]:
        """Run the samples at thresholds that the source offers, if any, and return what they are."""
        offer = getattr(self._source, "boundary", None)
        if offer is None or not self._job.get("reference", True):
            return []
        example = self._plan.samples.case(0, self._plan.combinations[0], 0)
        batches = offer(example, BOUNDARIES)
        for index, batch in enumerate(batches):
            folder = self._job.out / "boundary" / f"{index:04d}"
            folder.mkdir(parents=True)
            found = run(self._source, self._plan, dict(batch.inputs), {}, self._repository)
            _save(folder, "in", list(batch.inputs.values()))
            _save(folder, "out", list(found.values()))
        return [[dict(point) for point in batch.points] for batch in batches]

    def tensors(self) -> tuple[TensorInfo, ...]:
        """The outputs as they were seen."""
        assert self._observed is not None
        return self._observed.tensors()

    def _one(self, index: int, sizes: dict[str, int], sample: int, *, keep: bool) -> None:
        arrays = self._plan.samples.case(index, sizes, sample)
        folder = self._job.out / "cases" / f"{index:04d}"
        if keep:
            folder.mkdir(parents=True)
            _save(folder, "in", list(arrays.values()))
        results = self._run(arrays, sizes)
        if index == 0:
            self._check_noise(arrays, sizes, results)
        if keep:
            _save(folder, "out", results)

    def _run(self, arrays: dict[str, Array], sizes: dict[str, int]) -> list[Array]:
        own = run(self._source, self._plan, arrays, sizes, self._repository)
        if self._observed is None:
            self._names = outputs.names(own, self._job.get("outputs"), self._plan.inputs)
            self._observed = outputs.Observed(self._names)
        if len(own) != len(self._names):
            raise WorkerError("OCA218", f"the number of outputs changes: {len(self._names)}, then {len(own)}")
        results = list(own.values())
        self._observed.add(sizes, results)
        for name, array in zip(self._names, results, strict=True):
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                self._nonfinite.add(name)
        return results

    def _check_noise(self, arrays: dict[str, Array], sizes: dict[str, int], first: Sequence[Array]) -> None:
        self.noise = outputs.difference(first, self._run(arrays, sizes))
        if self.noise > 0:
            message = f"two runs of the model on the same inputs differ by up to {self.noise:.3g}"
            # Only frameworks that can tell have this method.
            explain = getattr(self._source, "explain_noise", None)
            why = explain(arrays) if explain else None
            self._job.note("OCA220", f"{message}: {why}" if why else message)

    def _probe(self) -> None:
        sizes = dims.probe(self._plan.sizes)
        if sizes is None:
            return
        try:
            self._run(self._plan.samples.case(0, sizes, 0), sizes)
        except WorkerError:
            return  # nobody promised that the model takes sizes other than those asked for

    def _tell_nonfinite(self) -> None:
        if self._nonfinite:
            names = ", ".join(f"`{name}`" for name in sorted(self._nonfinite))
            self._job.note("OCA224", f"the model itself returns NaN or infinity in {names}")


def run(
    source: Source, plan: Plan, arrays: dict[str, Array], sizes: dict[str, int], repository: Path
) -> dict[str, Array]:
    """The model's outputs. Raises WorkerError OCA215 where random integers were probably invalid, else OCA214."""
    at = ", ".join(f"{name} {size}" for name, size in sizes.items())
    doing = "the model" + (f" at {at}" if at else "")
    try:
        with guarded("OCA214", doing, repository):
            return source.run(arrays)
    except WorkerError as error:
        cause = error.__cause__
        random = plan.samples.random_integers
        if cause is None or not random or not any(sign in describe(cause, repository) for sign in _OUT_OF_RANGE):
            raise
        names = ", ".join(f"`{name}`" for name in random)
        raise WorkerError("OCA215", f"{error.message}; the random integers of {names} may not be valid") from cause


def _measure(job: Job, source: Source, plan: Plan, load_ms: float) -> dict[str, Any]:
    from onnx_convert.workers.timing import measure

    sizes = plan.combinations[0]
    arrays = plan.samples.case(0, sizes, 0)
    run(source, plan, arrays, sizes, Path(job["repository"]))
    job.phase("measure")
    call = source.bind(arrays, job["threads"])
    with guarded("OCA214", "the model", Path(job["repository"])):
        measured = measure(call, seconds=job["seconds"])
    return {**measured, "load_ms": load_ms, "threads": job["threads"], "dims": sizes, "versions": source.versions}


def _save(folder: Path, prefix: str, arrays: Sequence[Array]) -> None:
    for position, array in enumerate(arrays):
        np.save(folder / f"{prefix}{position}.npy", array.astype(np.str_) if array.dtype.kind == "O" else array)
