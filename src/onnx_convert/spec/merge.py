"""`[defaults]` under every model: tables merge key by key, anything else is replaced."""

from __future__ import annotations

from typing import Any


def merged(under: Any, over: Any) -> Any:
    """`over` on top of `under`; neither is changed."""
    if not (isinstance(under, dict) and isinstance(over, dict)):
        return over
    both = {key: merged(under[key], over[key]) if key in over else under[key] for key in under}
    return both | {key: value for key, value in over.items() if key not in under}


def depth(value: Any, limit: int) -> int:
    """How deep tables and lists are nested, counted to just above the limit; without recursion."""
    level, values = 0, [value]
    while values and level <= limit + 1:
        values = [inner for outer in values for inner in _inside(outer)]
        level += 1
    return level - 1


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
