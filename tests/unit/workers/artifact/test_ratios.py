"""What rounds of logarithms say."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onnx_convert.workers.artifact.ratios import FLOOR, Estimate, clear, estimate, verdict


def rounds(change, noise, count=8, size=20, seed=0):
    draw = np.random.default_rng(seed)
    return [math.log1p(change) + draw.normal(0, noise, size) for _ in range(count)]


def of(log, low, high, count=8):
    return Estimate(log, (low, high), (low, high), count)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.floats(-5, 5), min_size=1, max_size=30), min_size=1, max_size=12))
def test_the_estimate_lies_within_its_intervals_and_the_surer_one_is_wider(found):
    one = estimate([np.array(values) for values in found])
    assert one.sure[0] <= one.shown[0] <= one.log <= one.shown[1] <= one.sure[1]


def test_the_interval_holds_the_truth_as_often_as_it_says():
    held = [
        low <= math.log1p(0.03) <= high
        for seed in range(200)
        for low, high in [estimate(rounds(0.03, 0.1, seed=seed), seed=seed).shown]
    ]
    assert np.mean(held) > 0.9


def test_rounds_that_differ_as_a_whole_widen_the_interval():
    draw = np.random.default_rng(0)
    alike = estimate(rounds(0, 0.01))
    apart = estimate([one + draw.normal(0, 0.05) for one in rounds(0, 0.01)])
    assert apart.sure[1] - apart.sure[0] > 3 * (alike.sure[1] - alike.sure[0])


def test_one_round_alone_proves_nothing():
    one = estimate(rounds(0.5, 0.001, count=1))
    assert verdict(one, limit=0.05) == "inconclusive"
    assert one.detectable == math.inf


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (of(0.03, 0.001, 0.06), "slower"),
        (of(-0.03, -0.06, -0.001), "faster"),
        (of(0.03, -0.001, 0.045), "unchanged"),  # it may be slower, but by less than what matters
        (of(0.03, -0.001, 0.06), "inconclusive"),
        (of(0.01, 0.005, 0.015), "unchanged"),  # certain, and too small to be an alarm
        (of(0.0, -0.04, 0.04), "unchanged"),
        (of(0.0, -0.06, 0.04), "inconclusive"),
    ],
)
def test_a_verdict_follows_from_the_interval_and_the_change_that_matters(found, said):
    assert verdict(found, limit=0.05) == said


def test_what_cannot_turn_any_more_is_clear_at_once():
    assert clear(of(0.03, 0.001, 0.06), limit=0.05, spent=0.1)
    assert clear(of(0.0, -FLOOR / 2, FLOOR / 2), limit=0.05, spent=0.1)


def test_unchanged_as_far_as_it_matters_is_clear_at_the_end_of_the_budget_only():
    assert not clear(of(0.0, -0.04, 0.04), limit=0.05, spent=0.9)
    assert clear(of(0.0, -0.04, 0.04), limit=0.05, spent=1.0)
    assert not clear(of(0.02, -0.01, 0.045), limit=0.05, spent=1.0)  # a change shows that is not certain yet


def test_nothing_is_clear_before_two_rounds():
    assert not clear(of(1.0, 0.9, 1.1, count=1), limit=0.05, spent=0.9)


def test_the_smallest_change_that_would_have_been_told_is_the_interval_or_the_floor():
    assert of(0.0, -0.04, 0.03).detectable == pytest.approx(math.expm1(0.04))
    assert of(0.0, -0.001, 0.001).detectable == pytest.approx(0.015)
