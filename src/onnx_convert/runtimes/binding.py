"""Inputs and outputs bound once, in the memory of the device that computes: what is timed is the model, not copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime as ort

from onnx_convert.runtimes.interface import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from onnx_convert.runtimes.interface import Array

SETTLING = 3
"""Calls before a device's first timed one: engines are built, algorithms chosen and graphs captured in the first."""

_DEVICES = {"CUDAExecutionProvider": "cuda", "TensorrtExecutionProvider": "cuda"}
_REPLAY = ("enable_cuda_graph", "trt_cuda_graph_enable")


@dataclass(frozen=True)
class Memory:
    """Where a session's inputs and outputs lie: `kind` as ONNX Runtime calls it, and which device of that kind.

    With `fixed`, outputs stay at one place: a CUDA graph replays into the memory that it was captured with.
    """

    kind: str = "cpu"
    number: int = 0
    fixed: bool = False


def memory_of(provider: str, options: Mapping[str, str]) -> Memory:
    """The memory of a provider, by ONNX Runtime's name of it and its options."""
    if provider not in _DEVICES:
        return Memory()
    replay = any(options.get(name, "").lower() in {"true", "1"} for name in _REPLAY)
    return Memory(_DEVICES[provider], int(options.get("device_id", 0)), fixed=replay)


def bind_host(session: ort.InferenceSession, feeds: Mapping[str, Array], outputs: Sequence[str]) -> Callable[[], None]:
    """Bind inputs and outputs to the CPU's memory and run once."""
    binding = session.io_binding()
    for name, array in feeds.items():
        binding.bind_cpu_input(name, array)
    for name in outputs:
        binding.bind_output(name)
    session.run_with_iobinding(binding)
    return lambda: session.run_with_iobinding(binding)


def bind_device(
    session: ort.InferenceSession, feeds: Mapping[str, Array], outputs: Sequence[str], memory: Memory
) -> Callable[[], None]:
    """Copy inputs to a device and bind outputs there, and run until nothing is built any more.

    A call returns when the device is done. ONNX Runtime waits for it at the end of a run already, unless a run option
    says otherwise (https://github.com/microsoft/onnxruntime/issues/7225); outputs are synchronised all the same.
    Raises Refused where outputs cannot stay at one place.
    """
    binding = session.io_binding()
    for name, array in feeds.items():
        value = ort.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(array), memory.kind, memory.number)
        binding.bind_ortvalue_input(name, value)
    for name in outputs:
        binding.bind_output(name, memory.kind, memory.number)
    session.run_with_iobinding(binding)
    if memory.fixed:
        _fix(binding, outputs)

    def call() -> None:
        session.run_with_iobinding(binding)
        binding.synchronize_outputs()

    for _ in range(SETTLING):
        call()
    return call


def _fix(binding: Any, outputs: Sequence[str]) -> None:
    """Bind outputs to where the first run put them, which is where a graph captured in it would write as well."""
    made = binding.get_outputs()
    for name, value in zip(outputs, made, strict=True):
        if not value.is_tensor():
            raise Refused(f"a CUDA graph needs outputs that are tensors, and `{name}` is none")
        binding.bind_ortvalue_output(name, value)
