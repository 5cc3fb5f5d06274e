"""Markdown as GitHub's own renderer (cmark-gfm) makes HTML of it, reduced to what hostile text must not change."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options
from hypothesis import strategies as st

FRAGMENTS = (
    "@octocat",
    "@org/team",
    "#1",
    "GH-12",
    "org/repo#3",
    "fixes #1",
    "|",
    "\\|",
    "\n",
    "\r\n",
    "\n\n",
    "`",
    "``",
    "```",
    "~~~",
    "</details>",
    "<details>",
    "<summary>",
    "</summary>",
    "<!--",
    "-->",
    "<b>",
    "<script>",
    "<a href='http://e.x'>",
    "&lt;",
    "&#64;octocat",
    "[a](http://e.x)",
    "![i](http://e.x/i.png)",
    "[r]: http://e.x",
    "[r]",
    "http://e.x",
    "https:",
    "//e.x",
    "www.",
    "www.e.x",
    "me@e.x",
    "mailto:me@e.x",
    "\\",
    "*",
    "**",
    "_",
    "~~",
    "# ",
    "- ",
    "1. ",
    "> ",
    "---",
    "===",
    "|-|-|",
    "$x$",
    ":smile:",
    "0123abc",
    "deadbeef",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "%%{init: {}}%%",
    "\x00",
    "\u202e",
    "\u2028",
    "é",
    " ",
    "word",
    "(4, 10)",
    "3.1e-06",
    "::error::x",
    "[^1]",
    "- [ ] ",
    "<",
    ">",
    "&",
    '"',
    "'",
    "]]>",
)

hostile_text = st.one_of(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join), st.text(max_size=60))

_REFERENCE = re.compile(r"@\w|\w#\d|(?<!\w)#\d|\bGH-\d|https?://|www\.|\b[0-9a-f]{7,40}\b|:\w+:|\$.*\$", re.IGNORECASE)


class Structure(HTMLParser):
    """Tags in order, but for code and the text in it; text that GitHub would look for references in."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.prose: list[str] = []
        self.comments: list[str] = []
        self.chart = ""
        self._inside: list[str] = []
        self.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside.append(tag)
        if tag != "code":
            self.tags.append(f"{tag} {sorted(name for name, _ in attrs)}")

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass
        if tag != "code":
            self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if "pre" in self._inside:
            self.chart += data
        elif "code" not in self._inside:
            self.prose.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def references(self) -> list[str]:
        """Mentions, references, links, emoji and formulas that GitHub would find."""
        return [found[0] for text in self.prose for found in _REFERENCE.finditer(text)]
