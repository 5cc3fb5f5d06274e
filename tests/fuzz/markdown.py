"""What hostile text must not become in a comment, seen as GitHub's own renderer (cmark-gfm) makes HTML of Markdown."""

from __future__ import annotations

import re

from tests.unit.report.rendered import Structure

_REFERENCE = re.compile(
    r"@[\w-]"  # a mention, or an address
    r"|#\d|\bGH-\d"
    r"|[a-z][a-z0-9+.-]*://|\bmailto:|\bxmpp:|\bwww\."
    r"|(?<![0-9a-z_])(?=[0-9a-f]*\d)[0-9a-f]{7,64}(?![0-9a-z_])"  # a commit
    r"|:[\w+-]+:"  # an emoji
    r"|\$\S.*\$|\\\(",  # a formula
    re.IGNORECASE,
)


class Seen(Structure):
    """A rendered text: tags, prose, comments, and the text of each cell of its tables."""

    def __init__(self, markdown: str) -> None:
        self.cells: list[str] = []
        super().__init__(markdown)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag in {"td", "th"}:
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        super().handle_data(data)
        if {"td", "th"} & set(self._inside) and self.cells:
            self.cells[-1] += data

    def references(self) -> list[str]:
        """Mentions, references, links, emoji and formulas that GitHub would find in prose."""
        return [found[0] for text in self.prose for found in _REFERENCE.finditer(text)]
