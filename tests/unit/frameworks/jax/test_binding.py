"""Which input goes to which parameter of a function."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from onnx_convert.frameworks.jax import binding
from onnx_convert.workers.protocol import WorkerError


def _signature(function: Any) -> inspect.Signature:
    return inspect.signature(function)


SIGNATURE = _signature(lambda x, y, train=False, *, key=None: None)


@pytest.mark.parametrize(
    ("names", "keywords"),
    [
        (["x", "y"], (None, None)),
        (["y", "x"], ("y", "x")),
        (["x", "y", "key"], ("x", "y", "key")),
        (["image", "mask"], (None, None)),
    ],
)
def test_inputs_go_by_name_where_all_names_are_parameters_else_by_order(names: list[str], keywords: Any) -> None:
    assert binding.bind(SIGNATURE, names).keywords == keywords


@pytest.mark.parametrize(
    ("names", "said"),
    [(["x"], "missing a required argument: 'y'"), (["a", "b", "c", "d"], "too many"), (["y", "other"], "input `y`")],
)
def test_inputs_that_do_not_fit_are_refused_with_the_signature(names: list[str], said: str) -> None:
    with pytest.raises(WorkerError, match=r"\(x, y") as raised:
        binding.bind(SIGNATURE, names)
    assert raised.value.code == "OCA211"
    assert said in raised.value.message


def test_parameters_without_a_default_are_required() -> None:
    assert binding.required(SIGNATURE) == ["x", "y"]


def test_without_a_signature_inputs_go_by_order() -> None:
    assert binding.bind(None, ["a", "b"]).keywords == (None, None)
