"""Measuring a call: by a clock of our own, so that nothing here depends on the machine."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.workers import timing
from onnx_convert.workers.timing import measure, median_interval

MS = 1_000_000


class Clock:
    """A clock that only a call moves: each call takes the next of its durations, the last one for ever."""

    def __init__(self, *milliseconds):
        self.now = 0
        self.durations = itertools.chain(milliseconds, itertools.repeat(milliseconds[-1]))
        self.calls = 0

    def __call__(self):
        return self.now

    def call(self):
        self.calls += 1
        self.now += int(next(self.durations) * MS)


def run(*milliseconds, seconds=1.0):
    clock = Clock(*milliseconds)
    return measure(clock.call, seconds=seconds, clock=clock), clock


def test_a_constant_call_has_its_duration_as_every_quantile():
    found, _ = run(2)
    assert found["median"] == found["p90"] == found["p99"] == 2
    assert found["ci95"] == [2, 2]
    assert found["quantiles"] == [2] * 101
    assert found["throughput_per_s"] == pytest.approx(500)
    assert found["iterations"] == 500


def test_the_warm_up_is_not_measured_and_ends_when_two_windows_are_alike():
    found, _ = run(300, *[2] * 1000)
    assert found["quantiles"][100] == 2
    slow_start, _ = run(*np.linspace(9, 2, 30), *[2] * 1000)
    assert slow_start["steady"]
    assert slow_start["median"] == 2
    assert slow_start["warmup_iterations"] > 30


def test_outliers_are_kept_and_counted():
    found, _ = run(*[2, 2.1] * 100, 50, *[2, 2.1] * 1000)
    assert found["outliers"] == 1
    assert found["quantiles"][100] == 50


def test_a_call_that_never_settles_is_not_steady():
    found, _ = run(*[1.2**i for i in range(40)], seconds=1)
    assert not found["steady"]


def test_a_call_longer_than_the_budget_is_measured_ten_times_up_to_three_budgets():
    found, clock = run(200, seconds=1)
    assert (found["iterations"], found["warmup_iterations"]) == (10, 1)
    assert clock.calls == 11
    very_slow, _ = run(2000, seconds=1)
    assert very_slow["iterations"] == 2
    slowest, _ = run(60_000, seconds=1)
    assert slowest["iterations"] == 1
    assert slowest["ci95"] == [60_000, 60_000]


def test_of_very_many_timings_an_even_selection_is_kept(monkeypatch):
    monkeypatch.setattr(timing, "MAX_KEPT", 100)
    found, _ = run(*[2] * 300, *[1] * 20, *[3] * 2000, seconds=4)
    assert found["iterations"] > 1000
    assert found["median"] == 3
    assert found["throughput_per_s"] < 500


def test_what_the_call_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        measure(lambda: 1 / 0, seconds=1)


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=300))
def test_the_interval_holds_the_median_and_lies_within_the_timings(values):
    low, high = median_interval(np.array(values))
    assert min(values) <= low <= np.median(values) <= high <= max(values)


def test_the_interval_is_the_same_every_time():
    values = np.random.default_rng(1).gamma(2, size=500)
    assert median_interval(values) == median_interval(values)


def test_a_drift_widens_the_interval_though_the_timings_are_the_same():
    values = np.random.default_rng(2).gamma(2, size=1024)
    low, high = median_interval(values)
    slow_low, slow_high = median_interval(np.sort(values))
    assert slow_high - slow_low > 2 * (high - low)


def test_the_interval_covers_the_true_median_about_as_often_as_it_says():
    rng = np.random.default_rng(3)
    trials = [median_interval(rng.normal(10, 1, size=200)) for _ in range(100)]
    assert 85 <= sum(low <= 10 <= high for low, high in trials) <= 100
