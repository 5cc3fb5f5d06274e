"""Every fault at every request of an action: after each, a repeat has to end where an undisturbed action ends.

    every_fault(
        lambda stand_in: post(stand_in.api_url, stand_in.token(), timeout=0.2, sleep=lambda seconds: None),
        lambda stand_in: [comment.body for comment in stand_in.comments(1)],
        prepare=lambda stand_in: stand_in.add_pull(1),
    )

The action runs in threads, each with a stand-in of its own, and in a forked child where it is killed; so it builds
nothing in the stand-in, and asks for no token that `prepare` has not asked for, beside that of a job. It is to be given
a short time-out and no real waiting; it fails by one of `failures`, or succeeds.
"""

import contextlib
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NoReturn

from .app import Exchange
from .faults import Fault, When
from .stand_in import StandIn

Action = Callable[[StandIn], object]
UPLOAD = "repos/upload-release-asset"
LASTING = frozenset({Fault.RESET, Fault.READ_ONLY, Fault.BAD_GATEWAY})
"""Faults that are tried as lasting too: all requests meet them, until the action has given up."""

_ATTEMPTS = 3  # a busy machine may let the action run out of patience before the request that is to fail
_PATIENCE_S = 60


@dataclass(frozen=True)
class Trial:
    """One fault at one request of an action, or at all from that one on."""

    kind: Fault
    at: int
    when: When
    times: int | None
    request: str

    def __str__(self) -> str:
        lasting = " and ever after" if self.times is None else ""
        return f"{self.kind} {self.when} request {self.at}{lasting} ({self.request})"


def every_fault(
    action: Action,
    state: Callable[[StandIn], Any],
    prepare: Action = lambda stand_in: None,
    *,
    kinds: Sequence[Fault] = tuple(Fault),
    failures: tuple[type[Exception], ...] = (Exception,),
    always: Action = lambda stand_in: None,
    side_by_side: int = 8,
) -> int:
    """Tries them all, each in a stand-in that `prepare` filled, and gives how many there were.

    `state` is what of the stand-in is compared; `always` is called after the fault and at the end, and raises
    AssertionError where something does not hold that always has to. Raises AssertionError with all trials that failed.
    """
    with StandIn() as undisturbed:
        prepare(undisturbed)
        before = len(undisturbed.requests)
        action(undisturbed)
        expected = state(undisturbed)
        requests = undisturbed.requests[before:]
        assert not undisturbed.violations, undisturbed.violations
    subject = _Subject(action, state, prepare, failures, always, expected)
    trials = list(_trials(requests, kinds))
    with ThreadPoolExecutor(side_by_side) as pool:
        found = list(pool.map(subject.wrong, [trial for trial in trials if trial.kind is not Fault.CALL]))
    # A child is forked only while no other stand-in runs, so that it holds no connection of another trial open.
    found += [subject.wrong(trial) for trial in trials if trial.kind is Fault.CALL]
    wrong = [one for one in found if one]
    assert not wrong, f"{len(wrong)} of {len(trials)} trials:\n" + "\n".join(wrong)
    return len(trials)


def _trials(requests: Sequence[Exchange], kinds: Sequence[Fault]) -> Iterator[Trial]:
    for at, request in enumerate(requests, 1):
        whens: list[When] = ["before", "after"]
        if request.operation == UPLOAD:
            whens.append("partly")
        for kind in kinds:
            for when in whens[:1] if kind is Fault.REFUSED else whens:
                for times in (1, None) if kind in LASTING else (1,):
                    yield Trial(kind, at, when, times, f"{request.method} {request.path}")


class _NotMetError(Exception):
    """The action ended before the request that was to fail."""


@dataclass(frozen=True)
class _Subject:
    """What is tried, and what it is to end in."""

    action: Action
    state: Callable[[StandIn], Any]
    prepare: Action
    failures: tuple[type[Exception], ...]
    always: Action
    expected: Any

    def wrong(self, trial: Trial) -> str | None:
        """What is wrong after a trial; None if nothing is."""
        for _ in range(_ATTEMPTS):
            with StandIn() as stand_in:
                self.prepare(stand_in)
                stand_in.token()
                try:
                    self._try(trial, stand_in)
                except _NotMetError:
                    continue
                except Exception as error:
                    return f"- {trial}: {type(error).__name__}: {error}"
                return None
        return f"- {trial}: the action ended before, {_ATTEMPTS} times"

    def _try(self, trial: Trial, stand_in: StandIn) -> None:
        if trial.kind is Fault.CALL:
            self._kill(trial, stand_in)
        else:
            self._disturb(trial, stand_in)
        stand_in.clear_faults()
        self.always(stand_in)
        self.action(stand_in)
        self.always(stand_in)
        found = self.state(stand_in)
        assert found == self.expected, f"it ends in\n    {found}\n  instead of\n    {self.expected}"
        assert not stand_in.violations, stand_in.violations

    def _disturb(self, trial: Trial, stand_in: StandIn) -> None:
        stand_in.fault(trial.kind, at=trial.at, when=trial.when, times=trial.times)
        with contextlib.suppress(*self.failures):
            self.action(stand_in)
        if trial.kind is not Fault.REFUSED and not any(one.fault for one in stand_in.requests):
            raise _NotMetError

    def _kill(self, trial: Trial, stand_in: StandIn) -> None:
        child, forked = [0], threading.Event()

        def kill() -> None:
            forked.wait()
            os.kill(child[0], signal.SIGKILL)

        stand_in.fault(trial.kind, at=trial.at, when=trial.when, call=kill)
        with warnings.catch_warnings():
            # Python 3.12 warns that a lock may be held; the other threads wait for connections and hold none.
            warnings.simplefilter("ignore", DeprecationWarning)
            child[0] = os.fork()
        if not child[0]:
            self._act_and_end(stand_in)
        forked.set()
        _, status = os.waitpid(child[0], 0)
        if os.WIFEXITED(status):
            raise _NotMetError
        assert os.WTERMSIG(status) == signal.SIGKILL, f"the action ended by signal {os.WTERMSIG(status)}"

    def _act_and_end(self, stand_in: StandIn) -> NoReturn:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_PATIENCE_S)
        try:
            self.action(stand_in)
        finally:
            os._exit(0)
