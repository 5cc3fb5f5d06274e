"""Documents that keep their form while what is in them changes: values of JSON, and of TOML."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.fuzz import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

DROP, TWICE, RENAME = "\x00drop", "\x00twice", "\x00rename "
NUMBERS = (0, 1, -1, 17, 200, 256, 2**31, 2**63 - 1, 2**63, 2**64, -(2**63), 10**30, 10**309, 10**400)
FLOATS = (0.0, -0.0, 0.5, 1.0, 1.0149, 5e-324, 1.8e308, 1e300, -1e300, math.inf, -math.inf, math.nan)
_OTHERS: tuple[Any, ...] = (
    None,
    True,
    False,
    [],
    {},
    "",
    "nan",
    "inf",
    DROP,
    TWICE,
    [[]],
    {"a": 1},
    "OCA901",
    "passed",
    "failed",
)
_WORDS = (
    "error",
    "skipped",
    "measured",
    "unavailable",
    "slower",
    "faster",
    "identical",
    "inconclusive",
    "new",
    "native",
    "cpu",
)
VALUES: tuple[Any, ...] = (*NUMBERS, *FLOATS, *_OTHERS, *_WORDS)

edits = st.lists(
    st.tuples(
        st.integers(0, 2**20),
        st.one_of(st.sampled_from(VALUES), texts.piece, texts.piece.map(RENAME.__add__), st.integers(), st.floats()),
    ),
    max_size=6,
)


def edited(document: Any, changes: Iterable[tuple[int, Any]]) -> Any:
    """A copy in which values, counted through in order, are others, gone, doubled, or have another key."""
    copy = json.loads(json.dumps(document))
    for number, value in changes:
        places = [*_places(copy)]
        if places:
            _change(*places[number % len(places)], value)
    return copy


def _places(value: Any) -> Iterable[tuple[Any, Any]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in list(inside):
        yield value, key
        yield from _places(each)


def _change(container: Any, key: Any, value: Any) -> None:
    if value == DROP:
        del container[key]
    elif value == TWICE and isinstance(container, list):
        container.insert(key, container[key])
    elif isinstance(value, str) and value.startswith(RENAME) and isinstance(container, dict):
        container[value.removeprefix(RENAME)] = container.pop(key)
    else:
        container[key] = deepcopy(value)


def to_json(document: Any) -> bytes:
    return texts.encode(json.dumps(document, ensure_ascii=False))


def to_toml(document: dict[str, Any]) -> bytes:
    """TOML in which everything below the top is inline."""
    return texts.encode("".join(f"{_key(key)} = {_toml(value)}\n" for key, value in document.items()))


def _key(text: str) -> str:
    return text if text.isascii() and text.replace("-", "").isalnum() else json.dumps(text)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value)


def some_edits(random: Random) -> Sequence[tuple[int, Any]]:
    """As many changes as a mutation makes."""
    return [(random.randrange(2**20), _some(random)) for _ in range(random.randint(1, 5))]


def _some(random: Random) -> Any:
    text = "".join(random.choices(texts.TOKENS, k=random.randint(1, 4)))
    return random.choice((random.choice(VALUES), text, RENAME + text, random.uniform(-2, 2), random.randrange(-9, 99)))


def mutate(data: bytes, random: Random) -> bytes:
    """JSON, changed in its values; what is no JSON, in its text."""
    try:
        return to_json(edited(json.loads(data), some_edits(random)))
    except (ValueError, RecursionError):
        return texts.mutate(data, random)
