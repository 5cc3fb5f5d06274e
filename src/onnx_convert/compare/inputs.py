"""Whether two models take the same inputs, and at which sizes they can be compared."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from onnx_convert.compare.files import CallError
from onnx_convert.stages.values import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from onnx_convert.compare.call import Call
    from onnx_convert.report.model import Tensor

    Shape = tuple[int | str, ...]


def dimensions(base: Sequence[Tensor], head: Sequence[Tensor], call: Call) -> dict[str, tuple[int, ...]]:
    """Sizes of the base's dynamic dimensions, as far as they are given: by the call, or by what is constant in head.

    Raises CallError where the inputs differ (OCA661), or where the call names what is not there (OCA662).
    """
    pinned = _pinned(base, head)
    shapes = [shape(tensor) for tensor in base]
    names = list(dict.fromkeys(axis for one in shapes for axis in one if isinstance(axis, str)))
    _require(call.dims, names, "--dim", "dynamic dimensions")
    _require(call.data, [tensor.name for tensor in base], "--data", "inputs")
    for name, size in pinned.items():
        if call.dims.get(name, (size,)) != (size,):
            message = f"--dim {name}: the dimension is {size} in the head, and cannot be another size"
            raise CallError(Finding("OCA662", message))
    return call.dims | {name: (size,) for name, size in pinned.items()}


def shape(tensor: Tensor) -> Shape:
    """A shape in which an unnamed dimension has the name that the worker of ONNX files gives it."""
    return tuple(f"{tensor.name}_dim{axis}" if size is None else size for axis, size in enumerate(tensor.shape))


def text(tensor: Tensor) -> str:
    """`float32[batch, 3]`."""
    return f"{tensor.dtype}[{', '.join(map(str, shape(tensor)))}]"


def _pinned(base: Sequence[Tensor], head: Sequence[Tensor]) -> dict[str, int]:
    """Dimensions that are dynamic in the base and constant in the head. Raises CallError OCA661."""
    theirs = {tensor.name: tensor for tensor in head}
    mine = {tensor.name: tensor for tensor in base}
    differences = [f"only the head has `{name}` ({text(one)})" for name, one in theirs.items() if name not in mine]
    pinned: dict[str, int] = {}
    for name, tensor in mine.items():
        other = theirs.get(name)
        if other is None:
            differences.append(f"only the base has `{name}` ({text(tensor)})")
        elif not _fits(tensor, other, pinned):
            differences.append(f"`{name}` is {text(tensor)} in the base and {text(other)} in the head")
    if differences:
        raise CallError(Finding("OCA661", f"the models take other inputs: {'; '.join(differences[:8])}"))
    return pinned


def _fits(base: Tensor, head: Tensor, pinned: dict[str, int]) -> bool:
    """Whether some sizes fit both; those that the head settles are added to `pinned`."""
    if base.dtype != head.dtype:
        return False
    for mine, theirs in zip_longest(shape(base), shape(head)):
        if mine is None or theirs is None:
            return False
        if isinstance(theirs, int):
            size = pinned.setdefault(mine, theirs) if isinstance(mine, str) else mine
            if size != theirs:
                return False
    return True


def _require(given: Collection[str], known: Sequence[str], option: str, what: str) -> None:
    for name in given:
        if name not in known:
            there = f"its {what} are {', '.join(known)}" if known else f"it has no {what}"
            raise CallError(Finding("OCA662", f"{option} {name}: the model has no such; {there}"))
