"""Two output folders: rows of the same name, their artifacts verified by digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx_convert.baseline.folder import REPORT, artifact_of
from onnx_convert.baseline.values import FolderBase
from onnx_convert.compare.files import CallError
from onnx_convert.report.write import ReportError, read
from onnx_convert.stages.values import Finding

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.report.model import ModelReport


@dataclass(frozen=True, slots=True)
class Match:
    """A row that both folders have, with the model of each: its path, or the reason why it cannot be used."""

    name: str
    base: Path | str
    head: Path | str
    row: ModelReport


@dataclass(frozen=True, slots=True)
class Matches:
    """The rows of two folders by name: in both, only in the head, only in the base."""

    both: tuple[Match, ...]
    new: tuple[ModelReport, ...]
    deleted: tuple[str, ...]


def match(base: Path, head: Path) -> Matches:
    """The rows of two output folders, in the head's order. Raises CallError for one that is none."""
    before, after = _open(base), _open(head)
    old = {row.name: row for row in before.report.models}
    new = {row.name: row for row in after.report.models}
    both = tuple(
        Match(name, _model(before, old[name]), _model(after, row), row) for name, row in new.items() if name in old
    )
    return Matches(
        both,
        tuple(row for name, row in new.items() if name not in old),
        tuple(name for name in old if name not in new),
    )


def _open(folder: Path) -> FolderBase:
    try:
        return FolderBase(str(folder), folder.resolve(), read(folder / REPORT))
    except ReportError as error:
        raise CallError(Finding("OCA660", f"{folder} is no output folder: {error}")) from None


def _model(folder: FolderBase, row: ModelReport) -> Path | str:
    found = artifact_of(folder, row)
    return found if isinstance(found, str) else found[0]
