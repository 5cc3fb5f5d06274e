"""From a job's source to a `Source` of PyTorch."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from onnx_convert.frameworks.pytorch import weights
from onnx_convert.frameworks.pytorch.module import ModuleSource
from onnx_convert.frameworks.pytorch.program import ProgramSource
from onnx_convert.workers.original import callables
from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from onnx_convert.workers.original.source import Source
    from onnx_convert.workers.protocol import Job

_FORMS = "a PyTorch source is `file.py:callable`, a TorchScript file or a `.pt2` exported program"


def load(job: Job) -> Source:
    """The source of a job. Raises WorkerError of OCA2xx for what is not a model of PyTorch."""
    path, symbol = Path(job["source"]["path"]), job["source"]["symbol"]
    if path.suffix == ".pt2":
        if job.get("weights"):
            raise WorkerError("OCA206", "`weights` cannot be loaded into an exported program, it holds its own")
        return ProgramSource(_program(path), job)
    model = _built(job, path, symbol) if symbol else _file(job, path)
    if job.get("weights"):
        weights.load_into(model, Path(job["weights"]), job)
    return ModuleSource(model, job)


def _built(job: Job, path: Path, symbol: str) -> Any:
    made = callables.build(path, symbol, job.get("args") or {}, lambda value: isinstance(value, torch.nn.Module))
    if not isinstance(made, torch.nn.Module):
        message = f"`{symbol}` returned {_article(made)}, not an nn.Module"
        raise WorkerError("OCA203", message, "return the module itself; an instance of it, not the class")
    return made


def _file(job: Job, path: Path) -> Any:
    if is_torchscript(path):
        return _opened(path, "a TorchScript file", lambda: torch.jit.load(str(path), map_location="cpu"))
    if not zipfile.is_zipfile(path):
        raise WorkerError("OCA204", f"{path.name} is not a file that PyTorch wrote", _FORMS)
    if not job.get("trust"):
        raise WorkerError("OCA205", f"{path.name} is a pickle; loading it runs code that it holds")
    made = _opened(
        path,
        "a pickled module",
        # The spec's `trust` allows exactly this: the pickle of a whole module runs code.
        lambda: torch.load(path, map_location="cpu", weights_only=False),
    )
    if isinstance(made, torch.nn.Module):
        return made
    hint = 'give `source = "file.py:callable"` for the module and this file as `weights`'
    raise WorkerError("OCA203", f"{path.name} holds {_article(made)}, not an nn.Module", hint)


def is_torchscript(path: Path) -> bool:
    """Whether a file is what `torch.jit.save` writes: a zip with a `code/` folder and `constants.pkl`."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        parts = {tuple(name.split("/")[1:2]) for name in archive.namelist()}
    return ("code",) in parts and ("constants.pkl",) in parts


def _program(path: Path) -> Any:
    return _opened(path, "an exported program", lambda: torch.export.load(path))


def _opened(path: Path, kind: str, open_: Any) -> Any:
    try:
        return open_()
    except (MemoryError, ModuleNotFoundError):
        raise
    except Exception as error:
        message = f"{path.name} cannot be loaded as {kind}: {type(error).__name__}: {shorten(str(error))}"
        hint = f"it may be damaged or from another PyTorch; this one is {torch.__version__}"
        raise WorkerError("OCA204", message, hint) from error


def _article(value: object) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return "None" if value is None else f"an object of type {type(value).__name__}"
