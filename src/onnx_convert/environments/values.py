"""Environments as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.report.model import Diagnostic


@dataclass(frozen=True, slots=True)
class Environment:
    """One that is ready: its interpreter, folders of packages to put first, and what to import before forking.

    `digest` is of the locked packages, the model's requirements, the Python version and the platform.
    """

    name: str
    python: Path
    layers: tuple[Path, ...]
    preload: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Installed:
    """One that is on this machine. `versions` are of the packages its requirements name; `size` in bytes."""

    name: str
    path: Path
    digest: str
    python: str
    versions: dict[str, str]
    size: int


class EnvironmentFailed(Exception):  # noqa: N818 - the name in the architecture
    """An environment cannot be had; `diagnostic` says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
