"""What a step posts: check run, comment, assets. Each is tried for a time; what failed is kept, and nothing is raised.

Only a step that posts imports this: PyGithub takes a fifth of a second.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
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
    from collections.abc import Iterator
    from pathlib import Path

    from entrypoint.cancel import Cancellation
    from entrypoint.decide import Decision
    from entrypoint.inputs import Inputs
    from onnx_convert.github.client import GitHub
    from onnx_convert.github.context import Context
    from onnx_convert.report.model import Report

WAIT = 60.0
"""Seconds of patience for the comment, and as many for the check: one must not use up what the other needs."""
LONGEST = 180.0
"""Seconds for all of either, however slowly GitHub answers."""
OPENING = 20.0
"""Seconds that the models wait for their check to be opened."""
UPLOADING = 6 * 3600.0
"""Seconds that a job of GitHub's has at most. Models may be large; each request has a time-out of its own."""
HURRY = 4.0
"""Seconds to conclude the check of a job that is being cancelled: it is killed ten seconds after the first signal."""


class Posts:
    """The posts of one step. `refusals` says what was not posted; the addresses are empty where there is nothing."""

    def __init__(self, context: Context, decision: Decision, inputs: Inputs, cancellation: Cancellation) -> None:
        self.refusals: list[RefusedError] = []
        self.check_url = self.comment_url = ""
        self._context, self._decision, self._inputs = context, decision, inputs
        self._cancellation = cancellation
        self._check: Check | None = None
        self.fork = context.pull is not None and context.pull.fork

    def begin(self) -> None:
        """Open the check."""
        if self._decision.check:
            with self.trying("open the check run", OPENING):
                self._open(OPENING / 2)

    def end(self, report: Report) -> bool:
        """Post the comment, conclude the check. Whether the check has the findings as annotations."""
        pull = self._context.pull
        if self._decision.comment and pull is not None and not self._cancellation.heard:
            with self.trying("post the comment"):
                mode, name = self._inputs.comment, self._inputs.check_name
                self.comment_url = post(self._github(), pull.number, report, mode=mode, check_name=name).url or ""
        return self._decision.check and self._conclude(report)

    def relay(self) -> Relayed | None:
        """Post the comment from the report of the run that the event is about. What became of it, None if nothing."""
        with self.trying("post the comment"):
            mode, name = self._inputs.comment, self._inputs.check_name
            done = relay(self._github(), self._inputs.artifact, mode=mode, check_name=name)
            self.comment_url = done.url
            return done
        return None

    def publish(self, folder: Path, report: Report) -> tuple[str, ...]:
        """Upload the assets of a release, and tell their names."""
        with self.trying("publish", UPLOADING):
            github = self._github(2 * WAIT)
            tag, failed = self._inputs.release_tag or None, self._inputs.publish_failed
            done = publish(github, folder, report, tag, even_if_failed=failed, say=partial(say, "notice"))
            return tuple(done.assets)
        return ()

    def _conclude(self, report: Report) -> bool:
        if not self._cancellation.heard:
            before = len(self.refusals)
            if self._check is None and not any(one.permission for one in self.refusals):
                with self.trying("open the check run"):
                    self._open(WAIT)
            if self._check is not None and before == len(self.refusals):
                with self.trying("conclude the check run"):
                    self.check_url = conclude(self._github(), self._check, report)
            if not self._cancellation.heard:
                return bool(self.check_url) and before == len(self.refusals)
        if self._check is not None:
            with self.trying("conclude the check run", HURRY):
                self.check_url = cancel(self._github(), self._check, report)
        return False

    def _open(self, wait: float) -> None:
        self._check = open_check(self._github(wait), self._inputs.check_name)
        self.check_url = self._check.page

    def _github(self, wait: float = WAIT) -> GitHub:
        return connect(self._context, Patience(wait))

    @contextmanager
    def trying(self, purpose: str, seconds: float = LONGEST) -> Iterator[None]:
        """A block whose failure is kept. It ends after so many seconds, or when the job is cancelled."""
        try:
            with self._cancellation.breakable(seconds):
                yield
        except RefusedError as error:
            self.refusals.append(error)
        except BrokenOffError as error:
            self.refusals.append(RefusedError(diagnose("OCA758", f"could not {purpose}: {error}")))
        except Exception as error:  # a mistake of ours; its text may hold anything
            said = f"could not {purpose}: {type(error).__name__}"
            self.refusals.append(RefusedError(diagnose("OCA903", said, severity="warning")))
