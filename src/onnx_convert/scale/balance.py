"""Weights parted so that the largest part is small: longest processing time first, then a bounded search.

Longest first alone is at most a third above the best (Graham, "Bounds on multiprocessing timing anomalies", 1969); the
search closes the gap where few and large weights make one. Whole numbers, so that every machine finds the same parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Part = tuple[int, ...]
"""Positions of weights, ascending."""

_STEPS = 4_000
"""Weights that a search places before it takes the best that it has found."""
_SEARCHED = 24
"""So many weights at most are searched at once."""


def balance(weights: Sequence[int], parts: int) -> tuple[Part, ...]:
    """The positions of positive weights in so many parts, none of them empty; fewer where there are fewer weights."""
    count = min(parts, len(weights))
    if count < 1:
        return ()
    found = _longest_first(weights, count)
    if len(weights) <= _SEARCHED:
        found = _searched(weights, found)
    found = _refined(weights, found)
    return tuple(sorted(tuple(sorted(part)) for part in found))


def lower_bound(weights: Sequence[int], parts: int) -> int:
    """What the largest part has at least, however the weights are parted.

    It is as large as the mean and as the largest weight; and of the `parts * k + 1` largest weights some part has
    `k + 1`, which are no smaller than the `k + 1` smallest of them.
    """
    ordered = sorted(weights, reverse=True)
    crowded = (sum(ordered[last - last // parts : last + 1]) for last in range(0, len(ordered), parts))
    return max(-(-sum(ordered) // parts), *crowded)


def _longest_first(weights: Sequence[int], count: int) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(count)]
    loads = [0] * count
    for position in _descending(weights, range(len(weights))):
        least = min(range(count), key=lambda part: (loads[part], len(found[part]), part))
        found[least].append(position)
        loads[least] += weights[position]
    return found


def _descending(weights: Sequence[int], positions: Sequence[int]) -> list[int]:
    return sorted(positions, key=lambda position: (-weights[position], position))


def _refined(weights: Sequence[int], found: list[list[int]]) -> list[list[int]]:
    """Part the largest anew with each other one, as long as that makes the larger of the two smaller."""
    while True:
        order = sorted(range(len(found)), key=lambda part: (-_load(weights, found[part]), part))
        largest, others = order[0], reversed(order[1:])
        for other in others:
            before = [found[largest], found[other]]
            after = _exchanged(weights, _searched(weights, before))
            if _largest(weights, after) < _largest(weights, before):
                found[largest], found[other] = after
                break
        else:
            return found


def _exchanged(weights: Sequence[int], pair: list[list[int]]) -> list[list[int]]:
    """Two parts after the one move or exchange of two weights that helps most, if one does."""
    heavy, light = sorted(pair, key=lambda part: -_load(weights, part))
    gap = _load(weights, heavy) - _load(weights, light)
    best, chosen = gap, None
    for one in heavy:
        for other in (None, *light):
            moved = weights[one] - (0 if other is None else weights[other])
            if (other is not None or len(heavy) > 1) and abs(gap - 2 * moved) < best:
                best, chosen = abs(gap - 2 * moved), (one, other)
    if chosen is None:
        return pair
    gone, come = chosen
    back = [] if come is None else [come]
    return [[*(p for p in heavy if p != gone), *back], [*(p for p in light if p != come), gone]]


def _searched(weights: Sequence[int], found: list[list[int]]) -> list[list[int]]:
    """The best of so many steps of a depth-first search, the lightest part first, from what is known as best so far.

    A weight is not tried in two parts of the same load, nor where it would make a part as large as the best known one.
    """
    positions = _descending(weights, [position for part in found for position in part])
    if len(positions) > _SEARCHED:
        return found
    count, best, known = len(found), _largest(weights, found), found
    goal = lower_bound([weights[position] for position in positions], count)
    parts: list[list[int]] = [[] for _ in range(count)]
    loads, steps = [0] * count, 0

    def place(depth: int) -> None:
        nonlocal best, known, steps
        if depth == len(positions):
            best, known = max(loads), [list(part) for part in parts]
            return
        weight, tried = weights[positions[depth]], set()
        for part in sorted(range(count), key=lambda part: (loads[part], part)):
            if steps >= _STEPS or best <= goal or loads[part] + weight >= best:
                return
            if loads[part] in tried:
                continue
            tried.add(loads[part])
            steps += 1
            parts[part].append(positions[depth])
            loads[part] += weight
            place(depth + 1)
            loads[part] -= weight
            parts[part].pop()

    place(0)
    return known


def _load(weights: Sequence[int], part: Sequence[int]) -> int:
    return sum(weights[position] for position in part)


def _largest(weights: Sequence[int], parts: Sequence[Sequence[int]]) -> int:
    return max(_load(weights, part) for part in parts)
