"""What each task of a step does. Every function returns the step's exit code."""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrypoint import results
from entrypoint.child import run
from entrypoint.exposure import closed, secret, sensitive
from entrypoint.ownership import hand_back
from entrypoint.results import say
from onnx_convert.github.notes import notes
from onnx_convert.report.markdown import summary
from onnx_convert.report.write import ReportError, read
from onnx_convert.scale.call import MOST_LEGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

    from entrypoint.call import Call
    from entrypoint.cancel import Cancellation
    from entrypoint.decide import Decision
    from entrypoint.inputs import Inputs
    from entrypoint.posts import Posts
    from entrypoint.results import Story
    from onnx_convert.github.context import Context

OK, USAGE, AROUND, INTERRUPTED = 0, 2, 3, 130
MATRIX_LIMIT = 2**20
SAID_LIMIT = 2**16


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its job's environment without the token, what was decided, and the command line of `onnx-convert`.

    `context` is None where nothing is to be posted.
    """

    environ: Mapping[str, str]
    tool: tuple[str, ...]
    inputs: Inputs
    decision: Decision
    call: Call
    context: Context | None
    cancellation: Cancellation

    def posts(self) -> Posts | None:
        """Who posts for it."""
        if self.context is None:
            return None
        from entrypoint.posts import Posts  # noqa: PLC0415 - takes time that a step which posts nothing need not spend

        return Posts(self.context, self.decision, self.inputs, self.cancellation)

    def child(self, output: IO[bytes] | None = None, errors: IO[bytes] | None = None) -> int:
        """Run the command, with the runner's files out of reach, unless the job has been cancelled already."""
        if self.cancellation.heard:
            return INTERRUPTED
        with closed(sensitive(self.environ), secret(self.environ, self.call.workspace)) as exposed:
            for path in exposed:
                say("warning", f"{path} is open to any user of this runner, model code included")
            return run(
                (*self.tool, *self.call.arguments),
                environ=self.call.environ,
                folder=self.call.workspace,
                output=output,
                errors=errors,
                hear=self.cancellation.note,
            )


def convert(step: Step) -> int:
    """Run the models, or join the legs of those that were; then tell GitHub. What is posted decides nothing."""
    posts = step.posts()
    if posts is not None:
        posts.begin()
    before = results.stamp(step.call.out / "report.json")
    code, said = _heard(step)
    story = None  # a mistake of ours must not leave the check open
    with or_warn("the results could not be handed to GitHub"):
        story = results.story_of(step.call, before, said)
        results.hand_over(step.call, story, step.environ)
    annotated = posts is not None and posts.end(story.report if story else None)
    hidden = {} if annotated or story is None else results.annotate(story.report)
    if posts is not None:
        code = _publish_after(step, posts, story, code)
        _tell(step, posts, hidden)
    elif hidden:
        with or_warn("the results could not be handed to GitHub"):
            results.write_summary(step.environ, notes((), hidden=hidden))
    with or_warn("some files still belong to root"):
        hand_back((step.call.out, step.call.cache), step.call.workspace)
    return code


def plan(step: Step) -> int:
    """Set the output `matrix`."""
    with tempfile.TemporaryFile() as file:
        code = step.child(file)
        file.seek(0)
        text = file.read(MATRIX_LIMIT + 1)
    matrix = _matrix(text) if code == OK else None
    with or_warn("the outputs could not be set"):
        results.write_outputs(step.environ, {"conclusion": "failure" if matrix is None else "success"})
        if matrix is not None:
            results.write_outputs(step.environ, {"matrix": json.dumps(matrix)})
    if code == OK and matrix is None:
        say("error", "the plan is no matrix that GitHub takes")
        return AROUND
    return code


def comment(step: Step) -> int:
    """Post the report that an earlier step or job left in the output folder."""
    story = _earlier(step)
    posts = step.posts()
    if story is None or posts is None:
        return AROUND
    posts.end(story.report)
    return _tell(step, posts)


def relay(step: Step) -> int:
    """Post the report of the run that the event is about."""
    posts = step.posts()
    if posts is None:
        return AROUND
    done = posts.relay()
    if done is not None and done.note is not None:
        say("notice", f"nothing was posted: {done.note.message}\n{done.note.hint}", done.note.code)
    if done is not None and done.report is not None:
        with or_warn("the results could not be handed to GitHub"):
            results.write_summary(step.environ, summary(done.report))
            results.write_outputs(step.environ, {"conclusion": done.report.conclusion})
    return _tell(step, posts)


def publish(step: Step) -> int:
    """Publish the report that an earlier step or job left in the output folder."""
    story = _earlier(step)
    posts = step.posts()
    if story is None or posts is None:
        return AROUND
    _upload(step, posts, story)
    with or_warn("some files still belong to root"):
        hand_back((step.call.out,), step.call.workspace)
    return _tell(step, posts)


def nothing(step: Step) -> int:
    """Say why there is nothing to do."""
    say("notice", f"nothing was posted: {step.decision.why}")
    return OK


def _heard(step: Step) -> tuple[int, str]:
    """Run the command; its code, and what it said if it needs no spec. That goes to the log all the same."""
    if step.decision.task != "merge":
        return step.child(), ""
    with tempfile.TemporaryFile() as file:
        code = step.child(errors=file)
        file.seek(0)
        said = file.read(SAID_LIMIT).decode("utf-8", "replace")
    print(said, end="", file=sys.stderr, flush=True)
    return code, said.strip()


def _publish_after(step: Step, posts: Posts, story: Story | None, code: int) -> int:
    """A release without its models is no success, whatever the models are."""
    wanted = step.decision.publish and (code == OK or step.inputs.publish_failed)
    if not wanted or story is None or not story.written or step.cancellation.heard:
        return code
    before = len(posts.refusals)
    _upload(step, posts, story)
    return code or (AROUND if len(posts.refusals) > before else OK)


def _upload(step: Step, posts: Posts, story: Story) -> None:
    names = posts.publish(step.call.out, story.report)
    with or_warn("the outputs could not be set"):
        results.write_outputs(step.environ, {"release-assets": json.dumps(names)})


def _earlier(step: Step) -> Story | None:
    """What an earlier step left; None, and the outputs say so, where there is no report."""
    path = step.call.out / "report.json"
    try:
        report = read(path)
    except ReportError as error:
        say("error", f"{error}\nput the output folder of the run there, by actions/download-artifact for example")
        with or_warn("the outputs could not be set"):
            results.write_outputs(step.environ, {"conclusion": "failure"})
        return None
    story = results.Story(report, summary(report))
    with or_warn("the results could not be handed to GitHub"):
        results.hand_over(step.call, story, step.environ)
    return story


def _tell(step: Step, posts: Posts, hidden: Mapping[Any, int] | None = None) -> int:
    """Say what was posted, in the outputs, and what could not be, in log and summary."""
    for one in posts.refusals:
        say("warning", f"{one.diagnostic.message}\n{one.diagnostic.hint}", one.diagnostic.code)
    with or_warn("the results could not be handed to GitHub"):
        fork = posts.fork
        results.write_summary(step.environ, notes(posts.refusals, fork=fork, hidden=hidden or {}))
        results.write_outputs(step.environ, {"comment-url": posts.comment_url, "check-url": posts.check_url})
    return AROUND if posts.refusals else OK


def _matrix(text: bytes) -> dict[str, list[dict[str, str]]] | None:
    """What the plan printed, if it is `{"include": [{NAME: TEXT, ...}, ...]}` with as many legs as GitHub takes."""
    try:
        found = json.loads(text) if len(text) <= MATRIX_LIMIT else None
    except (ValueError, RecursionError):
        return None
    legs = found.get("include") if isinstance(found, dict) and len(found) == 1 else None
    if not isinstance(legs, list) or not 1 <= len(legs) <= MOST_LEGS:
        return None
    plain = all(isinstance(leg, dict) and leg and all(isinstance(one, str) for one in leg.values()) for leg in legs)
    return found if plain else None


@contextmanager
def or_warn(what: str) -> Iterator[None]:
    """What follows a run never changes its exit code."""
    try:
        yield
    except Exception as error:  # also a mistake of ours: the verdict has been given, and is the step's
        say("warning", f"{what}: {error}")
