"""Inputs and outputs that are NCHW in the graph and NHWC in the function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from onnx_convert.frameworks.jax import layout
from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

IMAGE = TensorInfo("image", "float32", ("batch", 3, "height", "width"))
VECTOR = TensorInfo("vector", "float32", ("batch", 3))


def test_without_options_nothing_is_moved() -> None:
    found = layout.of({})
    assert found.inner_specs([IMAGE]) == [IMAGE]


def test_an_input_is_nhwc_for_the_function() -> None:
    found = layout.of({"inputs_as_nchw": [0]})
    assert found.inner_specs([IMAGE, VECTOR]) == [
        TensorInfo("image", "float32", ("batch", "height", "width", 3)),
        VECTOR,
    ]
    assert found.inner_inputs([np.zeros((2, 3, 5, 7)), np.zeros((2, 3))])[0].shape == (2, 5, 7, 3)


def test_an_output_is_nchw_for_the_graph() -> None:
    found = layout.of({"outputs_as_nchw": [1]})
    assert [a.shape for a in found.outer_outputs([np.zeros((2, 3)), np.zeros((2, 5, 7, 3))])] == [(2, 3), (2, 3, 5, 7)]


@pytest.mark.parametrize("given", ["image", ["image"], [-1], [True], 0.5])
def test_positions_are_a_list_of_numbers(given: Any) -> None:
    with pytest.raises(WorkerError) as raised:
        layout.of({"inputs_as_nchw": given})
    assert raised.value.code == "OCA310"


@pytest.mark.parametrize("tensors", [[VECTOR], []])
def test_only_images_can_be_nchw(tensors: list[TensorInfo]) -> None:
    with pytest.raises(WorkerError) as raised:
        layout.of({"inputs_as_nchw": [0]}).check(tensors)
    assert raised.value.code == "OCA310"


def test_an_output_that_is_no_image_cannot_be_nchw() -> None:
    with pytest.raises(WorkerError) as raised:
        layout.of({"outputs_as_nchw": [0]}).outer_outputs([np.zeros((2, 3))])
    assert raised.value.code == "OCA310"
