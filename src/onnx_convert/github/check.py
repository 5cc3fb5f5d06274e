"""The check run on the commit that a job is about: opened before the models are, concluded whatever happens.

    check = open_check(github, "models")
    ...
    page = conclude(github, check, report)

A check run that is concluded cannot be opened again (https://github.com/Mergifyio/mergify/pull/1989). So one that an
earlier attempt of this workflow run left open, because it was killed, is taken over; beside one that an earlier attempt
concluded a new one is opened, and GitHub shows the newest. Annotations are appended and cannot be taken back: those
that are not there yet are sent, before the conclusion, so that a repeat can finish what was broken off.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from onnx_convert.diagnostics import diagnose
from onnx_convert.github.annotations import BATCH, MOST, annotations_of, plain
from onnx_convert.github.permission import CHECK
from onnx_convert.github.refusal import RefusedError
from onnx_convert.report.markdown import summary
from onnx_convert.report.text import shorten
from onnx_convert.report.verdict import counted, headline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from github.CheckRun import CheckRun

    from onnx_convert.github.annotations import Annotation
    from onnx_convert.github.client import GitHub
    from onnx_convert.report.model import Report

OUTPUT_LIMIT = 65_535
"""Bytes, not characters, that GitHub takes of a check's summary (https://github.com/github/docs/issues/35252)."""
HURRY = 5.0
"""Seconds of patience that are left where the job is being cancelled: the runner kills it soon after."""

_TITLE_LIMIT = 255
_RUNNING: dict[str, Any] = {"title": "Converting models", "summary": "The result will stand here when the job ends."}
_NOTHING = "The run ended before it could write a report. The job's log says more."

Conclusion = Literal["success", "failure", "neutral", "cancelled"]


@dataclass(frozen=True, slots=True)
class Check:
    """A check run of this job: its id, its external id, and its page."""

    id: int
    external_id: str
    page: str


def open_check(github: GitHub, name: str) -> Check:
    """The check run of this name for this attempt, in progress unless this attempt has concluded it already.

    Raises RefusedError.
    """
    context = github.context
    if not context.head_sha:
        raise RefusedError(diagnose("OCA720", "the event names no commit that a check could be about"))
    external_id = f"{_run(github)}{context.run_attempt}"

    def create() -> CheckRun:
        return github.repository.create_check_run(
            name=name,
            head_sha=context.head_sha,
            status="in_progress",
            external_id=external_id,
            details_url=context.run_url,
            output=_RUNNING,
        )

    with github.asking(CHECK):
        run = github.ensure(lambda: _found(github, name, external_id), create)
        return Check(run.id, external_id, run.html_url or context.run_url)


def conclude(github: GitHub, check: Check, report: Report | None, reason: str = "") -> str:
    """Send the findings as annotations, then what the run concluded. The page of the check.

    Without a report the check fails, and `reason` says why in Markdown. Raises RefusedError, also where only the
    annotations were refused and the check is concluded.
    """
    if report is None:
        return _finish(github, check, "failure", _output("No report was written", reason or _NOTHING))
    found = annotations_of(report)
    output = _output(headline(report), summary(report, OUTPUT_LIMIT))
    try:
        with github.asking(CHECK):
            earlier = _annotate(github, check, found[:MOST], output)
    except RefusedError:
        _finish(github, check, _conclusion(report), output | _text(len(found), 0))
        raise
    return _finish(github, check, _conclusion(report), output | _text(len(found) - MOST, earlier))


def cancel(github: GitHub, check: Check, report: Report | None = None) -> str:
    """Conclude at once, in one request, that the job was cancelled, with what is known of it. The page of the check.

    Raises RefusedError.
    """
    github.patience.left = min(github.patience.left, HURRY)
    known = summary(report, OUTPUT_LIMIT) if report is not None else "The job was cancelled."
    return _finish(github, check, "cancelled", _output("Cancelled", known))


def _run(github: GitHub) -> str:
    return f"onnx-convert-action/{github.context.run_id}/"


def _found(github: GitHub, name: str, external_id: str) -> CheckRun | None:
    """The newest of this workflow run's checks of the name that is still open, or this attempt's own."""
    commit = github.repository.get_commit(github.context.head_sha)
    mine = [
        run
        for run in commit.get_check_runs(check_name=name, filter="all")
        if run.external_id == external_id
        or (run.status != "completed" and (run.external_id or "").startswith(_run(github)))
    ]
    return max(mine, key=lambda run: run.id, default=None)


def _conclusion(report: Report) -> Conclusion:
    return "neutral" if report.conclusion == "success" and not report.models else report.conclusion


def _annotate(github: GitHub, check: Check, wanted: Sequence[Annotation], output: dict[str, Any]) -> int:
    """Send what is not there yet. The number of those there that are not wanted: an earlier attempt sent them."""
    run = github.repository.get_check_run(check.id)

    def step() -> int:
        there = {_key(one) for one in run.get_annotations()}
        missing = [one for one in wanted if one.key not in there]
        for start in range(0, len(missing), BATCH):
            _edit(github, check, output=output | {"annotations": [*map(asdict, missing[start : start + BATCH])]})
        return len(there - {one.key for one in wanted})

    return github.requester.insist(step, repeatable=True)


def _key(there: Any) -> tuple[str, int, str, str]:
    return (there.path, there.start_line, there.annotation_level, " ".join((there.message or "").split()))


def _finish(github: GitHub, check: Check, conclusion: Conclusion, output: dict[str, str]) -> str:
    with github.asking(CHECK):
        _edit(github, check, conclusion=conclusion, output=output)
    return check.page


def _edit(github: GitHub, check: Check, **changes: Any) -> None:
    url = f"{github.repository.url}/check-runs/{check.id}"
    body = {"external_id": check.external_id, "details_url": github.context.run_url, **changes}
    github.requester.requestJsonAndCheck("PATCH", url, input=body)


def _output(title: str, markdown: str) -> dict[str, str]:
    cut = markdown.encode()[:OUTPUT_LIMIT].decode(errors="ignore")
    return {"title": shorten(plain(title), _TITLE_LIMIT), "summary": cut}


def _text(omitted: int, earlier: int) -> dict[str, str]:
    lines = []
    if omitted > 0:
        lines.append(f"{counted(omitted, 'finding')} may have no annotation here; `report.json` has them all.")
    if earlier:
        lines.append(f"{counted(earlier, 'annotation')} of an earlier attempt stay: GitHub cannot remove them.")
    return {"text": "\n\n".join(lines)} if lines else {}
