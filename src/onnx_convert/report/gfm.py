"""Hostile text in GitHub Flavored Markdown.

GitHub looks for mentions, issue references, commits and bare links in the text of a rendered comment, after Markdown
has decoded entities and backslashes, so neither of those keeps `@name` quiet. It does not look into code. So the rule
is: words of letters and plain numbers are prose, everything else from outside is a code span.
"""

from __future__ import annotations

import hashlib
import html
import re
from functools import lru_cache
from urllib.parse import quote

from onnx_convert.report.text import one_line, shorten

_LETTERS = r"[^\W\d_]+"
_WORD = rf"(?!\S*www){_LETTERS}(?:['\u2019-]{_LETTERS})*"
_NUMBER = r"[+\-\u2212±]?\d{1,6}(?:[.,]\d{1,6})?(?:e[+-]?\d{1,3})?%?"
_SIGN = r"[-\u2013\u2014…±\u00d7·≤≥=+→%]"
_PLAIN = re.compile(rf"[(\"'“\u2018]*(?:{_WORD}|{_NUMBER}|{_SIGN})?[)\"'”\u2019.,:;!?]*", re.IGNORECASE)
_COMMIT = re.compile(r"[0-9a-f]{7,}", re.IGNORECASE)
_NAME_LIMIT = 200
_KEPT = 16_384
"""Texts that are not escaped again: a comment that is too long is made anew with less and less in it."""
_PIECE = re.compile(r"`([^`]+)`|([^\s`]+|`)|\s+")


class Markdown(str):
    """Text that is Markdown of ours: names and messages in it are escaped already."""

    __slots__ = ()


def code(text: str, limit: int = 200) -> Markdown:
    """A code span that shows the text and nothing else, whatever it holds.

    The fence is longer than any run of backticks inside, as CommonMark asks (0.31, section 6.1). Comment delimiters are
    broken with a hyphen that looks the same: a comment's raw text is searched for hidden markers, by us and by others.
    """
    return _code(text, limit)


@lru_cache(_KEPT)
def _code(text: str, limit: int) -> Markdown:
    shown = _no_comment(one_line(text, limit)) or " "
    fence = "`" * (1 + max(map(len, re.findall("`+", shown)), default=0))
    pad = " " if "`" in (shown[0], shown[-1]) or (shown[0] == shown[-1] == " " and shown.strip()) else ""
    return Markdown(f"{fence}{pad}{shown}{pad}{fence}")


def prose(text: str, limit: int = 2_000) -> Markdown:
    """A sentence to be read: plain words stay, everything else becomes code. Never to be put at the start of a line."""
    return _prose(text, limit)


@lru_cache(_KEPT)
def _prose(text: str, limit: int) -> Markdown:
    parts: list[str] = []
    pending: list[str] = []
    for piece in _PIECE.finditer(one_line(text, limit)):
        quoted, word, space = piece[1], piece[2], piece[0] if piece[0].isspace() else ""
        if space:
            (pending or parts).append(" ")
        elif quoted is None and _plain(word):
            parts += [*_flush(pending), word]
        else:
            inside = quoted or word.rstrip(".,;:") or word
            tail = "" if quoted else word[len(inside) :]
            pending.append(inside)
            if tail:
                parts += [*_flush(pending), tail]
    return Markdown("".join([*parts, *_flush(pending)]).strip())


def _plain(word: str) -> bool:
    return _PLAIN.fullmatch(word) is not None and _COMMIT.search(word) is None


def _flush(pending: list[str]) -> list[str]:
    """The code span of what is pending, and the space that stood behind it; empties the list."""
    if not pending:
        return []
    text = "".join(pending)
    pending.clear()
    return [code(text, len(text)), " "] if text.endswith(" ") else [code(text, len(text))]


def cell(markdown: str) -> Markdown:
    """Markdown for a table's cell. A pipe ends a cell even inside code, and its escape fails behind a backslash."""
    return Markdown(markdown.replace("|", "¦") or " ")


def _no_comment(text: str) -> str:
    hyphens = "\N{HYPHEN}" * 2
    return text.replace("<!--", f"<!{hyphens}").replace("-->", f"{hyphens}>")


def html_code(text: str, limit: int = 200) -> Markdown:
    """Code inside our own HTML, such as a fold's summary, where Markdown is not read."""
    return Markdown(f"<code>{html.escape(_no_comment(one_line(text, limit)))}</code>")


def chart_label(text: str, limit: int = 40) -> str:
    """A label in a Mermaid chart: letters, digits, spaces and `._+-`, so that no directive or quote can be in it."""
    return re.sub(r"[^A-Za-z0-9 ._+-]", "_", shorten(text, limit))


def marker(check_name: str = "", stamp: str = "") -> str:
    """The hidden comment by which our comment is found again, one for each check name, with what we note in it.

    A name cannot end the comment, nor look like a stamp: of its signs only `_`, `.` and `~` are not quoted.
    """
    name = quote(check_name, safe=" ", errors="replace").replace("-", "%2D")
    if len(name) > _NAME_LIMIT:
        name = hashlib.sha256(name.encode()).hexdigest()
    return f"<!-- onnx-convert-action{f': {name}' if name else ''}{f'; {stamp}' if stamp else ''} -->"
