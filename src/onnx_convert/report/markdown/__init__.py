"""The pull request's comment and the job summary: a report as GitHub Flavored Markdown, cut to a limit of bytes.

The template gets a `View`, in which text from outside is escaped already; what is not marked as
Markdown is escaped on its way out, so that nothing can be forgotten.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from onnx_convert.report.gfm import Markdown, marker
from onnx_convert.report.markdown.fold import remembering
from onnx_convert.report.markdown.template import template
from onnx_convert.report.markdown.values import Detail, View
from onnx_convert.report.markdown.view import view
from onnx_convert.report.verdict import headline, ranked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx_convert.report.model import Report

COMMENT_LIMIT = 65_536
SUMMARY_LIMIT = 1_000_000
"""GitHub takes 1 MiB of summary a step, and none of it where it is more."""
_SMALLEST = 1_024


def comment(report: Report, *, limit: int = COMMENT_LIMIT, check_name: str = "", stamp: str = "") -> str:
    """The comment: the verdict in its first line, the hidden marker of the check name, with the stamp, in its last.

    At most `limit` UTF-8 bytes. What does not fit is dropped detail by detail, good news before bad, and named.
    Raises ValueError for a limit under 1 KiB.
    """
    return _fit(report, limit, marker(check_name, stamp))


def summary(report: Report, limit: int = SUMMARY_LIMIT) -> str:
    """The job summary: the comment without marker."""
    return _fit(report, limit, "")


def _fit(report: Report, limit: int, last: str) -> str:
    if limit < _SMALLEST:
        raise ValueError(f"a comment needs {_SMALLEST} bytes")
    dropped: list[str] = []
    shown: View | None = None
    folded = remembering()
    for what, detail in _levels():
        before, shown = shown, view(report, detail, folded)
        if what and shown != before:
            dropped.append(what)
        text = _render(shown, dropped, limit, last)
        if _bytes(text) <= limit:
            return text

    # Only the number of models that are shown is left to give way.
    def cut(rows: int) -> str:
        return _render(view(report, replace(detail, rows=rows), folded), dropped, limit, last)

    bad = sum(line.bad for line in ranked(report))
    fitting = bisect_right(range(bad + 1), limit, key=lambda rows: _bytes(cut(rows)))
    if fitting:
        return cut(fitting - 1)
    return f"### {headline(report, lambda _: '…')}\n\nThe rest is in `report.html`.\n\n{last}\n"


def _bytes(text: str) -> int:
    return len(text.encode())


def _levels() -> Iterator[tuple[str, Detail]]:
    """What is dropped, in this order, and the detail that is left."""
    detail = Detail()
    yield "", detail
    for what, change in (
        ("the chart", {"chart": False}),
        ("parity case by case", {"cases": 0}),
        ("models identical to the base", {"untouched": False}),
        ("details of models that passed", {"passed_details": False}),
        ("models that passed", {"passed_rows": False}),
        ("details of models that failed", {"failed_details": False}),
        ("remedies", {"hints": False}),
        ("what changed by name", {"named": 0}),
        ("all but the worst findings", {"findings": 3, "text": 300}),
        ("all but the worst finding", {"findings": 1, "text": 150}),
    ):
        detail = replace(detail, **change)
        yield what, detail


def _render(shown: View, dropped: list[str], limit: int, last: str) -> str:
    text = template("comment.md.j2").render(
        view=shown, dropped=Markdown(", ".join(dropped)), limit=Markdown(f"{limit:,}"), last=Markdown(last)
    )
    return text.strip() + "\n"
