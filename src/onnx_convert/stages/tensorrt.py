"""What TensorRT is told beyond the spec's own options: the range of shapes that its engines are for.

An engine is built for a range of shapes and tuned for one within it. Without being told, ONNX Runtime builds it for the
first shapes it sees, and again, for minutes, whenever others come. The spec's `dims` say which will come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from onnx_convert.report.model import Tensor

KINDS = ("min", "opt", "max")
_SEPARATORS = frozenset(":,")

Sizes = dict[str, int]


def profiles(
    inputs: Sequence[Tensor], declared: Sequence[Tensor], combinations: Sequence[Mapping[str, int]]
) -> dict[str, str]:
    """The options `trt_profile_{min,opt,max}_shapes` for a graph's dynamic inputs; none where they cannot be told.

    `inputs` are the graph's, `declared` the spec's, whose dimensions have the names that `combinations` give sizes to.
    The smallest and the largest of each are the range; the first combination, which is measured, is tuned for. ONNX
    Runtime takes a profile only if it names every dynamic input, as NAME:1x3x224x224, with commas between.
    """
    shapes: dict[str, dict[str, tuple[int, ...]]] = {kind: {} for kind in KINDS}
    sizes = _ranges(combinations)
    for tensor, names in zip(inputs, _named(inputs, declared), strict=True):
        if all(isinstance(size, int) for size in tensor.shape):
            continue
        for kind in KINDS:
            shape = _shape(names, sizes[kind])
            if shape is None or _SEPARATORS & set(tensor.name):
                return {}
            shapes[kind][tensor.name] = shape
    if not shapes["opt"]:
        return {}
    return {f"trt_profile_{kind}_shapes": _text(found) for kind, found in shapes.items()}


def merged(given: Mapping[str, Any], told: Mapping[str, str]) -> dict[str, str]:
    """What is told beside the spec's options; nothing where those have profiles of their own."""
    return {} if any(name.startswith("trt_profile_") for name in given) else dict(told)


def _ranges(combinations: Sequence[Mapping[str, int]]) -> dict[str, Sizes]:
    first: Mapping[str, int] = combinations[0] if combinations else {}
    names = {name for sizes in combinations for name in sizes}
    seen = {name: [sizes[name] for sizes in combinations if name in sizes] for name in names}
    return {
        "min": {name: min(found) for name, found in seen.items()},
        "opt": {name: first.get(name, found[0]) for name, found in seen.items()},
        "max": {name: max(found) for name, found in seen.items()},
    }


def _named(inputs: Sequence[Tensor], declared: Sequence[Tensor]) -> list[tuple[int | str | None, ...]]:
    """For each input of a graph its shape with the spec's names: found by the input's name, else by its place."""
    by_name = {tensor.name: tensor for tensor in declared}
    if all(tensor.name in by_name for tensor in inputs):
        found = [by_name[tensor.name] for tensor in inputs]
    else:
        found = list(declared if len(inputs) == len(declared) else inputs)
    return [_renamed(own.shape, spec.shape) for own, spec in zip(inputs, found, strict=True)]


def _renamed(own: Sequence[int | str | None], named: Sequence[int | str | None]) -> tuple[int | str | None, ...]:
    """A graph's shape with the spec's names for what is dynamic in it; what is frozen stays."""
    if len(own) != len(named):
        return tuple(own)
    return tuple(size if isinstance(size, int) else name for size, name in zip(own, named, strict=True))


def _shape(names: Sequence[int | str | None], sizes: Mapping[str, int]) -> tuple[int, ...] | None:
    found = [name if isinstance(name, int) else sizes.get(name or "") for name in names]
    return None if any(size is None for size in found) else tuple(size for size in found if size is not None)


def _text(shapes: Mapping[str, tuple[int, ...]]) -> str:
    return ",".join(f"{name}:{'x'.join(map(str, shape))}" for name, shape in shapes.items())
