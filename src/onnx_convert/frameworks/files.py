"""Looks into files that recognition needs: none is loaded, nothing in them is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.spec import python_file

if TYPE_CHECKING:
    from pathlib import Path


def archive_parts(path: Path) -> frozenset[str]:
    """What lies below the one folder of a PyTorch archive (`code`, `data.pkl`, ...); empty for what is no zip."""
    import zipfile  # noqa: PLC0415 - its import costs more than reading a spec, and few sources are archives

    try:
        with zipfile.ZipFile(path) as archive:
            return frozenset(part for name in archive.namelist() for part in name.split("/")[1:2])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return frozenset()


def archive_member(path: Path, name: str, limit: int) -> bytes:
    """The member of that name in a PyTorch archive's one folder; empty if it is missing or longer than the limit."""
    import zipfile  # noqa: PLC0415 - as above

    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.filename.partition("/")[2] == name and entry.file_size <= limit:
                    return archive.read(entry)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return b""
    return b""


def imports(path: Path, packages: frozenset[str]) -> str | None:
    """Which of these packages a Python file imports, as a reason: "imports torch"."""
    if path.suffix != ".py":
        return None
    try:
        found = sorted(python_file.read(path).packages & packages)
    except python_file.PythonFileError:
        return None
    return f"imports {', '.join(found)}" if found else None


def head(path: Path, size: int) -> bytes:
    """The first bytes of a file; empty if there is none."""
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except OSError:
        return b""
