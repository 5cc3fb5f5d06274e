"""The files of shards' rows in one output folder: hard links where the file system has them, copies elsewhere."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.baseline.folder import artifact_of
from onnx_convert.baseline.values import FolderBase
from onnx_convert.diagnostics import diagnose
from onnx_convert.output import LOGS, OutputFolder
from onnx_convert.report.text import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from onnx_convert.report.model import Diagnostic
    from onnx_convert.scale.gather import Source

OF_ROWS = ("models", LOGS)
"""Folders of an output folder that have a folder a row."""
_UNITED = "providers"
"""The folder of a row to which every leg adds; anything else is of one leg whole."""


def begin(sources: Sequence[Source], out: Path) -> None:
    """Make the output folder, without what an earlier run or merge left there. Raises OSError."""
    output = OutputFolder(out)
    output.begin()
    keys = {row.name for source in sources for row in source.report.models}
    output.forget_others(keys)
    shutil.rmtree(out / LOGS, ignore_errors=True)
    for key in keys:
        shutil.rmtree(output.models / key, ignore_errors=True)


def place(sources: Sequence[Source], out: Path) -> tuple[Diagnostic, ...]:
    """Put the files of all rows below `out`; what is not as its report says is left out and told. Raises OSError."""
    said: list[Diagnostic] = []
    for source in sources:
        base = FolderBase(source.said, source.folder, source.report)
        for row in source.report.models:
            reason = artifact_of(base, row) if row.artifact else None
            if isinstance(reason, str):
                said.append(diagnose("OCA778", f"{row.name} of {source.said}: {one_line(reason, 300)}"))
                continue
            for name in OF_ROWS:
                _add(source.folder / name, row.name, out / name)
    return tuple(said)


def _add(section: Path, name: str, target: Path) -> None:
    """Add a row's folder, as far as none of its files is there from another leg."""
    if section.is_symlink() or not _is_folder(section / name):
        return
    there = _names(target / name)
    for path in _files(section / name):
        inside = path.relative_to(section / name)
        if inside.parts[0] in there and inside.parts[0] != _UNITED:
            continue
        to = target / name / inside
        if not to.exists():
            to.parent.mkdir(parents=True, exist_ok=True)
            _link(path, to)


def _names(folder: Path) -> Collection[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else ()


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _files(folder: Path) -> Iterator[Path]:
    """The regular files below a folder; no link is followed, and none is one of them."""
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = Path(root, name)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def _link(path: Path, to: Path) -> None:
    try:
        os.link(path, to, follow_symlinks=False)
    except OSError:  # another file system, or one without links, or a kernel that forbids them for others' files
        shutil.copyfile(path, to, follow_symlinks=False)
