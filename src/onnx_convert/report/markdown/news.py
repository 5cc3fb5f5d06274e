"""The lines under the comment's headline: what changed against the base, by name, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.report.against import base_name, kind, no_base, renamed, told, worst
from onnx_convert.report.gfm import Markdown, code, prose
from onnx_convert.report.markdown.values import whole
from onnx_convert.report.text import one_line
from onnx_convert.report.verdict import TITLE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from onnx_convert.report.model import Report
    from onnx_convert.report.verdict import Line


def news(report: Report, lines: Sequence[Line], limit: int) -> Iterator[Markdown]:
    """A line for each kind of change that has one, with at most `limit` names each."""
    base = base_name(report)
    if base is None:
        return
    if reason := no_base(report):
        yield Markdown(f"Not compared with {code(base)}: {prose(reason, 500)}")
    if not limit:
        return
    deleted = report.baseline.deleted if report.baseline else ()
    for what, names in (
        (f"Slower than {code(base)}", [_changed(line) for line in lines if kind(line.row) == "slower"]),
        ("Not compared", [_failed(line) for line in lines if kind(line.row) == "failed"]),
        (f"Faster than {code(base)}", [_changed(line) for line in lines if kind(line.row) == "faster"]),
        ("New", [_title(line.title) for line in lines if kind(line.row) == "new"]),
        ("Renamed", [f"{_title(was)} → {_title(row.name)}" for was, row in renamed(report)]),
        ("Deleted", [_title(name) for name in deleted]),
    ):
        if names:
            more = f" and {len(names) - limit:,} more" if len(names) > limit else ""
            yield Markdown(f"**{what}:** {'; '.join(names[:limit])}{more}")


def _title(name: str) -> Markdown:
    return code(one_line(name, TITLE_LIMIT), TITLE_LIMIT)


def _changed(line: Line) -> str:
    parts = (f"{code(one.provider, 30)} {whole(told(one)[0].partition(' ')[2])}" for one in worst(line.row)[:3])
    return f"{_title(line.title)} on {', '.join(parts)}"


def _failed(line: Line) -> str:
    reason = line.row.comparison.reason if line.row.comparison else None
    return f"{_title(line.title)}: {prose(reason or 'no reason given', 150)}"
