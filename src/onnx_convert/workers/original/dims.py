"""Dynamic dimensions: which sizes to try, and which axes of the outputs follow them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from onnx_convert.workers.original.source import TensorInfo

BATCH_SIZES = (1, 4)
OTHER_SIZES = (32, 48)

Sizes = dict[str, tuple[int, ...]]


def choose(
    inputs: Sequence[TensorInfo], declared: Mapping[str, Sequence[int]], suggested: Mapping[str, Sequence[int]]
) -> Sizes:
    """Sizes of every dynamic dimension, the declared ones first and in their order.

    What is not declared gets the source's own suggestion, or one small and one larger size: 1 and 4 for a dimension
    that is somebody's first axis, 32 and 48 for others. Raises WorkerError OCA212 for a name that no input has.
    """
    names = list(dict.fromkeys(axis for tensor in inputs for axis in tensor.shape if isinstance(axis, str)))
    for name in declared:
        if name not in names:
            known = ", ".join(f"`{name}`" for name in names) or "none"
            raise WorkerError("OCA212", f"`dims` gives sizes for `{name}`, which no input has; dynamic are: {known}")
    first = {tensor.shape[0] for tensor in inputs if tensor.shape}
    chosen: Sizes = {name: tuple(sizes) for name, sizes in declared.items()}
    for name in names:
        if name not in chosen:
            chosen[name] = tuple(suggested.get(name) or (BATCH_SIZES if name in first else OTHER_SIZES))
    return chosen


def combinations(sizes: Mapping[str, Sequence[int]]) -> list[dict[str, int]]:
    """Every combination, the first size of each dimension first; one empty combination if nothing is dynamic."""
    return [dict(zip(sizes, picked, strict=True)) for picked in itertools.product(*sizes.values())]


def largest(sizes: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """The combination to trace with.

    A dimension of which only size 1 is tried is traced with 2: torch.export takes the sizes 0 and 1 for constants
    (https://github.com/pytorch/pytorch/issues/157621).
    """
    return {name: max(2, *tried) for name, tried in sizes.items()}


def probe(sizes: Mapping[str, Sequence[int]]) -> dict[str, int] | None:
    """A combination in which each dimension tried at one size has another one; None if all have several.

    Without it, an output axis that follows such a dimension looks constant.
    """
    if all(len(set(tried)) > 1 for tried in sizes.values()):
        return None
    return {name: tried[0] if len(set(tried)) > 1 else tried[0] * 2 for name, tried in sizes.items()}


def output_axes(name: str, observed: Sequence[tuple[Mapping[str, int], tuple[int, ...]]]) -> tuple[int | str, ...]:
    """The declared shape of an output from its shapes at several combinations of sizes.

    An axis is constant if it never changed; else it has the name of the dimension whose size it always equals; else
    (half the height, say) a name made of the output's and the axis.
    """
    shape: list[int | str] = []
    for axis, sizes in enumerate(zip(*(shape for _, shape in observed), strict=True)):
        if len(set(sizes)) == 1:
            shape.append(sizes[0])
            continue
        equal = (
            d for d in observed[0][0] if all(dims[d] == size for (dims, _), size in zip(observed, sizes, strict=True))
        )
        shape.append(next(equal, f"{name}_dim{axis}"))
    return tuple(shape)
