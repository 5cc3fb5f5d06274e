"""What is refused, as a diagnostic, and how it is told on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from onnx_convert.diagnostics import diagnose
from onnx_convert.github.commands import neutralise

if TYPE_CHECKING:
    from onnx_convert.report.model import Diagnostic

USAGE = 2


class RefusedError(Exception):
    """A call that cannot be meant, or folders that cannot be joined; `diagnostic` says why."""

    def __init__(self, code: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.diagnostic = diagnose(code, message, hint=hint)


def tell(found: Diagnostic) -> None:
    """Say a diagnostic on the error stream. Its text may hold names from anyone's report."""
    said = f"{found.severity}[{found.code}]: {found.message}"
    print(neutralise(said + (f"\n  help: {found.hint}" if found.hint else "")), file=sys.stderr, flush=True)


def refused(error: RefusedError) -> int:
    """Say why, and give the exit code."""
    tell(error.diagnostic)
    return USAGE
