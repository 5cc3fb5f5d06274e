"""Which packages an import failed between: the one that imports, and the one that is not as it expects."""

from __future__ import annotations

import traceback
from importlib import metadata


def packages(error: BaseException) -> list[str]:
    """Both packages with their versions, `["onnx 1.23.2", "protobuf 3.20.3"]`, the importing one first.

    They are the owners of the module that lacks a name and of the innermost code that asked for it. Empty for other
    failures: a module that is not there at all, or that is missing something of its own package.
    """
    module = _lacking(error)
    lacking = metadata.packages_distributions().get(module.partition(".")[0], []) if module else []
    asking = [owner for owner in _owners(error) if owner not in lacking][-1:]
    found = [*asking, *dict.fromkeys(lacking)]
    return [f"{name} {metadata.version(name)}" for name in found] if asking and lacking else []


def _lacking(error: BaseException) -> str | None:
    """The module that is there but lacks a name."""
    if isinstance(error, ImportError):
        return None if isinstance(error, ModuleNotFoundError) else error.name
    return getattr(error.obj, "__name__", None) if isinstance(error, AttributeError) else None


def _owners(error: BaseException) -> list[str]:
    """The distributions of the traceback's files, the innermost last."""
    files = {
        str(each.locate_file(file)): each.metadata["Name"]
        for each in metadata.distributions()
        for file in each.files or ()
        if file.suffix == ".py"
    }
    frames = (frame.filename for frame in traceback.extract_tb(error.__traceback__))
    return [files[name] for name in frames if name in files]
