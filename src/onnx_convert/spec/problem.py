"""What is wrong with a spec: findings by key path, and problems with their place in the file.

A problem is a diagnostic that has not met pydantic yet: `check` shows it in milliseconds, `diagnostic()` gives the
report's value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from onnx_convert.diagnostics import spec as catalogue
from onnx_convert.spec.render import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from onnx_convert.diagnostics.entry import Entry
    from onnx_convert.report.model import Diagnostic, Severity
    from onnx_convert.spec.positions import Key, Place


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong at a key path. `at_key` marks the key rather than its value."""

    code: str
    message: str
    loc: tuple[Key, ...] = ()
    hint: str | None = None
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding with its place: 1-based line and column, how many characters to mark, and the models it is about."""

    code: str
    severity: Severity
    message: str
    hint: str
    file: str
    line: int | None = None
    column: int | None = None
    length: int = 1
    models: tuple[str, ...] = ()

    def diagnostic(self) -> Diagnostic:
        """The report's value."""
        from onnx_convert.report.model import Diagnostic  # noqa: PLC0415 - pydantic takes longer than all of `check`

        return Diagnostic(
            code=self.code,
            severity=self.severity,
            message=self.message,
            hint=self.hint,
            file=self.file,
            line=self.line,
            column=self.column,
        )


class SpecError(Exception):
    """The spec is wrong. `problems` are all that were found, by line; `text` is the file, if it could be read."""

    def __init__(self, problems: tuple[Problem, ...], text: str | None) -> None:
        super().__init__("; ".join(f"{problem.code} {problem.message}" for problem in problems))
        self.problems = problems
        self.text = text

    @property
    def lines(self) -> Mapping[int, str]:
        """The file's lines by number, from 1."""
        return lines_of(self.text)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The problems as the report's values."""
        return tuple(problem.diagnostic() for problem in self.problems)


@cache
def _entries() -> dict[str, Entry]:
    return {entry.code: entry for entry in catalogue.ENTRIES}


def problem(finding: Finding, file: str, place: Place | None, models: tuple[str, ...] = ()) -> Problem:
    """A finding at its place; severity, and the hint where it has none, are the catalogue entry's."""
    entry = _entries()[finding.code]
    hint = entry.hint if finding.hint is None else finding.hint
    line, column, length = (place.line, place.column, place.length) if place else (None, None, 1)
    return Problem(finding.code, entry.severity, finding.message, hint, file, line, column, length, models)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By place, each once: what is wrong in [defaults] is wrong in many models, and said once for all of them."""
    unique: dict[tuple[object, ...], Problem] = {}
    for found in problems:
        key = (found.line, found.column, found.code, found.message)
        also = unique[key].models if key in unique else ()
        unique[key] = replace(found, models=tuple(dict.fromkeys(also + found.models)))
    return tuple(sorted(unique.values(), key=lambda p: (p.line or 0, p.column or 0, p.code, p.message)))
