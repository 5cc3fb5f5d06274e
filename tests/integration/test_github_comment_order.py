"""Jobs that comment at once, in every order of their requests that Hypothesis thinks of.

A job's requests wait for their turn, so an order is a list of numbers. Nothing is asked of the order but one thing: who
pauses lets each of the others that has a request on its way get its answer.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Condition
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onnx_convert.github.client import connect
from onnx_convert.github.comment import post
from onnx_convert.github.context import context_of
from onnx_convert.github.gist import gist
from onnx_convert.github.patience import Patience
from onnx_convert.github.stamp import Stamp
from onnx_convert.report.markdown import comment
from onnx_convert.report.model import Report
from tests.github_stand_in import StandIn
from tests.unit.report import sample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.github_stand_in.api import Answer, Request
    from tests.github_stand_in.app import Exchange

PULL = 7
BOT = "github-actions[bot]"


def report(run: int) -> Report:
    """What a run found: each something else."""
    rows = (sample.row(benchmark=()), sample.failing_parity())
    return sample.report((rows[run % 2],), spec=f"run-{run}")


class Turns:
    """Lets one job at a time go on, whenever all of them wait."""

    def __init__(self, jobs: int, order: Sequence[int]) -> None:
        self._order = list(order)
        self._changed = Condition()
        self._live = set(range(jobs))
        self._steps = [0] * jobs
        self._waiting: dict[int, dict[int, int]] = {}
        self._turn: int | None = None

    def step(self, job: int) -> None:
        """Wait until it is this job's turn to have a request answered."""
        self._wait(job, {})

    def pause(self, job: int) -> None:
        """Wait until each other job whose request is on its way has had one answered, and it is this job's turn."""
        with self._changed:
            others = {one for one in self._waiting if not self._waiting[one]}
        self._wait(job, {one: self._steps[one] + 1 for one in others})

    def end(self, job: int) -> None:
        """This job has no more requests."""
        with self._changed:
            self._live.discard(job)
            self._next()

    def _wait(self, job: int, until: dict[int, int]) -> None:
        with self._changed:
            self._waiting[job] = until
            self._next()
            self._changed.wait_for(lambda: self._turn == job)
            self._turn = None
            del self._waiting[job]
            self._steps[job] += 1

    def _next(self) -> None:
        if self._turn is not None or set(self._waiting) != self._live or not self._live:
            return
        ready = sorted(one for one, until in self._waiting.items() if self._reached(until)) or sorted(self._live)
        self._turn = ready[(self._order.pop(0) if self._order else 0) % len(ready)]
        self._changed.notify_all()

    def _reached(self, until: dict[int, int]) -> bool:
        return all(one not in self._live or self._steps[one] >= steps for one, steps in until.items())


class Ordered(StandIn):
    """Answers in the order of turns, once there are any."""

    turns: Turns | None = None
    jobs: dict[str, int]

    def answer(self, request: Request, exchange: Exchange, *, blobs: bool) -> Answer:
        if self.turns:
            self.turns.step(self.jobs[request.headers["Authorization"].split()[-1]])
        return super().answer(request, exchange, blobs=blobs)


def job(stand_in: Ordered, number: int, token: str, run: int) -> Callable[[], None]:
    """A job that knows who it is: what it does from the first look on."""
    environ = {"GITHUB_REPOSITORY": stand_in.repository, "GITHUB_RUN_ID": str(run), "GITHUB_SHA": "d" * 40}
    context = context_of(environ, {}, token=token, api_url=stand_in.api_url)

    def pause(_seconds: float) -> None:
        assert stand_in.turns
        stand_in.turns.pause(number)

    github = connect(context, Patience(sleep=pause), between=(0.0, 0.0))
    assert github.login == BOT

    def act() -> None:
        assert stand_in.turns
        try:
            post(github, PULL, report(run), mode="always")
        finally:
            stand_in.turns.end(number)

    return act


def body(number: int) -> str:
    stamp = Stamp(gist(report(number)), number, 1, "d" * 40)
    return comment(report(number), stamp=str(stamp)).strip()


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    runs=st.lists(st.integers(2, 4), min_size=2, max_size=4),
    before=st.lists(st.sampled_from([1, 3]), max_size=2),
    order=st.lists(st.integers(0, 3), max_size=60),
)
def test_whatever_the_order_one_comment_is_left_and_says_what_the_latest_run_says(
    runs: list[int], before: list[int], order: list[int]
) -> None:
    with Ordered() as stand_in:
        stand_in.add_pull(PULL)
        old = [stand_in.add_comment(PULL, body(number), author=BOT) for number in before]
        tokens = [stand_in.token(**{f"job-{number}": "read"}) for number in range(len(runs))]  # so that they differ
        stand_in.jobs = {token: number for number, token in enumerate(tokens)}
        acts = [job(stand_in, number, token, runs[number]) for number, token in enumerate(tokens)]
        stand_in.turns = Turns(len(runs), order)
        with ThreadPoolExecutor(len(runs)) as pool:
            for done in [pool.submit(act) for act in acts]:
                done.result()
        (left,) = stand_in.comments(PULL)
        assert left.body == body(max(*runs, *before))
        assert not old or left.id == old[0].id
        assert not stand_in.violations
