from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from onnx_convert.admission import COPIES, FIRST_GUESS, Admission, Expectations, fits

GB = 10**9


# --- what a row is expected to need ----------------------------------------------------------------------------------


def test_a_first_row_gets_a_guess_with_its_files_on_top() -> None:
    assert Expectations().expect("jax", "a", files=100) == FIRST_GUESS + COPIES * 100


def test_a_model_is_expected_to_need_what_it_needed_before() -> None:
    known = Expectations()
    for peak in (2 * GB, GB):
        known.learn("jax", "a", peak)
    assert known.expect("jax", "a", files=GB) == 2 * GB


def test_another_model_is_expected_to_need_what_is_usual_for_its_framework() -> None:
    known = Expectations()
    for model, peak in (("a", 1 * GB), ("b", 2 * GB), ("huge", 9 * GB)):
        known.learn("jax", model, peak)
    assert known.expect("jax", "c", files=0) == 2 * GB
    assert known.expect("mxnet", "d", files=0) == FIRST_GUESS


def test_nothing_is_expected_to_need_more_than_its_limit() -> None:
    assert Expectations().expect("jax", "a", files=GB, limit=100) == 100


# --- whether it fits -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("running", "idle", "now", "may"),
    [
        ([], 1, 1, True),  # alone, however little there is
        ([2], 5, 5, True),
        ([3], 5, 5, False),  # the other has not taken its memory yet
        ([1], 9, 2, False),  # the other has taken more than expected
        ([1], None, None, True),  # nobody knows
    ],
)
def test_a_row_of_3_may_start(running: list[int], idle: int | None, now: int | None, may: bool) -> None:
    assert fits(3, running, idle, now) is may


# --- rows that ask ---------------------------------------------------------------------------------------------------


def never() -> None:
    raise AssertionError("it had to wait")


def test_rows_that_fit_run_side_by_side() -> None:
    admission = Admission(lambda: 10)
    with admission.room(lambda: 5, never), admission.room(lambda: 5, never):
        pass


def test_a_row_that_does_not_fit_waits_for_another_to_end() -> None:
    admission, waits, ended = Admission(lambda: 10), threading.Event(), threading.Event()

    def ask() -> bool:
        with admission.room(lambda: 5, waits.set):
            return ended.is_set()

    with ThreadPoolExecutor() as pool:
        with admission.room(lambda: 6, never):
            future = pool.submit(ask)
            assert waits.wait(60)
            ended.set()
        assert future.result(60)


def test_a_large_row_is_not_passed_by_small_ones_for_ever() -> None:
    admission = Admission(lambda: 10)
    order: list[str] = []
    with ThreadPoolExecutor() as pool:
        with admission.room(lambda: 6, never):
            large_waits, small_waits = threading.Event(), threading.Event()

            def ask(name: str, expected: int, waits: threading.Event) -> None:
                with admission.room(lambda: expected, waits.set):
                    order.append(name)

            large = pool.submit(ask, "large", 9, large_waits)
            assert large_waits.wait(60)
            small = pool.submit(ask, "small", 2, small_waits)
            assert small_waits.wait(60)
        large.result(60)
        small.result(60)
    assert order == ["large", "small"]


def test_what_a_row_needs_is_asked_anew_while_it_waits() -> None:
    admission, expected, waits = Admission(lambda: 10), [9], threading.Event()
    with ThreadPoolExecutor() as pool, admission.room(lambda: 6, never):

        def ask() -> None:
            with admission.room(lambda: expected[0], waits.set):
                pass

        future = pool.submit(ask)
        assert waits.wait(60)
        expected[0] = 4
        future.result(60)
