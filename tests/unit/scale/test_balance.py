"""How weights are parted: each once, and no part much larger than it has to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onnx_convert.scale.balance import balance, lower_bound

if TYPE_CHECKING:
    from collections.abc import Sequence

SOME = st.lists(st.integers(1, 1_000), min_size=1, max_size=9)
MANY = st.lists(st.integers(1_000, 3_600_000), min_size=80, max_size=200)


def largest(weights: Sequence[int], parts: Sequence[Sequence[int]]) -> int:
    return max(sum(weights[position] for position in part) for part in parts)


def best(weights: Sequence[int], count: int) -> int:
    """The smallest largest part, by trying all of them; one empty part is as good as another."""

    def place(rest: Sequence[int], loads: tuple[int, ...]) -> int:
        if not rest:
            return max(loads)
        grown = {tuple(sorted((*loads[:i], loads[i] + rest[0], *loads[i + 1 :]))) for i in range(count)}
        return min(place(rest[1:], each) for each in grown)

    return place(weights, (0,) * count)


@settings(max_examples=60, deadline=None)
@given(SOME, st.integers(1, 4))
def test_few_weights_are_within_a_tenth_of_the_best_there_is(weights: list[int], count: int) -> None:
    parts = balance(weights, count)
    assert largest(weights, parts) <= 1.1 * best(weights, count)
    assert lower_bound(weights, count) <= best(weights, count)


@settings(max_examples=60, deadline=None)
@given(MANY, st.integers(1, 16))
def test_many_weights_are_within_a_tenth_of_what_no_parting_can_undercut(weights: list[int], count: int) -> None:
    assert largest(weights, balance(weights, count)) <= 1.1 * lower_bound(weights, count)


@given(SOME, st.integers(1, 12))
def test_every_weight_is_in_one_part_and_no_part_is_empty(weights: list[int], count: int) -> None:
    parts = balance(weights, count)
    assert sorted(position for part in parts for position in part) == list(range(len(weights)))
    assert all(parts)
    assert len(parts) == min(count, len(weights))


@given(MANY, st.integers(1, 16))
@settings(max_examples=5, deadline=None)
def test_the_same_weights_are_parted_the_same(weights: list[int], count: int) -> None:
    assert balance(weights, count) == balance(list(weights), count)


@pytest.mark.parametrize(
    ("weights", "count", "least"),
    [
        ([3, 3, 2, 2, 2], 2, 6),  # longest first alone gives 7
        ([5, 5, 4, 4, 3, 3, 3], 3, 9),  # and here 11
        ([1] * 7, 3, 3),
        ([100, 1, 1, 1], 2, 100),
    ],
)
def test_where_longest_first_misses_the_best_a_search_finds_it(weights: list[int], count: int, least: int) -> None:
    assert largest(weights, balance(weights, count)) == least == best(weights, count)


def test_nothing_gives_no_parts() -> None:
    assert balance([], 4) == ()
