"""Which input goes to which parameter of what is called."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from onnx_convert.workers.original.binding import Binding, bind
from onnx_convert.workers.protocol import WorkerError


def parameters(function: Any) -> list[inspect.Parameter]:
    return list(inspect.signature(function).parameters.values())


def test_values_become_positional_and_keyword_arguments() -> None:
    assert Binding((None, "key")).arguments([1, 2]) == ([1], {"key": 2})


def test_what_takes_any_keyword_gets_names_that_are_no_parameters() -> None:
    found = parameters(lambda x, **more: None)
    assert bind(found, ["x", "mask"], "forward(x, **more)", any_name=True).keywords == ("x", "mask")
    with pytest.raises(WorkerError, match=r"do not fit forward\(x, \*\*more\)"):
        bind(found, ["x", "mask"], "forward(x, **more)")
