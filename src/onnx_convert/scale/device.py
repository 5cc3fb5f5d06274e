"""Which providers need a GPU, and with it a leg on a runner that has one."""

from __future__ import annotations

from typing import Literal

from onnx_convert.runtimes.registry import RUNTIMES

Device = Literal["cpu", "gpu"]

_GPU = frozenset(provider for runtime in RUNTIMES.values() if runtime.nvidia for provider in runtime.providers)


def is_gpu(provider: str) -> bool:
    """Whether a provider is of use only on a machine with a GPU."""
    return provider in _GPU
