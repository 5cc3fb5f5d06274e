"""Signals: noted where work has to be whole, raised where it may break off."""

from __future__ import annotations

import os
import signal

import pytest

from entrypoint.cancel import BrokenOffError, Cancellation
from entrypoint.child import FORWARDED


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", FORWARDED)
def test_a_signal_is_noted_and_breaks_nothing_off_that_must_be_whole(number: int) -> None:
    with Cancellation() as cancellation:
        send(number)
        assert cancellation.heard


@pytest.mark.parametrize("number", FORWARDED)
def test_what_may_break_off_does_so_at_the_first_signal(number: int) -> None:
    with Cancellation() as cancellation:
        with pytest.raises(BrokenOffError, match="the job was cancelled"), cancellation.breakable(60):
            send(number)
        assert cancellation.heard


def test_what_is_done_after_the_first_signal_is_not_broken_off_by_the_second() -> None:
    with Cancellation() as cancellation:
        send(signal.SIGINT)
        with cancellation.breakable(60):
            send(signal.SIGTERM)


def test_what_takes_too_long_ends_also_where_no_signal_came_and_where_one_did() -> None:
    with Cancellation() as cancellation:
        for _ in range(2):
            with pytest.raises(BrokenOffError, match="it took too long"), cancellation.breakable(0.01):
                signal.pause()
            cancellation.note(signal.SIGINT)


def test_time_that_runs_out_is_no_cancellation() -> None:
    with Cancellation() as cancellation:
        with pytest.raises(BrokenOffError), cancellation.breakable(0.01):
            signal.pause()
        assert not cancellation.heard


def test_what_may_break_off_is_held_up_by_no_handler_of_exceptions() -> None:
    assert not issubclass(BrokenOffError, Exception)


def test_handlers_and_timers_are_put_back() -> None:
    numbers = (*FORWARDED, signal.SIGALRM)
    before = [signal.getsignal(number) for number in numbers]
    others = signal.setitimer(signal.ITIMER_REAL, 3600)
    try:
        with Cancellation() as cancellation, cancellation.breakable(60):
            pass
        assert [signal.getsignal(number) for number in numbers] == before
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 3000
    finally:
        signal.setitimer(signal.ITIMER_REAL, *others)
