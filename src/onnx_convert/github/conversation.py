"""Our comments on a pull request as GitHub has them, and what can be done to one. Decides nothing."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from github import GithubException

from onnx_convert.diagnostics import diagnose
from onnx_convert.github.permission import COMMENT
from onnx_convert.github.refusal import RefusedError, message_of, refused
from onnx_convert.github.stamp import Stamp, read_stamp, shown, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from github.IssueComment import IssueComment

    from onnx_convert.github.client import GitHub

_GONE = {404, 410}
_SHOW = "mutation ($id: ID!) { unminimizeComment(input: {subjectId: $id}) { unminimizedComment { isMinimized } } }"


@dataclass(frozen=True, slots=True)
class Remark:
    """One of our comments. `hidden` is known only of one that was looked at alone."""

    id: int
    node_id: str
    url: str
    body: str
    stamp: Stamp
    hidden: bool = False

    def says(self, body: str) -> bool:
        """Whether its readers see what they would see of this text."""
        return shown(self.body) == shown(body)


class Conversation:
    """The comments of one check name, by whose token it is, on one pull request. Methods raise one of FAULTS."""

    def __init__(self, github: GitHub, number: int, check_name: str) -> None:
        self._github = github
        self._issue = github.repository.get_issue(number)
        self._check_name = check_name

    def ours(self) -> list[Remark]:
        """All of ours, the oldest first."""
        login = self._github.login
        found = (self._remark(one) for one in self._issue.get_comments() if one.user and one.user.login == login)
        return sorted(filter(None, found), key=lambda one: one.id)

    def look(self, number: int) -> Remark | None:
        """One of them by its id, as it is now; None if it is gone, or no longer ours."""
        try:
            comment = self._issue.get_comment(number)
            found = self._remark(comment, hidden=bool(comment.raw_data.get("minimized")))
        except GithubException as error:
            if error.status in _GONE:
                return None
            raise
        return found

    def create(self, body: str) -> Remark:
        """Say something."""
        made = self._issue.create_comment(body)
        return Remark(made.id, made.node_id, made.html_url, body, read_stamp(body, self._check_name) or Stamp())

    def show(self, remark: Remark) -> None:
        """Make visible what somebody minimised."""
        self._github.graphql(_SHOW, id=remark.node_id)

    def edit(self, remark: Remark, body: str) -> None:
        """Change one. Does nothing if it is gone."""
        try:
            self._issue.get_comment(remark.id).edit(body)
        except GithubException as error:
            if error.status not in _GONE:
                raise
            if self.look(remark.id) is not None:  # the token may read it, and not write
                raise refused(error, COMMENT) from None

    def delete(self, remark: Remark) -> None:
        """Take one back, if nobody has."""
        try:
            self._issue.get_comment(remark.id).delete()
        except GithubException as error:
            if error.status not in _GONE:
                raise

    def _remark(self, comment: IssueComment, *, hidden: bool = False) -> Remark | None:
        body = text_of(comment.body or "")
        stamp = read_stamp(body, self._check_name)
        return None if stamp is None else Remark(comment.id, comment.node_id, comment.html_url, body, stamp, hidden)


@contextmanager
def explained(number: int) -> Iterator[None]:
    """Turns what GitHub says of the pull request itself, and not of the token, into a RefusedError."""
    try:
        yield
    except GithubException as error:
        said = message_of(error)
        # The status is that of a missing permission; only the words tell (renovatebot/renovate#6215).
        if error.status == 403 and "locked" in said.casefold():
            raise RefusedError(diagnose("OCA710", f"the conversation of #{number} is locked: {said}")) from None
        if error.status in _GONE:
            what = f"there is no pull request #{number} for this token: GitHub said {error.status}, {said}"
            raise RefusedError(diagnose("OCA711", what), COMMENT) from None
        raise
