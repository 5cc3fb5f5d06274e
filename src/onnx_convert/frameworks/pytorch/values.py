"""Between PyTorch's values and the harness': tensors and arrays, nested outputs and flat ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from onnx_convert.workers.original import nested
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from onnx_convert.workers.original.source import Array


def tensor(array: Array) -> Any:
    """A tensor with memory of its own, so that a model that writes into its inputs changes nobody's."""
    if array.dtype.kind in "USO":
        raise WorkerError("OCA211", "PyTorch has no tensors of strings", "encode the text before the model")
    return torch.tensor(array)


def array(value: Any, note: Callable[[], None]) -> Array:
    """A tensor's values. numpy has no bfloat16: float32 holds the same values, and `note` is called."""
    value = value.detach().cpu()
    if value.dtype is torch.bfloat16:
        note()
        value = value.float()
    result: Array = value.contiguous().numpy()
    return result


def flatten(outputs: object) -> dict[str, Any]:
    """The tensors of a module's outputs by name, in a fixed order; None is left out.

    Names are keys of mappings (ModelOutput is one), fields of dataclasses and named tuples, else `output` or
    `output_0`, ...; nested ones are joined with `_`. Raises WorkerError OCA217 for a leaf that is not a dense tensor of
    real numbers.
    """
    leaves = list(nested.leaves(outputs, _children))
    for path, leaf in leaves:
        _check_leaf(leaf, path)
    if not leaves:
        raise WorkerError("OCA217", "the model returned no tensor")
    names = nested.unique(nested.joined(path) for path, _ in leaves)
    return dict(zip(names, (leaf for _, leaf in leaves), strict=True))


def _children(value: Any) -> list[tuple[str, Any]] | None:
    return _cache(value) or nested.fields(value)


def _cache(value: Any) -> list[tuple[str, Any]]:
    """Keys and values by layer of a cache of `transformers`, which is no container of Python's; empty for others."""
    parts = ("self_attention_cache", "cross_attention_cache")
    if all(hasattr(value, part) for part in parts):
        return [(part, getattr(value, part)) for part in parts]
    layers = getattr(value, "layers", None)
    if isinstance(value, torch.nn.Module) or not isinstance(layers, list) or not layers:
        return []
    if not all(isinstance(getattr(layer, "keys", None), torch.Tensor) for layer in layers):
        return []
    return [(str(number), {"key": layer.keys, "value": layer.values}) for number, layer in enumerate(layers)]


def _check_leaf(leaf: Any, path: tuple[str, ...]) -> None:
    where = f"output `{'.'.join(path)}`" if path else "the output"
    if not isinstance(leaf, torch.Tensor):
        raise WorkerError("OCA217", f"{where} is of type {type(leaf).__name__}, not a tensor")
    if leaf.layout is not torch.strided or leaf.is_quantized or leaf.is_complex():
        kind = "complex" if leaf.is_complex() else "quantised" if leaf.is_quantized else "sparse"
        raise WorkerError("OCA217", f"{where} is a {kind} tensor, which ONNX does not have")
