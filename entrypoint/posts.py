"""What a step posts: check run, comment, assets. Each is tried for a time; what failed is kept, and nothing is raised.

Only a step that posts imports this: PyGithub takes a fifth of a second.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from entrypoint.cancel import BrokenOffError
from entrypoint.results import say
from onnx_convert.diagnostics import diagnose
from onnx_convert.github.check import Check, cancel, conclude, open_check
from onnx_convert.github.client import connect
from onnx_convert.github.comment import post
from onnx_convert.github.patience import Patience
from onnx_convert.github.refusal import RefusedError
from onnx_convert.github.relay import Relayed, relay
from onnx_convert.github.release import publish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from entrypoint.cancel import Cancellation
    from entrypoint.decide import Decision
    from entrypoint.inputs import Inputs
    from onnx_convert.github.client import GitHub
    from onnx_convert.github.context import Context
    from onnx_convert.report.model import Report

OPENING = 10.0
"""Seconds of the patience that the models wait for their check to be opened."""
CONCLUDING = 30.0
"""Seconds of the patience that are kept for the check while the comment is posted."""
LONGEST = 180.0
"""Seconds that anything but an upload takes, however slowly GitHub answers."""
UPLOADING = 6 * 3600.0
"""Seconds that a job of GitHub's has at most. Models may be large; each request has a time-out of its own."""
HURRY = 4.0
"""Seconds to conclude the check of a job that is being cancelled: it is killed ten seconds after the first signal."""


class Posts:
    """The posts of one step. `refusals` says what was not posted; the addresses are empty where there is nothing.

    `meet` gives someone who speaks to GitHub, whose patience all posts share.
    """

    def __init__(
        self,
        context: Context,
        decision: Decision,
        inputs: Inputs,
        cancellation: Cancellation,
        meet: Callable[[Context], GitHub] = lambda context: connect(context, Patience()),
    ) -> None:
        self.refusals: list[RefusedError] = []
        self.check_url = self.comment_url = ""
        self._context, self._decision, self._inputs = context, decision, inputs
        self._cancellation = cancellation
        self._meet = meet
        self._check: Check | None = None
        self._unopened: RefusedError | None = None
        self.fork = context.pull is not None and context.pull.fork

    def begin(self) -> None:
        """Open the check."""
        if self._decision.check:
            self._unopened = self._failure("open the check run", 2 * OPENING, self._open_soon)

    def end(self, report: Report | None) -> bool:
        """Post the comment, conclude the check. Whether the check has the findings as annotations."""
        pull = self._context.pull
        if self._decision.comment and pull is not None and report is not None and not self._cancellation.heard:
            self._try("post the comment", LONGEST, lambda: self._comment(pull.number, report))
        return self._decision.check and self._may_check() and self._conclude(report)

    def relay(self) -> Relayed | None:
        """Post the comment from the report of the run that the event is about. What became of it, None if nothing."""
        done: list[Relayed] = []
        mode, name = self._inputs.comment, self._inputs.check_name

        def send() -> None:
            done.append(relay(self._github, self._inputs.artifact, mode=mode, check_name=name))
            self.comment_url = done[0].url

        self._try("post the comment", LONGEST, send)
        return done[0] if done else None

    def publish(self, folder: Path, report: Report) -> tuple[str, ...]:
        """Upload the assets of a release, and tell their names."""
        names: list[str] = []
        tag, failed = self._inputs.release_tag or None, self._inputs.publish_failed

        def upload() -> None:
            done = publish(
                self._github, folder, report, tag, even_if_failed=failed, say=lambda text: print(text, flush=True)
            )
            for warning in done.warnings:
                say("warning", warning)
            names.extend(done.assets)

        self._try("publish", UPLOADING, upload)
        return tuple(names)

    def _comment(self, number: int, report: Report) -> None:
        mode, name = self._inputs.comment, self._inputs.check_name
        with self._keeping(CONCLUDING if self._decision.check else 0):
            self.comment_url = post(self._github, number, report, mode=mode, check_name=name).url or ""

    def _open_soon(self) -> None:
        with self._keeping(max(0.0, self._github.patience.left - OPENING)):
            self._open()

    def _open(self) -> Check:
        self._check = open_check(self._github, self._inputs.check_name)
        self.check_url = self._check.page
        return self._check

    def _may_check(self) -> bool:
        """Whether there is a check to conclude, or can be: what lacked a permission lacks it still."""
        if self._unopened is None or self._unopened.permission is None:
            return True
        self.refusals.append(self._unopened)
        return False

    def _conclude(self, report: Report | None) -> bool:
        def conclude_it() -> None:
            self.check_url = conclude(self._github, self._check or self._open(), report)

        def cancel_it() -> None:
            self.check_url = cancel(self._github, self._check or self._open(), report)

        if not self._cancellation.heard:
            annotated = self._try("conclude the check run", LONGEST, conclude_it)
            if not self._cancellation.heard:
                return annotated
        self._try("conclude the check run", HURRY, cancel_it)
        return False

    @cached_property
    def _github(self) -> GitHub:
        return self._meet(self._context)

    @contextmanager
    def _keeping(self, seconds: float) -> Iterator[None]:
        """So many seconds of the patience are not there while the block runs."""
        patience = self._github.patience
        patience.left -= seconds
        try:
            yield
        finally:
            patience.left += seconds

    def _try(self, purpose: str, seconds: float, action: Callable[[], None]) -> bool:
        """Whether it went well; what did not is kept."""
        failed = self._failure(purpose, seconds, action)
        self.refusals += [failed] if failed else []
        return failed is None

    def _failure(self, purpose: str, seconds: float, action: Callable[[], None]) -> RefusedError | None:
        """What an action failed by. It ends after so many seconds, or when the job is cancelled."""
        try:
            with self._cancellation.breakable(seconds):
                action()
        except RefusedError as error:
            return error
        except BrokenOffError as error:
            return RefusedError(diagnose("OCA758", f"could not {purpose}: {error}"))
        except Exception as error:  # a mistake of ours; its text may hold anything
            said = f"could not {purpose}: {type(error).__name__}"
            return RefusedError(diagnose("OCA903", said, severity="warning"))
        return None
