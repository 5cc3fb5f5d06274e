"""One finding of a run, about itself or a model of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from onnx_convert.report.model.value import Integer, Value

Severity = Literal["error", "warning", "note"]


class Diagnostic(Value):
    """One finding: a code of the catalogue, what happened, what to do, and where in the spec: at `key` of its model."""

    code: Annotated[str, Field(pattern=r"^OCA\d{3}$")]
    severity: Severity
    message: str
    hint: str = ""
    key: str | None = None
    file: str | None = None
    line: Integer | None = None
    column: Integer | None = None
