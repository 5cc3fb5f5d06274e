"""What the fence is given and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Hear = Callable[[dict[str, Any]], None]
    """Called with what a worker says of its progress: hostile data, of which only size and depth are bounded."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may use: seconds of wall time, bytes of resident memory, processes, bytes of output kept."""

    seconds: float
    memory_bytes: int | None = None
    processes: int = 256
    log_bytes: int = 2 * 2**20


@dataclass(frozen=True, slots=True)
class Failure:
    """A finding of a job: a code of the catalogue, a sentence for the user, a remedy if not the catalogue's.

    `opset` is the lowest at which a failed export would not have failed, where its worker knows.
    """

    code: str
    message: str
    hint: str | None = None
    opset: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended. `result` is what the worker's main returned; it is None exactly when there is a `failure`.

    `folder` is the job's; what lies in out/ below it is regular files and folders, readable by everybody, and still
    hostile data. `reads` are files of the repository, relative to it, that the worker's Python code opened or imported.
    """

    folder: Path
    result: dict[str, Any] | None
    failure: Failure | None
    notes: tuple[Failure, ...]
    phase: str
    reads: tuple[str, ...]
    seconds: float
    peak_memory_bytes: int
    log: str
