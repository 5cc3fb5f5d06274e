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
from functools import partial
from typing import Any

from .app import Exchange
from .faults import Fault, When
from .stand_in import StandIn

Action = Callable[[StandIn], object]
UPLOAD = "repos/upload-release-asset"
LASTING = frozenset({Fault.RESET, Fault.READ_ONLY, Fault.BAD_GATEWAY})
"""Faults that are tried as lasting too: all requests meet them, until the action has given up."""


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
    trials = list(_trials(requests, kinds))
    attempt = partial(_failure, action, state, prepare, expected, failures, always)
    with ThreadPoolExecutor(side_by_side) as pool:
        found = list(pool.map(attempt, [trial for trial in trials if trial.kind is not Fault.CALL]))
    # A child is forked only while no other stand-in runs, so that it holds no connection of another trial open.
    found += [attempt(trial) for trial in trials if trial.kind is Fault.CALL]
    wrong = [one for one in found if one]
    assert not wrong, f"{len(wrong)} of {len(trials)} trials:\n" + "\n".join(wrong)
    return len(trials)


def _trials(requests: Sequence[Exchange], kinds: Sequence[Fault]) -> Iterator[Trial]:
    for at, request in enumerate(requests, 1):
        whens: list[When] = ["before", "after"]
        if request.operation == UPLOAD:
            whens.append("partly")
        for kind in kinds:
            for when in ["before"] if kind is Fault.REFUSED else whens:
                for times in (1, None) if kind in LASTING else (1,):
                    yield Trial(kind, at, when, times, f"{request.method} {request.path}")


def _failure(
    action: Action,
    state: Callable[[StandIn], Any],
    prepare: Action,
    expected: Any,
    failures: tuple[type[Exception], ...],
    always: Action,
    trial: Trial,
) -> str | None:
    """What is wrong after a trial; None if nothing is."""
    with StandIn() as stand_in:
        prepare(stand_in)
        stand_in.token()
        try:
            (_kill if trial.kind is Fault.CALL else _disturb)(action, stand_in, trial, failures)
            stand_in.clear_faults()
            always(stand_in)
            action(stand_in)
            always(stand_in)
            assert state(stand_in) == expected, f"it ends in\n    {state(stand_in)}\n  instead of\n    {expected}"
            assert not stand_in.violations, stand_in.violations
        except Exception as error:
            return f"- {trial}: {type(error).__name__}: {error}"
    return None


def _disturb(action: Action, stand_in: StandIn, trial: Trial, failures: tuple[type[Exception], ...]) -> None:
    stand_in.fault(trial.kind, at=trial.at, when=trial.when, times=trial.times)
    with contextlib.suppress(*failures):
        action(stand_in)
    met = trial.kind is Fault.REFUSED or any(one.fault for one in stand_in.requests)
    assert met, "the action did not make as many requests as when it was undisturbed"


def _kill(action: Action, stand_in: StandIn, trial: Trial, _failures: tuple[type[Exception], ...]) -> None:
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
        try:
            action(stand_in)
        finally:
            os._exit(0)
    forked.set()
    _, status = os.waitpid(child[0], 0)
    assert os.WIFSIGNALED(status), "the action ended before it was to be killed"
