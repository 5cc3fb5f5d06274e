"""Quantised modules, which neither exporter writes: found before they are run."""

from __future__ import annotations

from typing import Any

from onnx_convert.workers.protocol import WorkerError

_PACKAGES = ("torch.ao.nn.quantized", "torch.ao.nn.intrinsic.quantized", "torchao.", "bitsandbytes.", "optimum.quanto.")
_SHOWN = 5


def refuse(model: Any) -> None:
    """Raise WorkerError OCA278 for a module with quantised layers or weights, naming the first of them."""
    names = {
        name or type(model).__name__: type(part).__name__
        for name, part in model.named_modules()
        if _is(part) and not name.endswith("_packed_params")
    }
    tensors = [*model.named_parameters(), *model.named_buffers()]
    names |= {name: type(tensor).__name__ for name, tensor in tensors if _is(tensor) or tensor.is_quantized}
    if names:
        shown = ", ".join(f"`{name}` ({kind})" for name, kind in list(names.items())[:_SHOWN])
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        raise WorkerError("OCA278", f"the module is quantised already: {shown}{more}")


def _is(value: Any) -> bool:
    return type(value).__module__.startswith(_PACKAGES)
