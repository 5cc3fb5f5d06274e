"""The comparison of outputs: numpy.testing.assert_allclose for the verdict, and numbers that say how far apart."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from onnx_convert.workers.artifact import streams
from onnx_convert.workers.artifact.metrics import Accumulator, Tolerance, compare

SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
TOLERANCES = st.builds(Tolerance, rtol=st.sampled_from([0, 1e-6, 1e-3, 0.5]), atol=st.sampled_from([0, 1e-8, 1e-5, 1]))


@st.composite
def pairs(draw, dtypes):
    """Two arrays of one shape and dtype, the second near the first in places."""
    expected = draw(hnp.arrays(draw(dtypes), draw(SHAPES)))
    actual = draw(hnp.arrays(expected.dtype, expected.shape))
    with np.errstate(all="ignore"):
        near = (expected * draw(st.sampled_from([1, 1 + 1e-7, 1 + 1e-3, 1.01]))).astype(expected.dtype)
    return np.where(draw(hnp.arrays(np.bool_, expected.shape)), actual, near), expected


def allclose(actual, expected, tolerance):
    try:
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(actual, expected, tolerance.rtol, tolerance.atol, equal_nan=True)
    except AssertionError:
        return False
    return True


@given(pairs(st.just(np.float64)), TOLERANCES)
def test_the_verdict_on_float64_is_that_of_assert_allclose(pair, tolerance):
    assert compare(*pair, tolerance).passed == allclose(*pair, tolerance)


@given(pairs(st.sampled_from([np.float16, np.float32])), TOLERANCES)
def test_the_verdict_on_narrower_floats_is_that_of_assert_allclose_on_their_exact_values(pair, tolerance):
    exact = [array.astype(np.float64) for array in pair]
    assert compare(*pair, tolerance).passed == allclose(*exact, tolerance)


@given(pairs(st.sampled_from([np.int8, np.int32, np.uint8, np.int64])), st.sampled_from([0, 1e-3]))
def test_integers_are_quantities_where_the_tolerance_is_at_least_one(pair, rtol):
    tolerance = Tolerance(rtol=rtol, atol=1)
    exact = [array.astype(np.float64) for array in pair]
    assert compare(*pair, tolerance).passed == allclose(*exact, tolerance)


@given(pairs(st.sampled_from([np.bool_, np.int8, np.int64, np.uint32])))
def test_labels_agree_only_when_equal(pair):
    actual, expected = pair
    found = compare(actual, expected, Tolerance(rtol=0.5))
    assert found.passed == np.array_equal(actual, expected)
    assert found.mismatched == np.count_nonzero(actual != expected)


@given(hnp.arrays(np.dtype("U3"), SHAPES), hnp.arrays(np.dtype("U5"), SHAPES))
def test_strings_agree_only_when_equal_whatever_their_width(actual, expected):
    assert compare(actual, expected, Tolerance()).passed == (
        actual.shape == expected.shape and bool(np.all(actual == expected))
    )


def test_string_tensors_of_onnx_runtime_are_compared_as_strings():
    found = compare(np.array(["a", "b"], object), np.array(["a", "c"]), Tolerance())
    assert (found.passed, found.agreement, found.mismatched) == (False, 0.5, 1)
    assert found.worst == [{"index": [1], "expected": "c", "actual": "b"}]


@given(pairs(st.just(np.float64)), TOLERANCES, st.integers(1, 3))
def test_the_result_does_not_depend_on_the_size_of_a_chunk(pair, tolerance, chunk):
    whole = compare(*pair, tolerance)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("onnx_convert.workers.artifact.metrics.CHUNK", chunk)
        patch.setattr(streams, "CHUNK", chunk)
        parts = compare(*pair, tolerance)
    for name in ("elements", "mismatched", "nonfinite", "max_abs", "max_rel", "worst", "vacuous", "passed"):
        np.testing.assert_equal(getattr(parts, name), getattr(whole, name), err_msg=name)


def test_the_numbers_are_those_of_their_definitions():
    rng = np.random.default_rng(0)
    expected = rng.normal(size=(3, 7))
    actual = expected + rng.normal(size=(3, 7)) * 1e-3
    found = compare(actual, expected, Tolerance())
    error = np.abs(actual - expected)
    assert found.max_abs == error.max()
    assert found.max_rel == (error / np.abs(expected)).max()
    assert found.mean_abs == pytest.approx(error.mean())
    assert found.cosine == pytest.approx(
        np.vdot(actual, expected) / np.linalg.norm(actual) / np.linalg.norm(expected), abs=1e-12
    )
    assert found.sqnr_db == pytest.approx(10 * np.log10((expected**2).sum() / (error**2).sum()))
    assert found.agreement == np.mean(actual.argmax(1) == expected.argmax(1))
    assert found.elements == 21


def test_equal_arrays_have_no_error_and_an_infinite_signal_to_noise_ratio():
    found = compare(np.array([1.0, 2.0]), np.array([1.0, 2.0]), Tolerance())
    assert (found.max_abs, found.sqnr_db, found.violation) == (0.0, math.inf, 0.0)
    assert found.cosine == pytest.approx(1)


def test_nan_and_infinity_are_values():
    expected = np.array([np.nan, np.inf, -np.inf, 1.0])
    assert compare(expected.copy(), expected, Tolerance()).passed
    found = compare(np.array([np.nan, -np.inf, 1.0, np.nan]), expected, Tolerance())
    assert (found.mismatched, found.nonfinite, found.violation) == (3, 4, math.inf)
    assert found.max_abs is None


def test_the_worst_elements_are_named_in_order_of_how_far_they_exceed_the_tolerance():
    expected = np.array([[100.0, 1.0], [1.0, 0.0]])
    actual = np.array([[101.0, 1.5], [1.0, 0.1]])
    found = compare(actual, expected, Tolerance(rtol=0.1, atol=0.01))
    assert [item["index"] for item in found.worst] == [[1, 1], [0, 1], [0, 0]]
    assert found.worst[0] == {"index": [1, 1], "expected": 0.0, "actual": 0.1}
    assert found.violation == pytest.approx(10)


def test_the_worst_elements_are_all_of_the_worst_sample():
    accumulator = Accumulator(Tolerance())
    for wrong in (0.1, 0.3, 0.2):
        accumulator.add(np.array([1.0, wrong]), np.array([1.0, 0.0]))
    found = accumulator.result()
    assert (found.samples, found.worst_sample, len(found.worst)) == (3, 1, 1)


@pytest.mark.parametrize(
    ("actual", "reason"),
    [
        (np.zeros(3), "dtype is float64"),
        (np.zeros((3, 1), np.float32), r"shape is \[3, 1\], the original's is \[3\]"),
        (np.zeros((), np.float32), r"shape is \[\]"),
        ([{0: 0.5}], "a list, not a tensor"),
        (None, "a NoneType, not a tensor"),
    ],
)
def test_another_kind_dtype_or_shape_is_a_failure_of_its_own(actual, reason):
    found = compare(actual, np.zeros(3, np.float32), Tolerance(atol=10))
    assert not found.passed
    assert found.max_abs is None
    assert re.search(reason, found.reason or "")


def test_a_share_of_elements_may_disagree():
    expected, actual = np.arange(1.0, 11.0), np.arange(1.0, 11.0)
    actual[0] = 5
    assert compare(actual, expected, Tolerance(max_mismatch=0.1)).passed
    actual[1] = 5
    assert not compare(actual, expected, Tolerance(max_mismatch=0.1)).passed


def test_a_share_of_labels_may_disagree():
    expected, actual = np.arange(10), np.arange(10)
    actual[0] = 5
    assert compare(actual, expected, Tolerance(min_agreement=0.9)).passed
    assert not compare(actual, expected, Tolerance()).passed


def test_top_1_agreement_of_scores_is_reported_and_gates_only_when_asked():
    expected, actual = np.array([[0.5, 0.5001], [0.0, 1.0]]), np.array([[0.5001, 0.5], [0.0, 1.0]])
    assert compare(actual, expected, Tolerance()).agreement == 0.5
    assert compare(actual, expected, Tolerance()).passed
    assert not compare(actual, expected, Tolerance(min_agreement=0.9)).passed


@given(hnp.arrays(np.float64, st.integers(1, 20), elements=st.floats(-1e6, 1e6)), st.sampled_from([0.0, 0.2, 0.5]))
def test_the_detectable_error_would_have_been_caught(expected, max_mismatch):
    tolerance = Tolerance(rtol=1e-3, atol=1e-5, max_mismatch=max_mismatch)
    detectable = compare(expected, expected, tolerance).detectable
    assert detectable is not None
    wrong = expected + detectable * 1.001
    assert not compare(wrong, expected, tolerance).passed
    if not max_mismatch:
        assert detectable == np.min(tolerance.atol + tolerance.rtol * np.abs(expected))


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        ([np.zeros((0, 3))], "no elements"),
        ([np.array([1e-6, -2e-6])], "zeros would have passed"),
        ([np.array([3.0, 3.0])], "the same: 3.0"),
        ([np.array([2, 2]), np.array([2, 2])], "only one label occurs: 2.0"),
        ([np.array(["a", "a"])], "only one label occurs: 'a'"),
        ([np.array([1.0, 2.0])] * 3, "all 3 samples"),
    ],
)
def test_a_comparison_that_could_not_have_failed_is_said_to_be_vacuous(samples, reason):
    accumulator = Accumulator(Tolerance())
    for expected in samples:
        accumulator.add(expected, expected)
    found = accumulator.result()
    assert found.passed
    assert reason in (found.vacuous or "")


def test_a_comparison_that_could_have_failed_is_not_vacuous():
    accumulator = Accumulator(Tolerance())
    for expected in (np.array([1.0, 2.0]), np.array([1.0, 2.5])):
        accumulator.add(expected, expected)
    assert accumulator.result().vacuous is None


WHOLE = Tolerance(max_mismatch=1.0, min_sqnr=40.0)
"""As a variant in lower precision is judged: any element may differ, the output as a whole may not."""


@given(st.floats(0.1, 1e4), st.floats(0.2, 5))
def test_signal_to_noise_is_judged_relative_to_the_scale_of_the_output(scale, times):
    expected = np.array([3.0, -4.0, 0.0, 5.0]) * scale
    noise = np.array([1.0, -1.0, 1.0, -1.0]) * np.sqrt(np.mean(expected**2)) * 0.01 * times
    found = compare(expected + noise, expected, WHOLE)
    assert found.sqnr_db == pytest.approx(40 - 20 * np.log10(times), abs=1e-6)
    if abs(times - 1) > 1e-9:
        assert found.passed == (times < 1)


def test_the_error_that_a_signal_to_noise_detects_would_have_been_caught():
    expected = np.array([3.0, -4.0, 0.0, 5.0])
    detectable = compare(expected, expected, WHOLE).detectable
    assert detectable == pytest.approx(np.sqrt(np.mean(expected**2)) / 100)
    assert not compare(expected + detectable * 1.001, expected, WHOLE).passed
    assert compare(expected + detectable * 0.999, expected, WHOLE).passed


@pytest.mark.parametrize("lost", [np.nan, np.inf])
def test_what_overflows_fails_however_good_the_rest_is(lost):
    expected = np.arange(1.0, 1000.0)
    actual = expected.copy()
    actual[3] = lost
    assert not compare(actual, expected, WHOLE).passed


def test_a_comparison_by_signal_to_noise_is_not_vacuous_because_elements_may_differ():
    assert compare(np.array([1e-7, 2e-7]), np.array([1e-7, 2e-7]), WHOLE).vacuous is None
    assert not compare(np.zeros(2), np.array([1e-7, 2e-7]), WHOLE).passed
