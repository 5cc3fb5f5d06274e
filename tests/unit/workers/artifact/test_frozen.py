"""Which dimensions are frozen, told from the sizes at which a model is right."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.workers.artifact.frozen import dimensions

NAMES = ("batch", "height", "width")
SIZES = (1, 4)


def outcomes(right):
    combinations = (tuple(zip(NAMES, sizes, strict=True)) for sizes in itertools.product(SIZES, repeat=3))
    return {sizes: right(dict(sizes)) for sizes in combinations}


@given(st.sets(st.sampled_from(NAMES)), st.tuples(*[st.sampled_from(SIZES)] * 3))
def test_a_model_that_is_right_wherever_some_dimensions_are_as_traced_has_just_these_frozen(frozen, sizes):
    trace = dict(zip(NAMES, sizes, strict=True))
    passed = outcomes(lambda at: all(at[name] == trace[name] for name in frozen))
    assert dimensions(passed, trace) == {name: trace[name] for name in frozen}


@pytest.mark.parametrize("always", [True, False])
def test_a_model_that_is_always_right_or_always_wrong_has_none(always):
    assert dimensions(outcomes(lambda _: always), dict.fromkeys(NAMES, 4)) == {}


def test_without_a_trace_nothing_is_said():
    assert dimensions(outcomes(lambda at: at["batch"] == 4), {}) == {}
