"""Text from outside made fit to be shown: no control characters, no invisible ones, no endless lines."""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Control, format (bidirectional overrides, zero-width), unassigned, private, surrogates, line and paragraph ends."""

_UNUSUAL = re.compile(r"[^\x20-\x7e]")
_BASES = ((0x100, "\\x{:02x}"), (0x10000, "\\u{:04x}"), (0x110000, "\\U{:08x}"))


def _escaped(text: str) -> str:
    # What Python calls printable has no hidden character; most text is, and is long in all.
    return text if text.isprintable() else _UNUSUAL.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    character = found[0]
    if unicodedata.category(character) not in _HIDDEN:
        return character
    point = ord(character)
    return next(form.format(point) for end, form in _BASES if point < end)


def visible(text: str) -> str:
    """One line in which every character can be seen; the others appear as Python escapes, runs of space as one space.

    What comes out is encodable as UTF-8 and cannot move a cursor, reverse the reading order or end a line.
    """
    return _escaped(" ".join(text.split()))


def visible_lines(text: str) -> str:
    """Like `visible`, line by line: line ends and indentation stay."""
    return "\n".join(_escaped(line.expandtabs(4)) for line in text.splitlines())


def shorten(text: str, limit: int) -> str:
    """The text with its middle taken out where it is longer than `limit` characters: both ends of an error matter."""
    if len(text) <= limit:
        return text
    head = (limit - 3) * 2 // 3
    return f"{text[:head].rstrip()} … {text[len(text) - (limit - 3 - head) :].lstrip()}"


def one_line(text: str, limit: int) -> str:
    """A visible line of at most `limit` characters; of an endless text only the ends are looked at."""
    return shorten(visible(shorten(text, 8 * limit)), limit)
