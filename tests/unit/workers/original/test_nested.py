"""Nested outputs as a flat list with names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from onnx_convert.workers.original import nested


class Pair(NamedTuple):
    left: object
    right: object


@dataclass
class Output:
    logits: int
    state: object = None


def test_mappings_named_tuples_and_lists_are_taken_apart_in_order_and_none_is_left_out() -> None:
    value = {"b": Pair(1, None), "a": [2, (3,)]}
    assert list(nested.leaves(value, nested.containers)) == [(("b", "left"), 1), (("a", "0"), 2), (("a", "1", "0"), 3)]


def test_dataclasses_are_taken_apart_by_those_who_ask_for_it() -> None:
    value = Output(1, Output(2))
    assert list(nested.leaves(value, nested.fields)) == [(("logits",), 1), (("state", "logits"), 2)]
    assert list(nested.leaves(value, nested.containers)) == [((), value)]


def test_names_begin_with_no_digit_and_what_was_not_nested_is_the_output() -> None:
    assert [nested.joined(path) for path in [(), ("0",), ("state", "1")]] == ["output", "output_0", "state_1"]


def test_names_that_are_there_already_get_a_suffix() -> None:
    assert nested.unique(["a", "a", "a_1", "a"]) == ["a", "a_1", "a_1_1", "a_2"]
