"""Baselines as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.plan import Row
    from onnx_convert.report.model import Report
    from onnx_convert.spec.load import LoadedSpec


class BaselineError(Exception):
    """What was asked for cannot be meant, or must not be used; the message is for who asked."""


class OutOfReachError(Exception):
    """What was asked for cannot be had here and now; the message is the reason of a `NoBase`."""


@dataclass(frozen=True, slots=True)
class CommitBase:
    """A commit checked out beside the repository: its rows are converted by this tool, in this run.

    `loaded` is the spec as that commit has it; its root is the worktree.
    """

    name: str
    commit: str
    loaded: LoadedSpec
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class FolderBase:
    """An earlier output folder or downloaded release: its report, and its artifacts, still to be verified by digest."""

    name: str
    root: Path
    report: Report


@dataclass(frozen=True, slots=True)
class NoBase:
    """A baseline that was asked for and cannot be had; the run goes on without and says why."""

    name: str
    reason: str


Base = CommitBase | FolderBase | NoBase
