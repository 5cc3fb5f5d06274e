"""The stamp in a comment's hidden marker: which run wrote it, about which commit, and the gist of what it said.

    <!-- onnx-convert-action: NAME; gist=0123… run=42.1 head=89ab… -->

It counts only in the last line of a comment by ourselves; names and messages of a report cannot hold a hidden comment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx_convert.report.gfm import marker

if TYPE_CHECKING:
    from onnx_convert.github.context import Context

_END = " -->"
_STAMP = re.compile(r"; gist=([0-9a-f]{32}) run=([0-9]{1,18})\.([0-9]{1,6}) head=([0-9a-f]{0,64})")
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """`run` and `attempt` are 0 where nobody knows; `gist` is empty in a comment of a version without stamps."""

    gist: str = ""
    run: int = 0
    attempt: int = 0
    head: str = ""

    def __str__(self) -> str:
        return f"gist={self.gist} run={self.run}.{self.attempt} head={self.head}"

    @property
    def order(self) -> tuple[int, int]:
        """Runs as GitHub numbers them: a later run has the greater id, a repeated one the greater attempt."""
        return self.run, self.attempt

    def after(self, other: Stamp) -> bool:
        """Whether it is surely of a later run, which one that nobody knows is not."""
        return bool(self.run and other.run) and self.order > other.order


def stamp_of(context: Context, gist: str) -> Stamp:
    """The stamp of what this job says. A report from another run is as old as that run, whenever it is posted."""
    trigger = context.trigger
    run, attempt = (str(trigger.id), str(trigger.attempt)) if trigger else (context.run_id, context.run_attempt)
    head = context.head_sha if _HASH.fullmatch(context.head_sha) else ""
    return Stamp(gist, _number(run, 18), _number(attempt, 6), head)


def read_stamp(body: str, check_name: str) -> Stamp | None:
    """The stamp of a comment that has the marker of this check name; None if it has not."""
    last = text_of(body).rsplit("\n", 1)[-1]
    begin = marker(check_name).removesuffix(_END)
    if not (last.startswith(begin) and last.endswith(_END)):
        return None
    rest = last.removeprefix(begin).removesuffix(_END)
    found = _STAMP.fullmatch(rest)
    if found is None:
        return None if rest else Stamp()
    return Stamp(found[1], int(found[2]), int(found[3]), found[4])


def text_of(body: str) -> str:
    """A comment's text however it came back: lines end as on Unix, and no space is at its ends."""
    return body.replace("\r\n", "\n").replace("\r", "\n").strip()


def shown(body: str) -> str:
    """What readers see of a comment: its text without the line of the marker."""
    return text_of(body).rpartition("\n")[0].strip()


def _number(text: str, digits: int) -> int:
    return int(text) if re.fullmatch(rf"[0-9]{{1,{digits}}}", text) else 0
