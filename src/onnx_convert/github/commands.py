"""Workflow commands: lines of a job's log that the runner acts on, and the files it reads after a step.

Escaping and delimiters are those of actions/toolkit (`packages/core/src/command.ts`, `file-command.ts`); what a line
must look like to be a command is the runner's own `ActionCommand.cs`.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx_convert.diagnostics import find
from onnx_convert.report.verdict import ranked, worst_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from onnx_convert.report.model import Diagnostic, Report, Severity

ANNOTATIONS_PER_LEVEL = 10
"""GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest without a word."""

_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}
_COMMAND = re.compile(r"(^|[\n\r\v\f\x85\u2028\u2029])([\s\x00\u200b\u2060\ufeff]*)::")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Annotations:
    """The commands to print, and how many of each severity are not shown."""

    lines: tuple[str, ...]
    hidden: Mapping[Severity, int]


def escape_data(text: str) -> str:
    """The message of a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """The value of a property of a command."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def _command(name: str, properties: Mapping[str, object], message: str) -> str:
    given = ",".join(f"{key}={escape_property(str(value))}" for key, value in properties.items() if value is not None)
    return f"::{name}{' ' if given else ''}{given}::{escape_data(message)}"


def annotation(diagnostic: Diagnostic, subject: str = "") -> str:
    """The command that marks a diagnostic on its line of the spec; `subject` is the model it is about."""
    placed = diagnostic.file is not None
    properties = {
        "file": diagnostic.file,
        "line": diagnostic.line if placed else None,
        "col": diagnostic.column if placed and diagnostic.line is not None else None,
        "title": title(diagnostic.code),
    }
    message = f"{subject}: {diagnostic.message}" if subject else diagnostic.message
    return _command(_LEVELS[diagnostic.severity], properties, "\n".join(filter(None, (message, diagnostic.hint))))


def title(code: str) -> str:
    """A code with what it stands for."""
    try:
        return f"{code} {find(code).title}"
    except KeyError:  # a report of another version
        return code


def findings(report: Report) -> Iterator[tuple[str, Diagnostic]]:
    """What was found, each with the model that it is about: of the run itself, then of the worst models first."""
    yield from (("", one) for one in report.diagnostics)
    yield from ((line.title, one) for line in ranked(report) for one in worst_first(line.row.diagnostics))


def annotate(report: Report, limit: int = ANNOTATIONS_PER_LEVEL) -> Annotations:
    """The annotations of a run, worst models first, at most `limit` of each severity."""
    seen: Counter[Severity] = Counter()
    lines: list[str] = []
    for subject, diagnostic in findings(report):
        seen[diagnostic.severity] += 1
        if seen[diagnostic.severity] <= limit:
            lines.append(annotation(diagnostic, subject))
    return Annotations(tuple(lines), {level: count - limit for level, count in seen.items() if count > limit})


def group(title: str) -> str:
    """Starts a fold of the log; folds do not nest."""
    return _command("group", {}, title)


def endgroup() -> str:
    """Ends the fold."""
    return "::endgroup::"


def stop_commands(token: str) -> tuple[str, str]:
    """The command that makes the runner deaf to commands and the one that ends it. The token must be unguessable."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,}", token):
        raise ValueError("a token has at least 16 letters, digits, - or _")
    return f"::stop-commands::{token}", f"::{token}::"


def neutralise(text: str) -> str:
    """The text with no workflow command in it, in the form `::name::` at a line's start or `##[name]` anywhere."""
    return _COMMAND.sub(r"\1\2: :", text).replace("##[", "## [")


def output_line(name: str, value: str, delimiter: str | None = None) -> str:
    """What to append to the file of GITHUB_OUTPUT to set an output.

    Raises ValueError for a name GitHub does not take, and for a value that holds the delimiter, which is random unless
    given: such a value was made to set other outputs.
    """
    end = delimiter or f"ghadelimiter_{secrets.token_hex(16)}"
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name of an output: {name!r}")
    if end in value:
        raise ValueError(f"the value of {name} holds the delimiter")
    return f"{name}<<{end}\n{value}\n{end}\n"


def append(path: Path, text: str) -> None:
    """Append to one of the runner's command files, as UTF-8 whatever the locale. Raises OSError."""
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(text)
