"""Names, declared shapes and sameness of outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from onnx_convert.workers.original import outputs
from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

X = [TensorInfo("x", "float32", ("batch",))]


def test_the_specs_names_come_before_the_models_own() -> None:
    own = {"logits": np.zeros(2), "aux": np.zeros(1)}
    assert outputs.names(own, None, X) == ("logits", "aux")
    assert outputs.names(own, ["a", "b"], X) == ("a", "b")


def test_another_number_of_names_lists_what_the_model_returns() -> None:
    with pytest.raises(
        WorkerError, match=r"names 1, the model returns 2: `a` float32\[2, 3\], `b` int64\[\]"
    ) as caught:
        outputs.names({"a": np.zeros((2, 3), np.float32), "b": np.array(1)}, ["one"], X)
    assert caught.value.code == "OCA216"


def test_no_output_has_the_name_of_an_input() -> None:
    assert outputs.names({"x": np.zeros(1)}, None, X) == ("x_out",)
    with pytest.raises(WorkerError) as caught:
        outputs.names({"y": np.zeros(1)}, ["x"], X)
    assert caught.value.code == "OCA219"


def test_outputs_that_change_their_rank_with_the_inputs_are_refused() -> None:
    observed = outputs.Observed(("y",))
    observed.add({"batch": 1}, [np.zeros((1, 2))])
    with pytest.raises(WorkerError, match="at batch 4") as caught:
        observed.add({"batch": 4}, [np.zeros((4,))])
    assert caught.value.code == "OCA218"


def test_what_was_observed_is_declared() -> None:
    observed = outputs.Observed(("y", "word"))
    for batch in (1, 4):
        observed.add({"batch": batch}, [np.zeros((batch, 2), np.float16), np.full(batch, "a")])
    assert observed.tensors() == (TensorInfo("y", "float16", ("batch", 2)), TensorInfo("word", "string", ("batch",)))


@given(hnp.arrays(np.float32, 5), hnp.arrays(np.float32, 5))
def test_two_runs_differ_exactly_where_numpy_says_they_are_not_equal(first: Any, second: Any) -> None:
    assert outputs.difference([first], [first.copy()]) == 0
    equal = np.array_equal(first, second, equal_nan=True)
    assert (outputs.difference([first], [second]) == 0) == equal


@given(st.floats(1e-3, 1e3), st.integers(0, 4))
def test_the_difference_is_the_greatest_one(by: float, where: int) -> None:
    first = np.zeros(5)
    second = first.copy()
    second[where] = by
    assert outputs.difference([first, first], [first, second]) == by


def test_other_shapes_and_other_words_are_infinitely_far() -> None:
    assert outputs.difference([np.zeros(2)], [np.zeros(3)]) == np.inf
    assert outputs.difference([np.array(["a"])], [np.array(["b"])]) == np.inf
