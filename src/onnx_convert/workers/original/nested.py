"""Nested outputs as a flat list with names: mappings, named tuples, lists and dataclasses taken apart."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Children = Callable[[Any], list[tuple[str, Any]] | None]


def containers(value: Any) -> list[tuple[str, Any]] | None:
    """What a mapping, named tuple, list or tuple holds, by key, field or position; None for any other value."""
    if isinstance(value, Mapping):
        return [(str(key), child) for key, child in value.items()]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return list(zip(value._fields, value, strict=True))
    if isinstance(value, list | tuple):
        return [(str(position), child) for position, child in enumerate(value)]
    return None


def fields(value: Any) -> list[tuple[str, Any]] | None:
    """The same, and the fields of a dataclass that is no mapping."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type | Mapping):
        return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
    return containers(value)


def leaves(value: Any, children: Children, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value that `children` cannot take apart, with the way to it, in order; None is left out."""
    if value is None:
        return
    found = children(value)
    if found is None:
        yield path, value
        return
    for name, child in found:
        yield from leaves(child, children, (*path, name))


def joined(path: tuple[str, ...]) -> str:
    """The parts of a way joined with `_`; `output` for a value that was not nested."""
    return named("_".join(path) or "output")


def named(text: str) -> str:
    """A name that does not begin with a digit."""
    return f"output_{text}" if text[0].isdigit() else text


def unique(names: Iterable[str]) -> list[str]:
    """The names in order, a suffix on each that was there before."""
    found: dict[str, None] = {}
    for wanted in names:
        one, count = wanted, 1
        while one in found:
            one, count = f"{wanted}_{count}", count + 1
        found[one] = None
    return list(found)
