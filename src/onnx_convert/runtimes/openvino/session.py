"""OpenVINO itself, without ONNX Runtime around it, on one of its devices: the CPU unless an option names another."""

from __future__ import annotations

from functools import partial
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import openvino as ov
from openvino._pyopenvino import InferRequest

from onnx_convert.runtimes.interface import Refused, Unavailable
from onnx_convert.runtimes.openvino.settings import CPU, DEVICE, comparable, without_places

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from onnx_convert.runtimes.interface import Array

_VIRTUAL = ("AUTO", "BATCH", "HETERO", "MULTI")
_SINK = "/sink_port_0"
_REASON_LIMIT = 1000


class OpenVinoSession:
    """A model compiled by OpenVINO; see `runtimes.interface.Session`."""

    versions: ClassVar[dict[str, str]] = {"openvino": ov.__version__.partition("-")[0]}

    def __init__(self, compiled: ov.CompiledModel) -> None:
        self._request = compiled.create_infer_request()
        self._outside = 0
        self.inputs: tuple[str, ...] = tuple(port.get_node().get_friendly_name() for port in compiled.inputs)
        # The names of the graph's outputs: a port's own names are those of the tensor, which may have several.
        self.outputs: tuple[str, ...] = tuple(
            port.get_node().get_friendly_name().removesuffix(_SINK) for port in compiled.outputs
        )

    def run(self, feeds: Mapping[str, Array]) -> list[Any]:
        """Run once. Raises Refused with OpenVINO's reason."""
        self.bind(feeds)
        return [np.array(self._request.get_output_tensor(index).data) for index in range(len(self.outputs))]

    def bind(self, feeds: Mapping[str, Array]) -> Callable[[], None]:
        """Set the inputs once, without a copy; a call is the native request, which gives its outputs as views."""
        request = self._request
        infer = partial(InferRequest.infer, request, {}, share_outputs=True, decode_strings=False)

        def call() -> None:
            began = perf_counter_ns()
            infer()
            self._outside += perf_counter_ns() - began - int(request.latency * 1e6)

        try:
            for index, name in enumerate(self.inputs):
                # OpenVINO shares only memory that may be written to.
                array = np.require(feeds[name], requirements=("C", "W"))
                request.set_input_tensor(index, ov.Tensor(array, shared_memory=array.ndim > 0))
            call()
        except Exception as error:  # the bindings raise what they meet
            raise Refused(reason(error)) from error
        return call

    def clock(self) -> int:
        """Nanoseconds in which OpenVINO was at work: what the bindings take around a request does not count.

        They take 10 µs and more, mostly to make Python objects of the outputs. OpenVINO's benchmark_app takes the same
        figure of the request, its `latency`.
        """
        return perf_counter_ns() - self._outside

    def effective(self) -> dict[str, float]:
        """All of it is OpenVINO's: it compiles a whole model or refuses it."""
        return {"openvino-runtime": 1.0}


def open_session(
    model: Path | bytes,
    *,
    options: Mapping[str, Any],
    threads: int,
) -> OpenVinoSession:
    """Compile a model for one request at a time on `threads` threads, computed in float32 as it is written.

    `options` are properties of OpenVINO (`INFERENCE_PRECISION_HINT`, `PERFORMANCE_HINT`, ...) and win over these;
    `device` names another device than the CPU.

    Raises Unavailable where the device is not there, Refused where OpenVINO does not take the model or an option.
    """
    core = ov.Core()
    device = str(options.get(DEVICE, CPU))
    _demand(core, device)
    properties = comparable(threads) if device == CPU else {}
    properties |= {name: value for name, value in options.items() if name != DEVICE}
    try:
        read = core.read_model(model if isinstance(model, bytes) else str(model))
        _refuse_strings(read)
        return OpenVinoSession(core.compile_model(read, device, properties))
    except Refused:
        raise
    except Exception as error:  # as above
        raise Refused(reason(error)) from error


def reason(error: BaseException) -> str:
    """Shorten what OpenVINO says to what a user can use: no place in its C++ sources."""
    text = " ".join(without_places(str(error)).split())
    return text if len(text) <= _REASON_LIMIT else text[: _REASON_LIMIT - 1] + "…"


def _demand(core: ov.Core, device: str) -> None:
    """Raise Unavailable for a plain device ("GPU") that is not there; "AUTO:..." is OpenVINO's to judge."""
    there = core.available_devices
    if device.isalpha() and not any(name.partition(".")[0] == device for name in (*there, *_VIRTUAL)):
        version = OpenVinoSession.versions["openvino"]
        raise Unavailable(f"OpenVINO {version} finds no device {device} on this machine (it has {', '.join(there)})")


def _refuse_strings(model: ov.Model) -> None:
    for port in (*model.inputs, *model.outputs):
        if port.get_element_type() == ov.Type.string:
            name = port.get_node().get_friendly_name().removesuffix(_SINK)
            raise Refused(f"`{name}` is a tensor of strings, which OpenVINO does not compute with")
