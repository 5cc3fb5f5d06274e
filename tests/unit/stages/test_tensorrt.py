"""TensorRT's optimisation profiles: from the smallest to the largest of the spec's sizes, tuned for the first."""

import re

from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.report.model import Tensor
from onnx_convert.stages.tensorrt import merged, profiles


def tensor(name, *shape):
    return Tensor(name=name, dtype="float32", shape=shape)


IMAGE = tensor("image", "batch", 3, "height", "width")
SIZES = [{"batch": batch, "height": side, "width": side} for batch in (4, 1, 8) for side in (224, 192, 256)]


def test_a_profile_spans_the_sizes_and_is_tuned_for_those_that_are_measured():
    assert profiles([IMAGE], [IMAGE], SIZES) == {
        "trt_profile_min_shapes": "image:1x3x192x192",
        "trt_profile_opt_shapes": "image:4x3x224x224",
        "trt_profile_max_shapes": "image:8x3x256x256",
    }


def test_every_dynamic_input_is_named_and_no_other():
    ids, mask, scale = tensor("ids", "batch", "length"), tensor("mask", "batch", "length"), tensor("scale", 3)
    found = profiles([ids, mask, scale], [ids, mask, scale], [{"batch": 1, "length": 8}, {"batch": 4, "length": 16}])
    assert found["trt_profile_max_shapes"] == "ids:4x16,mask:4x16"


def test_a_graph_of_fixed_shapes_needs_no_profile():
    fixed = tensor("image", 1, 3, 224, 224)
    assert profiles([fixed], [IMAGE], SIZES) == {}


def test_a_dimension_that_the_exporter_renamed_is_known_by_its_place():
    renamed = tensor("image", "s0", 3, "s1", "s2")
    assert profiles([renamed], [IMAGE], SIZES) == profiles([IMAGE], [IMAGE], SIZES)


def test_an_input_that_the_exporter_renamed_is_known_by_its_place():
    assert profiles([tensor("x.1", "s0", 3, None, None)], [IMAGE], SIZES)["trt_profile_min_shapes"] == "x.1:1x3x192x192"


def test_an_input_that_was_dropped_needs_no_profile():
    other = tensor("unused", "batch", 7)
    assert profiles([IMAGE], [other, IMAGE], SIZES) == profiles([IMAGE], [IMAGE], SIZES)


def test_a_dimension_frozen_in_the_graph_keeps_its_size():
    frozen = tensor("image", "batch", 3, 224, 224)
    assert profiles([frozen], [IMAGE], SIZES)["trt_profile_max_shapes"] == "image:8x3x224x224"


def test_a_dimension_without_a_size_leaves_the_shapes_to_tensorrt():
    assert profiles([IMAGE], [IMAGE], [{"batch": 1}]) == {}
    assert profiles([tensor("x", None)], [tensor("x", None)], SIZES) == {}
    assert profiles([IMAGE], [IMAGE], []) == {}


def test_a_name_that_the_option_cannot_hold_leaves_the_shapes_to_tensorrt():
    odd = tensor("serving:0", "batch", 3)
    assert profiles([odd], [odd], SIZES) == {}


def test_the_specs_own_profiles_win():
    told = profiles([IMAGE], [IMAGE], SIZES)
    assert merged({"trt_fp16_enable": True}, told) == told
    assert merged({"trt_profile_min_shapes": "image:1x3x1x1"}, told) == {}


@given(st.lists(st.fixed_dictionaries({"batch": st.integers(1, 9), "length": st.integers(1, 9)}), min_size=1))
def test_every_combination_lies_within_the_profile(combinations):
    ids = tensor("ids", "batch", "length")
    found = profiles([ids], [ids], combinations)
    low, tuned, high = (
        [int(size) for size in re.findall(r"\d+", found[f"trt_profile_{kind}_shapes"])]
        for kind in ("min", "opt", "max")
    )
    order = [(sizes["batch"], sizes["length"]) for sizes in combinations]
    assert tuned == list(order[0])
    for sizes in order:
        assert all(a <= b <= c for a, b, c in zip(low, sizes, high, strict=True))
