"""Whether two models take the same inputs, and at which sizes they can be compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from onnx_convert.compare.call import Call
from onnx_convert.compare.files import CallError
from onnx_convert.compare.inputs import dimensions
from onnx_convert.report.model import Tensor


def tensor(name: str, *shape: int | str | None, dtype: str = "float32") -> Tensor:
    return Tensor(name=name, dtype=dtype, shape=shape)


def call(dims: dict[str, tuple[int, ...]] | None = None, **data: str) -> Call:
    return Call(Path("a"), Path("b"), dims or {}, {name: Path(path) for name, path in data.items()})


def wrong(base: list[Tensor], head: list[Tensor], asked: Call | None = None) -> tuple[str, str]:
    with pytest.raises(CallError) as error:
        dimensions(base, head, asked or call())
    return error.value.finding.code, error.value.finding.message


def test_the_same_inputs_leave_sizes_to_be_chosen() -> None:
    inputs = [tensor("x", "batch", 3), tensor("mask", "batch", dtype="bool")]
    assert dimensions(inputs, inputs[::-1], call()) == {}


def test_sizes_that_are_asked_for_are_kept() -> None:
    inputs = [tensor("x", "batch", 3)]
    assert dimensions(inputs, inputs, call({"batch": (8, 1)})) == {"batch": (8, 1)}


def test_the_name_of_a_dimension_does_not_matter() -> None:
    assert dimensions([tensor("x", "N", 3)], [tensor("x", "batch", 3)], call({"N": (2,)})) == {"N": (2,)}


def test_what_only_the_head_fixes_settles_the_size_wherever_the_name_is() -> None:
    base = [tensor("x", "batch", 3), tensor("y", "batch")]
    assert dimensions(base, [tensor("x", 2, 3), tensor("y", "batch")], call()) == {"batch": (2,)}
    assert dimensions(base, [tensor("x", 2, 3), tensor("y", 2)], call({"batch": (2,)})) == {"batch": (2,)}


def test_what_only_the_base_fixes_needs_nothing() -> None:
    assert dimensions([tensor("x", 1, 3)], [tensor("x", "batch", 3)], call()) == {}


def test_an_unnamed_dimension_is_called_after_its_input_and_axis() -> None:
    inputs = [tensor("x", None, 3)]
    assert dimensions(inputs, inputs, call({"x_dim0": (5,)})) == {"x_dim0": (5,)}


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ([tensor("image", "batch", 3)], "only the head has `image` (float32[batch, 3]); only the base has `x`"),
        ([tensor("x", "batch", 4)], "`x` is float32[batch, 3] in the base and float32[batch, 4] in the head"),
        ([tensor("x", "batch", 3, dtype="float16")], "float16[batch, 3] in the head"),
        ([tensor("x", "batch", 3, 3)], "float32[batch, 3, 3] in the head"),
        ([tensor("x", 3)], "float32[3] in the head"),
        ([tensor("x", "batch", 3), tensor("y", 1)], "only the head has `y` (float32[1])"),
        ([], "only the base has `x`"),
    ],
)
def test_other_inputs_are_named(head: list[Tensor], said: str) -> None:
    code, message = wrong([tensor("x", "batch", 3)], head)
    assert code == "OCA661"
    assert said in message


def test_one_name_cannot_have_two_sizes() -> None:
    base = [tensor("x", "batch"), tensor("y", "batch")]
    assert wrong(base, [tensor("x", 2), tensor("y", 3)])[0] == "OCA661"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (call({"bach": (1,)}), "--dim bach: the model has no such; its dynamic dimensions are batch"),
        (call({"batch": (4,)}), "--dim batch: the dimension is 2 in the head"),
        (call(z="z.npy"), "--data z: the model has no such; its inputs are x"),
    ],
)
def test_an_option_that_fits_nothing_is_told_what_there_is(asked: Call, said: str) -> None:
    code, message = wrong([tensor("x", "batch", 3)], [tensor("x", 2, 3)], asked)
    assert code == "OCA662"
    assert said in message


def test_a_model_without_dynamic_dimensions_says_so() -> None:
    fixed = [tensor("x", 1, 3)]
    assert wrong(fixed, fixed, call({"batch": (1,)}))[1].endswith("it has no dynamic dimensions")
