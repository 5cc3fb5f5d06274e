"""The comment on a pull request: one for each check name, edited in place.

GitHub has no way to write only if nothing has changed. So whoever writes looks just before, and again a while after,
until a look finds nothing to do: the oldest of our comments alone, with the text of the latest run. Whoever sees more
than one deletes the later ones, after the oldest has the latest text. A repeat after any fault goes the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from onnx_convert.diagnostics import diagnose
from onnx_convert.github.conversation import Conversation, Remark, explained
from onnx_convert.github.gist import calm, failing, gist
from onnx_convert.github.permission import COMMENT
from onnx_convert.github.refusal import RefusedError
from onnx_convert.github.stamp import Stamp, stamp_of, text_of
from onnx_convert.report.markdown import comment

if TYPE_CHECKING:
    from onnx_convert.github.client import GitHub
    from onnx_convert.report.model import Report

CommentMode = Literal["always", "changes", "failures", "never"]
Action = Literal["created", "updated", "unchanged", "withheld"]

_LOOKS = 8
"""Twelve jobs that post at once need three or four."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What became of it. `withheld`: the mode does not want one, or that of a later run is there."""

    url: str | None
    action: Action


@dataclass(frozen=True, slots=True)
class Draft:
    """What a job has to say: `opens` if it does so where nothing was said, `repeats` if also where it is no news."""

    text: str
    stamp: Stamp
    opens: bool
    repeats: bool

    def replaces(self, said: Remark, *, spoken: bool) -> bool:
        """Whether this is to stand in place of what was said; of two jobs of one run, each writes once."""
        if said.stamp.after(self.stamp):
            return False
        if said.says(self.text) and said.stamp.head == self.stamp.head:
            return False
        if not self.repeats and said.stamp.gist == self.stamp.gist:
            return False
        return self.stamp.after(said.stamp) or not spoken


def draft(report: Report, stamp: Stamp, mode: CommentMode, check_name: str = "") -> Draft:
    """The draft of a report.

    `always` says everything. `failures` says nothing before something failed; from then on it keeps the comment up to
    date. `changes` says nothing before there is news, and from then on what has another gist than the comment.
    """
    opens = {"always": True, "changes": not calm(report), "failures": failing(report), "never": False}[mode]
    text = text_of(comment(report, check_name=check_name, stamp=str(stamp)))
    return Draft(text, stamp, opens, repeats=mode != "changes")


def post(github: GitHub, number: int, report: Report, *, mode: CommentMode, check_name: str = "") -> Comment:
    """Bring the comment on pull request `number` up to date. Raises RefusedError."""
    if mode == "never":
        return Comment(None, "withheld")
    stamp = stamp_of(github.context, gist(report))
    with github.asking(COMMENT), explained(number):
        return _Job(github, Conversation(github, number, check_name), draft(report, stamp, mode, check_name)).settle()


class _Job:
    """One job's part in the conversation: what it has to say, and what it has done."""

    def __init__(self, github: GitHub, talk: Conversation, draft: Draft) -> None:
        self._github = github
        self._talk = talk
        self._draft = draft
        self._tried = False
        self._made: Remark | None = None
        self._edited = False

    def settle(self) -> Comment:
        """Look and do what is to be done, until there is nothing."""
        for look in range(_LOOKS):
            if look:
                self._github.patience.pause()
            silent = not self._tried
            ours = self._ours()
            if not ours:
                return Comment(self._made.url, "created") if self._made else Comment(None, "withheld")
            wrote = silent and self._tried
            if not (self._tidy(ours) or wrote):
                return Comment(ours[0].url, self._action(ours[0]))
        raise RefusedError(diagnose("OCA712", f"the comment had changed at each of {_LOOKS} looks"))

    def _ours(self) -> list[Remark]:
        """Our comments or, where there are none and the draft opens, the one that is made, once."""

        def find() -> list[Remark] | None:
            found = self._talk.ours()
            made = self._made
            if made and all(one.id != made.id for one in found) and (seen := self._talk.look(made.id)):
                found = sorted([*found, seen], key=lambda one: one.id)  # a list may lag behind
            return found if found or made or not self._draft.opens else None

        def make() -> list[Remark]:
            self._tried = True
            self._made = self._talk.create(self._draft.text)
            return [self._made]

        return self._github.ensure(find, make)

    def _tidy(self, ours: list[Remark]) -> bool:
        """One step towards the oldest alone with the latest text. Whether there was anything to do."""
        kept, *later = ours
        latest = max(ours, key=lambda one: one.stamp.order)
        text, stamp = latest.body, latest.stamp
        if self._draft.replaces(latest, spoken=self._tried or self._edited):
            text, stamp = self._draft.text, self._draft.stamp
        if rewritten := text != kept.body:
            self._rewrite(kept, text, stamp)
        for one in later:
            self._talk.delete(one)
        return rewritten or bool(later)

    def _rewrite(self, kept: Remark, text: str, stamp: Stamp) -> None:
        """Edit a comment unless it is gone or has got later news; show it again if its gist changed."""
        seen = kept

        def find() -> Literal[True] | None:
            nonlocal seen
            now = self._talk.look(kept.id)
            if now is None or now.body == text or now.stamp.after(stamp):
                return True
            seen = now
            return None

        def make() -> Literal[True]:
            self._edited = True
            if seen.hidden and seen.stamp.gist != stamp.gist:
                self._talk.show(seen)  # before the text, by which a repeat would know the gist
            self._talk.edit(seen, text)
            return True

        self._github.ensure(find, make)

    def _action(self, kept: Remark) -> Action:
        if self._tried and (self._made is None or self._made.id == kept.id):
            return "created"
        if self._edited:
            return "updated"
        return "withheld" if kept.stamp.after(self._draft.stamp) else "unchanged"
