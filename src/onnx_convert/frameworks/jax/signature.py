"""What inputs a program probably has, for the message that asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax

from onnx_convert.workers.original.source import TensorInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPATIAL = {2: (), 3: ("length",), 4: ("height", "width"), 5: ("depth", "height", "width")}
_KERNELS = ("kernel", "weight", "w")


def guess(names: Sequence[str], params: Any) -> list[TensorInfo]:
    """A tensor for each parameter without a default; the first one shaped as the first layer wants it."""
    first = _first_layer(params) or ("float32", ("batch", "features"))
    rest: tuple[str, tuple[int | str, ...]] = ("float32", ("batch",))
    return [TensorInfo(name, *(first if position == 0 else rest)) for position, name in enumerate(names)]


def _first_layer(params: Any) -> tuple[str, tuple[int | str, ...]] | None:
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        name = jax.tree_util.keystr(path, simple=True, separator=".").removesuffix(".value").rpartition(".")[2]
        rank = len(getattr(leaf, "shape", ()))
        if name.startswith("embedding"):
            return "int32", ("batch", "length")
        if name in _KERNELS and rank in _SPATIAL:
            # Kernels of Flax and Haiku end with (inputs, outputs); Equinox's `weight` begins with (outputs, inputs).
            width = int(leaf.shape[1] if name == "weight" else leaf.shape[-2])
            return "float32", ("batch", *_SPATIAL[rank], width)
    return None
