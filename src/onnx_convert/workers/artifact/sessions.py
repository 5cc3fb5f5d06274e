"""The session an artifact runs in: ONNX Runtime, or onnx's own evaluator where its operators are Python classes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.runtimes.interface import LibraryRefused
from onnx_convert.workers.original import callables
from onnx_convert.workers.original.failures import guarded
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from onnx_convert.runtimes.interface import Session
    from onnx_convert.workers.protocol import Job

REFERENCE = "reference"
"""The provider of what onnx's evaluator runs: a model with operators that exist in Python only."""


def open_model(
    job: Job, model: Path | bytes, provider: str, *, options: Mapping[str, Any], optimise: bool = True
) -> Session:
    """Load a model on `provider` with the job's `threads` and its `library` or `reference` operators, if it has any.

    Raises Unavailable, Refused, and WorkerError OCA393 or OCA394 for operators that cannot be loaded.
    """
    if provider == REFERENCE:
        from onnx_convert.runtimes.reference import ReferenceSession

        return ReferenceSession(model, _operators(job))
    from onnx_convert.runtimes.onnxruntime import open_session

    library = Path(job["library"]) if job.get("library") else None
    try:
        return open_session(
            model, provider, options=options, threads=job.get("threads", 1), optimise=optimise, library=library
        )
    except LibraryRefused as refused:
        raise WorkerError("OCA393", str(refused)) from refused


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
