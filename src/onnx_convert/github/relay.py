"""The comment on a fork's pull request, posted by a trusted job from the report of the fork's own run.

The report and all in it are the fork's. Whom it is for is GitHub's word alone: the open pull request whose head is the
commit that the `workflow_run` event names. GitHub leaves the event's `pull_requests` empty for forks, so it is found by
owner and branch (https://github.com/actions/runner/issues/3444).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from onnx_convert.diagnostics import diagnose
from onnx_convert.github.artifact import report_of
from onnx_convert.github.comment import post
from onnx_convert.github.hostile import contradictions
from onnx_convert.github.permission import ARTIFACT, PULLS
from onnx_convert.github.refusal import RefusedError

if TYPE_CHECKING:
    from github.PullRequest import PullRequest

    from onnx_convert.github.artifact import Found
    from onnx_convert.github.client import GitHub
    from onnx_convert.github.comment import CommentMode
    from onnx_convert.github.context import Trigger
    from onnx_convert.report.model import Diagnostic, Report

_TOLD = 5
"""Contradictions that are told."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """What became of it: the comment's address and the report, or else the `note` that says why there is none."""

    url: str = ""
    report: Report | None = None
    note: Diagnostic | None = None


def relay(github: GitHub, artifact: str, *, mode: CommentMode, check_name: str) -> Relayed:
    """Post the comment from the report in an artifact of the triggering run.

    Raises RefusedError where GitHub refuses, and where the report is none that a run writes.
    """
    trigger = github.context.trigger
    assert trigger is not None
    with github.asking(PULLS):
        pulls = _pulls(github, trigger)
    if not pulls:
        where = f"{trigger.head_owner or 'a deleted fork'}:{trigger.head_branch}"
        return Relayed(note=diagnose("OCA755", f"no open pull request from {where!r} has the head {trigger.head_sha}"))
    with github.asking(ARTIFACT):
        found = report_of(github, trigger.id, artifact)
    if found is None:
        return Relayed(note=diagnose("OCA750", f"the run {trigger.id} has no artifact {artifact!r}"))
    wrong = list(islice(contradictions(found.report), _TOLD))
    if wrong:
        raise RefusedError(diagnose("OCA753", "; ".join(wrong)))
    pull = _only(pulls, found.report.commit)
    if pull is None:
        numbers = ", ".join(f"#{one.number}" for one in pulls)
        return Relayed(note=diagnose("OCA756", f"{numbers} have the head {trigger.head_sha}"))
    report = _told(found, trigger, pull)
    return Relayed(post(github, pull.number, report, mode=mode, check_name=check_name).url or "", report)


def _pulls(github: GitHub, trigger: Trigger) -> list[PullRequest]:
    """The open pull requests of this repository whose head is the event's commit, in the event's repository."""
    if not trigger.head_owner or not trigger.head_branch or not trigger.head_repository:
        return []
    listed = github.repository.get_pulls(state="open", head=f"{trigger.head_owner}:{trigger.head_branch}")
    return [one for one in listed if _is_of(one, trigger)]


def _is_of(pull: PullRequest, trigger: Trigger) -> bool:
    head = pull.head
    same = head.repo is not None and head.repo.full_name.casefold() == (trigger.head_repository or "").casefold()
    return same and pull.state == "open" and head.sha == trigger.head_sha and head.ref == trigger.head_branch


def _only(pulls: list[PullRequest], commit: str | None) -> PullRequest | None:
    """The one that a run was about. One branch may be proposed to several: then by what GitHub merged for the run."""
    merged = [one for one in pulls if commit is not None and one.merge_commit_sha == commit]
    return pulls[0] if len(pulls) == 1 else merged[0] if len(merged) == 1 else None


def _told(found: Found, trigger: Trigger, pull: PullRequest) -> Report:
    """The report with a note that says where its numbers are from, and what of it was checked."""
    report = found.report
    known = report.commit is not None and report.commit in {trigger.head_sha, pull.merge_commit_sha}
    parts = [
        "posted from the report of the pull request's own run; its numbers were not measured again",
        f"the digests of {found.verified} models were compared with the files" if found.verified else "",
        "" if known else "nobody has checked the commit that it names: it is neither the head nor GitHub's merge of it",
    ]
    note = diagnose("OCA754", "; ".join(filter(None, parts)))
    return report.model_copy(update={"diagnostics": (*report.diagnostics, note)})
