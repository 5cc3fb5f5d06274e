"""The report's files in the output folder, and reading one that came from somewhere else."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from onnx_convert.report.model import Report
from onnx_convert.report.text import one_line

if TYPE_CHECKING:
    from pathlib import Path

SIZE_LIMIT = 64 * 2**20
"""Bytes of report.json that are read. Nesting is limited by pydantic's parser (jiter), to 200 levels."""


class ReportError(Exception):
    """A report.json that is not one: unreadable, too large, too deep, or not of the schema. Its text is for users."""


def write(report: Report, folder: Path) -> None:
    """Write report.json, comment.md, report.html and junit.xml, each whole or not at all.

    The data comes first, so that a fault in a renderer cannot lose it. Raises OSError.
    """
    write_json(report, folder)
    # Who only reads a report, as `plan` does, need not wait for the templates.
    from onnx_convert.report.html import page  # noqa: PLC0415
    from onnx_convert.report.junit import junit  # noqa: PLC0415
    from onnx_convert.report.markdown import comment  # noqa: PLC0415

    _replace(folder / "comment.md", comment(report))
    _replace(folder / "report.html", page(report))
    _replace(folder / "junit.xml", junit(report))


def write_json(report: Report, folder: Path) -> None:
    """Write report.json alone, whole or not at all: what a run has found out so far. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / "report.json", to_json(report))


def to_json(report: Report) -> str:
    """The report as JSON: keys in the order of the schema, two spaces, a line end. `read` gives the same value back."""
    return report.model_dump_json(indent=2) + "\n"


def read(path: Path) -> Report:
    """The report in a file that anyone may have written. Raises ReportError."""
    try:
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise ReportError(f"{path}: {error.strerror}") from None
    return parse(raw, str(path))


def parse(raw: bytes, name: str) -> Report:
    """The report that bytes are; `name` is what an error calls them. Raises ReportError."""
    if len(raw) > SIZE_LIMIT:
        raise ReportError(f"{name} is larger than {SIZE_LIMIT // 2**20} MiB")
    try:
        return Report.model_validate_json(raw)
    except ValidationError as error:
        raise ReportError(f"{name} is not a report: {_first(error)}") from None


def _first(error: ValidationError) -> str:
    first: Any = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    return one_line(f"{where}: {first['msg']}" if where else first["msg"], 300)


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(text, "utf-8", newline="\n")
        partial.replace(path)
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
