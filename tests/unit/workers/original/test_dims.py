"""Which sizes are tried, and how an output's dynamic axes are found out and named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.workers.original import dims
from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

IMAGE = TensorInfo("image", "float32", ("batch", 3, "height", "width"))


def test_declared_sizes_stay_and_come_first() -> None:
    sizes = dims.choose([IMAGE], {"width": [8, 16]}, {})
    assert sizes == {"width": (8, 16), "batch": (1, 4), "height": (32, 48)}
    assert next(iter(sizes)) == "width"


def test_a_source_may_suggest_sizes_for_what_is_not_declared() -> None:
    assert dims.choose([IMAGE], {"height": [5]}, {"height": [7], "batch": [2, 3]})["batch"] == (2, 3)
    assert dims.choose([IMAGE], {"height": [5]}, {"height": [7]})["height"] == (5,)


def test_sizes_for_a_name_that_no_input_has_are_an_error_naming_those_there_are() -> None:
    with pytest.raises(
        WorkerError, match="`bach`, which no input has; dynamic are: `batch`, `height`, `width`"
    ) as caught:
        dims.choose([IMAGE], {"bach": [1]}, {})
    assert caught.value.code == "OCA212"


def test_combinations_begin_with_the_first_size_of_each() -> None:
    found = dims.combinations({"a": (4, 1), "b": (7, 8)})
    assert found[0] == {"a": 4, "b": 7}
    assert len(found) == 4
    assert dims.combinations({}) == [{}]


def test_the_trace_is_the_largest_and_never_of_size_one() -> None:
    assert dims.largest({"a": (1,), "b": (8, 3)}) == {"a": 2, "b": 8}


def test_a_probe_differs_in_the_dimensions_that_are_tried_at_one_size() -> None:
    assert dims.probe({"a": (1,), "b": (8, 3)}) == {"a": 2, "b": 8}
    assert dims.probe({"b": (8, 3)}) is None


@given(st.lists(st.integers(1, 9), min_size=2, max_size=3, unique=True), st.integers(1, 9))
def test_an_axis_that_equals_a_dimension_in_all_runs_has_its_name(sizes: list[int], constant: int) -> None:
    runs = [({"a": a, "b": b}, (b, constant, a, a + b)) for a in sizes for b in sizes]
    assert dims.output_axes("y", runs) == ("b", constant, "a", "y_dim3")
