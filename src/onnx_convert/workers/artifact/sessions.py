"""The session an artifact runs in: ONNX Runtime for most providers, OpenVINO, or onnx's own evaluator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.runtimes.interface import LibraryRefused, Refused
from onnx_convert.workers.artifact import engines
from onnx_convert.workers.original import callables
from onnx_convert.workers.original.failures import guarded
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from types import ModuleType

    from onnx_convert.runtimes.interface import Session
    from onnx_convert.workers.protocol import Job

REFERENCE = "reference"
"""The provider of what onnx's evaluator runs: a model with operators that exist in Python only."""

UNNAMED = "dynamic shape inputs with associated profiles"
"""What ONNX Runtime says of profiles that do not name every dynamic input."""


def load_runtime(provider: str) -> ModuleType:
    """Import the module of a provider's runtime, so that opening a model does not wait for it."""
    return import_module(_RUNTIMES.get(provider, _USUAL).module)


def open_model(
    job: Job,
    model: Path | bytes,
    provider: str,
    *,
    options: Mapping[str, Any],
    optimise: bool = True,
    profile: Path | None = None,
) -> Session:
    """Load a model on `provider` with the job's `threads` and its `library` or `reference` operators, if it has any.

    With `profile` ONNX Runtime records what each kernel takes.

    Raises Unavailable, Refused, and WorkerError OCA393 or OCA394 for operators that cannot be loaded.
    """
    asked = _Asked(model, provider, options, optimise, Path(job["library"]) if job.get("library") else None, profile)
    return _RUNTIMES.get(provider, _USUAL).open(load_runtime(provider), job, asked)


@dataclass(frozen=True)
class _Asked:
    model: Path | bytes
    provider: str
    options: Mapping[str, Any]
    optimise: bool
    library: Path | None
    profile: Path | None


@dataclass(frozen=True)
class _Runtime:
    module: str
    open: Callable[[Any, Job, _Asked], Session]


def _open_onnxruntime(runtime: Any, job: Job, asked: _Asked) -> Session:
    try:
        session: Session = runtime.open_session(
            asked.model,
            asked.provider,
            options=asked.options,
            threads=job.get("threads", 1),
            optimise=asked.optimise,
            library=asked.library,
            profile=asked.profile,
        )
    except LibraryRefused as refused:
        raise WorkerError("OCA393", str(refused)) from refused
    return session


def _open_tensorrt(runtime: Any, job: Job, asked: _Asked) -> Session:
    """Open with the job's engines, and with its `profiles` unless they leave something out.

    Of a graph of which TensorRT takes parts, the inputs of every part would have to be named, and nobody knows them
    (https://github.com/microsoft/onnxruntime/pull/17007): then ONNX Runtime goes by the shapes it sees.
    """
    asked = replace(asked, options={**engines.options(job), **asked.options})
    profiles = job.get("profiles") or {}
    if not profiles:
        return _open_onnxruntime(runtime, job, asked)
    try:
        return _open_onnxruntime(runtime, job, replace(asked, options={**asked.options, **profiles}))
    except Refused as refused:
        if UNNAMED not in str(refused):
            raise
    if not any(note["code"] == "OCA611" for note in job.notes):
        job.note(
            "OCA611", "TensorRT takes the model in parts, whose shapes `dims` does not tell: it goes by what it sees"
        )
    return _open_onnxruntime(runtime, job, asked)


def _open_openvino(runtime: Any, job: Job, asked: _Asked) -> Session:
    try:
        session: Session = runtime.open_session(asked.model, options=asked.options, threads=job.get("threads", 1))
    except Refused as refused:
        alone = f"; the operators in {asked.library.name} are for ONNX Runtime alone" if asked.library else ""
        raise Refused(f"{refused}{alone}") from refused
    return session


def _open_reference(runtime: Any, job: Job, asked: _Asked) -> Session:
    session: Session = runtime.ReferenceSession(asked.model, _operators(job))
    return session


_USUAL = _Runtime("onnx_convert.runtimes.onnxruntime", _open_onnxruntime)
_RUNTIMES = {
    "tensorrt": _Runtime("onnx_convert.runtimes.onnxruntime", _open_tensorrt),
    REFERENCE: _Runtime("onnx_convert.runtimes.reference", _open_reference),
    "openvino-runtime": _Runtime("onnx_convert.runtimes.openvino.session", _open_openvino),
}


def _operators(job: Job) -> list[type[Any]]:
    """The classes that the job's `reference` names: a list or a dict of them, or one."""
    from onnx.reference.op_run import OpRun

    path, symbol = Path(job["reference"]["path"]), job["reference"]["symbol"]
    repository = Path(job["repository"])
    with guarded("OCA394", f"loading {path.name}", repository):
        found: Any = getattr(callables.import_shared(path, repository), symbol, None)
    named = found.values() if isinstance(found, Mapping) else found if isinstance(found, list | tuple) else [found]
    classes: list[Any] = list(named)
    wrong = next((each for each in classes if not (isinstance(each, type) and issubclass(each, OpRun))), None)
    if wrong is not None or not classes:
        what = "nothing" if not classes else f"{wrong!r}"[:200]
        raise WorkerError(
            "OCA394", f"`{symbol}` of {path.name} holds {what}, not classes of onnx.reference.op_run.OpRun"
        )
    return classes
