"""An earlier output folder or a downloaded release as the base: its report, and its artifacts by their digests.

Whoever filled the folder may have lied: the report is read as anyone's, and a file counts only if it is what it says.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from onnx_convert.baseline.values import BaselineError, FolderBase, NoBase
from onnx_convert.cache import file_digest
from onnx_convert.report.write import ReportError, read
from onnx_convert.spec.load import repository as repository_of

if TYPE_CHECKING:
    from onnx_convert.baseline.repository import Repository
    from onnx_convert.report.model import Artifact, ModelReport

REPORT = "report.json"
Files = tuple[Path, tuple[Path, ...]]
"""A model and its external data."""


def open_folder(asked: str, repository: Repository) -> FolderBase | NoBase:
    """The base that lies in a folder with a report.json. Raises BaselineError for one that git tracks."""
    root = Path(asked).resolve()
    if _tracked(root, repository):
        raise BaselineError(
            f'"{asked}" is committed in this repository; a baseline never comes from the pull request itself'
        )
    try:
        return FolderBase(asked, root, read(root / REPORT))
    except ReportError as error:
        return NoBase(asked, str(error))


def artifact_of(base: FolderBase, row: ModelReport) -> Files | str:
    """The files of a row, the digest of the model checked, or the reason why they cannot be used.

    They lie as in an output folder, or all beside the report as the assets of a release do. No link is followed.
    """
    if row.artifact is None:
        return f"{row.name} has no artifact there"
    names = (row.artifact.path, *row.artifact.external_data)
    flat = tuple(PurePosixPath(name).name for name in names)
    for model, *data in (names, flat):
        files = [_inside(base.root, name) for name in (model, *data)]
        if files[0] is not None:
            return _checked(row.artifact, files, (model, *data))
    return f"{flat[0]} is not in {base.name}"


def _inside(root: Path, name: str) -> Path | None:
    """The regular file of that name below a folder, if there is one and no link leads to it."""
    path = root / name
    try:
        plain = path.is_file() and path.resolve() == Path(os.path.normpath(path)) and path.is_relative_to(root)
    except (OSError, ValueError):  # a name too long, or with a NUL
        return None
    return path if plain and ".." not in PurePosixPath(name).parts else None


def _checked(artifact: Artifact, files: list[Path | None], names: tuple[str, ...]) -> Files | str:
    found = [path for path in files if path is not None]
    if len(found) < len(files):
        return f"{names[files.index(None)]} is missing"
    model, *data = found
    if sum(path.stat().st_size for path in found) != artifact.bytes or file_digest(model) != artifact.sha256:
        return f"{names[0]} is not the file that its report tells of"
    return model, tuple(data)


def _tracked(root: Path, repository: Repository) -> bool:
    """Whether git tracks anything below a folder; where git cannot tell, it may."""
    # Every owner is trusted for this one question: it runs nothing that a repository configures.
    listed = repository.ask("ls-files", "-z", at=root, settings={"safe.directory": "*"})
    if listed.good:
        return bool(listed.out)
    return (repository_of(root / REPORT) / ".git").exists()
