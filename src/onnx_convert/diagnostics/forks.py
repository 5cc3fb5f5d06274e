"""OCA750-OCA759: what a `workflow_run` job has against the report of the pull request's own run."""

from onnx_convert.diagnostics.entry import Entry

_POSTED = " Nothing was posted."

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="OCA750",
        title="the run before left no report",
        severity="note",
        hint="upload report.json in an artifact that the input `artifact` names; a run that was cancelled has none",
        cause="The run that the `workflow_run` event is about has no artifact of this name, or it has expired. A run "
        "that ended before a model was converted, by a mistake in the spec for example, has none to upload." + _POSTED,
        remedy="If there is never one: the converting workflow needs the step with actions/upload-artifact that "
        "docs/forks.md shows, and the same name in both workflows.",
    ),
    Entry(
        code="OCA751",
        title="the artifact cannot be read",
        severity="error",
        hint="upload report.json alone, with actions/upload-artifact",
        cause="The artifact comes from the pull request's own run, so it is read as hostile data: at most 512 MiB, a "
        "directory of at most 1 MiB, exactly one report.json, neither encrypted nor larger than it says." + _POSTED,
        remedy="Upload the file that the output `report` names and nothing else. If the workflow does that, someone "
        "tampered with the artifact: look at what the pull request changed in `.github/`.",
    ),
    Entry(
        code="OCA752",
        title="the report of the artifact is none",
        severity="error",
        hint="use the same version of the action in both workflows",
        cause="report.json is not of the report's schema, or too large or too deep. Another version of the action may "
        "have written it, or something else." + _POSTED,
        remedy="Pin the same version in the workflow that converts and in the one that comments.",
    ),
    Entry(
        code="OCA753",
        title="the report contradicts itself",
        severity="error",
        hint="no run writes such a report: look at what the pull request changed in .github/",
        cause="The conclusion does not follow from the rows, an interval leaves out its ratio, a verdict is not that "
        "of its interval, percentiles are out of order, or a model beside the report has another digest than the "
        "report says. No version of the action writes this, so someone else did." + _POSTED,
        remedy="Look at the pull request's changes to workflows before approving further runs. If there are none, "
        "please open an issue with the report.",
    ),
    Entry(
        code="OCA754",
        title="the report was not measured again",
        severity="note",
        hint="whoever opened the pull request can change what measures; docs/forks.md says what that means",
        cause="The comment was posted by a trusted job from the report of the pull request's own run. What can be "
        "checked was: that it is a report, follows from itself, belongs to that run, and to this pull request. That "
        "its numbers were measured cannot be.",
        remedy="Read the pull request's changes to workflows and to the spec along with the numbers. To be sure, run "
        "the branch yourself.",
    ),
    Entry(
        code="OCA755",
        title="no open pull request has the commit of the run before as its head",
        severity="note",
        hint="nothing to do: if it was pushed to since, the next run comments",
        cause="The pull request was closed or merged, its fork deleted, or its head moved on while the run was under "
        "way. A comment would tell of another commit than the one that is shown." + _POSTED,
        remedy="Nothing: the run of the newer commit posts its own comment.",
    ),
    Entry(
        code="OCA756",
        title="several open pull requests have the commit of the run before as their head",
        severity="note",
        hint="close all but one of the pull requests of that branch",
        cause="One branch is proposed to several base branches, and the event does not say which of them the run was "
        "about. GitHub's merge commit, by which they are told apart, is none of theirs any more." + _POSTED,
        remedy="Push again, or close those that are not needed. The run's summary has the report.",
    ),
    Entry(
        code="OCA757",
        title="the run left no report",
        severity="error",
        hint="the step's log says why it ended",
        cause="The command ended without a report although nothing is wrong with the spec: it was killed, for want of "
        "memory for example, its call was wrong, or the parts of a matrix could not be joined.",
        remedy="Read the end of the step's log. If the process was killed, use a larger runner, or fewer models a job: "
        "docs/matrices.md.",
    ),
    Entry(
        code="OCA758",
        title="posting to GitHub was broken off",
        severity="warning",
        hint="run the job again: what was begun is found and completed",
        cause="The job was cancelled while it posted, or GitHub answered so slowly that it took longer than the action "
        "waits. The verdict on the models stays what it was; the report is in the job summary and the output folder.",
        remedy="Re-run the job, or push again. Nothing is posted twice.",
    ),
)
