"""The folder between core and worker: a job file in; arrays, a model and a result file out.

    FOLDER/job.json          written by the core, read-only for the worker
    FOLDER/out/              the worker's; everything in it is hostile data to the core
    FOLDER/out/result.json   written last, whole or not at all: {"ok": true, "result": {...}, "notes": [...],
                             "reads": [...]} or {"ok": false, "error": {...}, "notes", "reads"}, where an error has
                             "code", "type", "message", "hint", "opset", "place"
    FOLDER/out/model.onnx    with model.onnx.data past 2 GB
    FOLDER/out/cases/0003/in0.npy, out0.npy    inputs and reference outputs of one case, by position

A worker's module has `main(job: Job) -> dict`; the template process calls it and writes what it returns. An exception
of `WorkerError` ends the job with a code of the catalogue; any other one with the phase in which it was raised.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

PHASES = ("start", "load", "reference", "export", "check", "simplify", "compare", "measure", "finish")
"""What a worker may say it is doing. When it dies, the last one names the stage that killed it."""

RESULT_LIMIT = 8 * 2**20
"""Bytes of result.json the core is willing to read: parsed, JSON takes up to twenty times as much memory."""

DEPTH_LIMIT = 32
"""How deep values of result.json may nest."""

TEXT_LIMIT = 20_000
"""Characters of one message."""

DISK_FULL = 74
"""What a worker's process ends with where there is no space for its result; EX_IOERR of sysexits.h."""

PROGRESS_LIMIT = 2_048
"""Bytes of one report of progress; a pipe takes that many in one piece (PIPE_BUF is 4,096)."""


class WorkerError(Exception):
    """A failure the worker recognises: a code of the catalogue and a message for the user.

    `opset` is the lowest at which it would not have failed, where that is known.
    """

    def __init__(self, code: str, message: str, hint: str | None = None, opset: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.opset = opset


@dataclass
class Job:
    """A job as the worker sees it.

    `notes` collects findings that do not end the job: they become diagnostics of the row.
    """

    folder: Path
    values: dict[str, Any]
    notes: list[dict[str, str | None]] = field(default_factory=list)
    events: int | None = None

    @property
    def out(self) -> Path:
        """The only folder the worker writes its results to."""
        return self.folder / "out"

    def __getitem__(self, key: str) -> Any:
        """A value of job.json; KeyError if the core did not give it."""
        return self.values[key]

    def get(self, key: str, default: Any = None) -> Any:
        """A value of job.json or the default."""
        return self.values.get(key, default)

    def phase(self, name: str) -> None:
        """Tell the core what is being done now; it names the stage if the process dies."""
        if self.events is not None:
            os.write(self.events, name.encode() + b"\n")

    def progress(self, values: dict[str, Any]) -> None:
        """Tell the core how far the work has come, for those who watch; see `PROGRESS_LIMIT`.

        It looks some twenty times a second and sees the last report only. One that is too long is left out.
        """
        line = json.dumps(values, allow_nan=True).encode() + b"\n"
        if self.events is not None and len(line) <= PROGRESS_LIMIT:
            os.write(self.events, line)

    def note(self, code: str, message: str, hint: str | None = None) -> None:
        """Add a finding that does not end the job."""
        self.notes.append({"code": code, "message": message, "hint": hint})


def read_job(folder: Path, events: int | None = None) -> Job:
    """The job in a folder."""
    return Job(folder, json.loads((folder / "job.json").read_text("utf-8")), events=events)


def write_result(folder: Path, result: dict[str, Any]) -> None:
    """Write out/result.json whole or not at all."""
    partial = folder / "out" / "result.json.partial"
    partial.write_text(json.dumps(result, allow_nan=True), "utf-8")
    partial.replace(folder / "out" / "result.json")
