"""Annotations of a check run: findings on the lines of the spec, within what GitHub takes of each and of all.

Limits are those of https://docs.github.com/en/rest/checks/runs#update-a-check-run. Characters beyond U+FFFF make GitHub
refuse an annotation (https://github.com/EnricoMi/publish-unit-test-result-action/pull/256), so they become escapes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from onnx_convert.github.commands import findings, title
from onnx_convert.report.text import one_line, shorten, visible_lines
from onnx_convert.report.verdict import WORST_SEVERITY

if TYPE_CHECKING:
    from onnx_convert.report.model import Diagnostic, Report, Severity

BATCH = 50
"""GitHub takes so many in one request."""
MOST = 500
"""What is sent of a run: ten requests. Nobody reads more."""
TITLE_LIMIT = 255
MESSAGE_LIMIT = 8_000
"""Characters, at most 24,000 bytes; GitHub takes 64 KB."""

Level = Literal["failure", "warning", "notice"]
_LEVELS: dict[Severity, Level] = {"error": "failure", "warning": "warning", "note": "notice"}
_ASTRAL = re.compile(r"[\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Annotation:
    """A finding on a line of a file, whose `path` is relative to the repository's root."""

    path: str
    start_line: int
    end_line: int
    annotation_level: Level
    title: str
    message: str

    @property
    def key(self) -> tuple[str, int, str, str]:
        """What tells it from others once GitHub has it, which may trim white space."""
        return (self.path, self.start_line, self.annotation_level, " ".join(self.message.split()))


def annotations_of(report: Report) -> tuple[Annotation, ...]:
    """All findings of a run, the worst first. One without a place, or outside the repository, is on the spec's top."""
    found = sorted(findings(report), key=lambda one: WORST_SEVERITY.index(one[1].severity))
    every = (_annotation(subject, diagnostic, report.spec) for subject, diagnostic in found)
    return tuple({one.key: one for one in every}.values())


def plain(text: str) -> str:
    """Text without characters beyond U+FFFF."""
    return _ASTRAL.sub(lambda found: f"\\U{ord(found[0]):08x}", text)


def _annotation(subject: str, diagnostic: Diagnostic, spec: str) -> Annotation:
    path = _path(diagnostic.file)
    line = max(1, diagnostic.line or 1) if path else 1
    where = "" if path or diagnostic.file is None else diagnostic.file
    first = ": ".join(filter(None, (subject, where, diagnostic.message)))
    message = "\n".join(filter(None, (first, diagnostic.hint)))
    return Annotation(
        path=path or _path(spec) or "onnx-convert.toml",
        start_line=line,
        end_line=line,
        annotation_level=_LEVELS[diagnostic.severity],
        title=shorten(plain(one_line(title(diagnostic.code), TITLE_LIMIT)), TITLE_LIMIT),
        message=shorten(plain(visible_lines(shorten(message, MESSAGE_LIMIT))), MESSAGE_LIMIT) or diagnostic.code,
    )


def _path(file: str | None) -> str | None:
    """A path as GitHub wants it: relative, below the root, with slashes; None for any other."""
    path = PurePosixPath(file or "")
    inside = path.parts and not path.is_absolute() and ".." not in path.parts
    return str(path) if inside and file == plain(one_line(str(file), 1_000)) else None
