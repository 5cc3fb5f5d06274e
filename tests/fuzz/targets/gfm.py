"""Markdown: hostile text in a comment is neither mention nor link, HTML, hidden marker or broken table."""

from __future__ import annotations

from onnx_convert.report.gfm import cell, chart_label, code, html_code, marker, prose
from onnx_convert.report.text import one_line
from tests.fuzz import texts
from tests.fuzz.markdown import Seen

structured = texts.several(1, 3)
mutate = texts.mutate
TOKENS = texts.TOKENS

_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._+-")
_TABLE = ("table []", "thead []", "tr []", *["th []", "/th"] * 7, "/tr", "/thead", "tbody []", "tr []")


def one(data: bytes) -> None:
    first, second, third = given = texts.split(data, 3)
    forms = [form(text) for text in given for form in (code, prose)]
    for text in (*forms, html_code(first)):
        assert "<!--" not in text
        assert "-->" not in text
        text.encode()
    _sentence(forms)
    _table(given, forms)
    _fold(first, second)
    assert set(chart_label(third)) <= _ALLOWED
    assert len(chart_label(third)) <= 40
    seen = Seen(f"text\n\n{marker(first)}\n")
    assert seen.comments == [marker(first)[4:-3]]


def _sentence(forms: list[str]) -> None:
    for before, after in (("before ", " after"), ("### a ", "\n"), ("- a: ", "; b")):
        for text in forms:
            seen, plain = Seen(f"{before}{text}{after}"), Seen(f"{before}word{after}")
            assert seen.tags == plain.tags, (before, text)
            assert seen.references() == [], text
            assert seen.comments == []


def _table(given: list[str], forms: list[str]) -> None:
    columns = len(forms) + 1
    head = "|" + "a|" * columns
    row = "| " + " | ".join(map(cell, forms)) + " | last |"
    seen = Seen(f"{head}\n{head.replace('a', '-')}\n{row}\n")
    assert seen.tags[: len(_TABLE)] == [*_TABLE]
    assert seen.cells[-1] == "last"
    assert seen.cells[columns].strip() == _shown(given[0])
    assert seen.references() == []


def _shown(text: str) -> str:
    """A text in a code span of a cell: comment delimiters and pipes look nearly the same."""
    hyphens = "\u2010" * 2
    broken = one_line(text, 200).replace("<!--", f"<!{hyphens}").replace("-->", f"{hyphens}>")
    return broken.replace("|", "¦").strip()


def _fold(summary: str, inside: str) -> None:
    seen = Seen(
        f"<details><summary>{html_code(summary)} {html_code(inside)}</summary>\n\n- {code(inside)}\n\n</details>\n"
    )
    assert seen.tags == ["details []", "summary []", "/summary", "ul []", "li []", "/li", "/ul", "/details"]
    assert seen.references() == []
