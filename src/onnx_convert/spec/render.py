"""A diagnostic for a terminal, as compilers show them: the line of the file with the offending text underlined."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

_WIDTH = 100
_BEFORE = 40
_COLOURS = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;36m",
    "frame": "\x1b[1;34m",
    "bold": "\x1b[1m",
}


class Shown(Protocol):
    """What is rendered: a `Problem`, or the report's `Diagnostic`, which knows no length."""

    @property
    def code(self) -> str:
        """Of the catalogue."""

    @property
    def severity(self) -> str:
        """error, warning or note."""

    @property
    def message(self) -> str:
        """What is wrong."""

    @property
    def hint(self) -> str:
        """What to do."""

    @property
    def file(self) -> str | None:
        """The file it is about."""

    @property
    def line(self) -> int | None:
        """From 1."""

    @property
    def column(self) -> int | None:
        """From 1, in characters."""


def lines_of(text: str | None) -> Mapping[int, str]:
    """The lines of a file by their number, from 1."""
    return dict(enumerate((text or "").split("\n"), 1))


def render(shown: Shown, lines: Mapping[int, str], *, colour: bool = False) -> str:
    """A diagnostic in several lines, without a final line break; `lines` are the file's, from 1.

    Nothing of the user's reaches the terminal but as visible characters: control characters are escaped.
    """
    paint = _Paint(colour)
    message = f"{escape(shown.severity)}[{escape(shown.code)}]"
    out = [f"{paint(message, shown.severity)}{paint(': ' + escape(shown.message), 'bold')}"]
    number = str(shown.line) if shown.line else ""
    margin = " " * len(number)
    if shown.file:
        place = ":".join(str(part) for part in (escape(shown.file), shown.line, shown.column) if part)
        out.append(f"{margin}{paint('-->', 'frame')} {place}")
    if shown.line in lines:
        text, indent, width = _excerpt(lines[shown.line or 0], shown.column or 1, getattr(shown, "length", 1))
        bar = paint("|", "frame")
        out.append(f"{margin} {bar}")
        out.append(f"{paint(number, 'frame')} {bar} {text}")
        out.append(f"{margin} {bar} {' ' * indent}{paint('^' * width, shown.severity)}")
    if shown.hint:
        out.append(f"{margin} {paint('=', 'frame')} {paint('help:', 'bold')} {escape(shown.hint)}")
    return "\n".join(out)


class _Paint:
    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, name: str) -> str:
        return f"{_COLOURS[name]}{text}\x1b[0m" if self._colour and name in _COLOURS else text


def escape(text: str) -> str:
    """Text with every character that is not visible written as its escape."""
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character == "\t":
        return "    "
    # Cc controls the terminal, Cf can reorder text (the "Trojan source" attack), Cs cannot be encoded.
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return character.encode("unicode_escape").decode("ascii")
    return character


def _excerpt(line: str, column: int, length: int) -> tuple[str, int, int]:
    """The line cut around a column (1-based); how far to indent the mark, and how wide it is, in terminal cells."""
    start = min(column - 1, len(line))
    first = max(0, start - _BEFORE) if len(line) > _WIDTH else 0
    last = min(len(line), first + _WIDTH)
    before, marked = escape(line[first:start]), escape(line[start : min(start + length, last)])
    head, tail = "..." if first else "", "..." if last < len(line) else ""
    text = head + before + marked + escape(line[min(start + length, last) : last]) + tail
    return text, cells(head + before), max(1, cells(marked))


def cells(text: str) -> int:
    """How many cells a terminal gives the text: two for wide characters, none for combining ones."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
