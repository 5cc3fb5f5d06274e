"""The catalogue: entries by code, and diagnostics made from them."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx_convert.diagnostics.entry import Entry
    from onnx_convert.report.model import Diagnostic, Severity

_RANGES = (
    *("environment", "spec", "source", "export", "artifact", "simplify", "parity", "benchmark", "baseline", "internal"),
    *("pytorch", "tensorflow", "sklearn", "jax", "mxnet", "variants", "custom_ops", "noise", "compare", "github"),
    "shards",
    "forks",
    "release",
    "cache",
)


@cache
def entries() -> dict[str, Entry]:
    """Every entry by its code, in order of code."""
    found: dict[str, Entry] = {}
    for name in _RANGES:
        module = importlib.import_module(f"onnx_convert.diagnostics.{name}")
        for entry in module.ENTRIES:
            if entry.code in found:
                raise AssertionError(f"{entry.code} is in the catalogue twice")
            found[entry.code] = entry
    return dict(sorted(found.items()))


def find(code: str) -> Entry:
    """The entry of a code. Raises KeyError for one that is not in the catalogue."""
    return entries()[code]


def diagnose(
    code: str,
    message: str,
    *,
    hint: str | None = None,
    severity: Severity | None = None,
    file: str | None = None,
    line: int | None = None,
    column: int | None = None,
) -> Diagnostic:
    """A diagnostic of a known code; hint and severity are the entry's unless given."""
    from onnx_convert.report.model import Diagnostic  # noqa: PLC0415 - pydantic is not needed to explain a code

    entry = find(code)
    return Diagnostic(
        code=code,
        severity=severity or entry.severity,
        message=message,
        hint=entry.hint if hint is None else hint,
        file=file,
        line=line,
        column=column,
    )
