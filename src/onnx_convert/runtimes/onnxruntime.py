"""ONNX Runtime on any execution provider, built in or from a plug-in package (`onnxruntime-ep-*`).

ONNX Runtime gives a session on the CPU, and no exception, where a provider's libraries are missing. Here that is
`Unavailable`: a session is on the provider that was asked for, or there is none.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnxruntime as ort

from onnx_convert.runtimes import libraries
from onnx_convert.runtimes.binding import Memory, bind_device, bind_host, memory_of
from onnx_convert.runtimes.interface import LibraryRefused, Refused, Unavailable
from onnx_convert.runtimes.openvino.settings import plugin_options, without_places
from onnx_convert.runtimes.profile import Kernel, Node, kernels

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from onnx_convert.runtimes.interface import Array

CPU = "CPUExecutionProvider"
_OPENVINO = "OpenVINOExecutionProvider"
_TENSORRT, _CUDA = "TensorrtExecutionProvider", "CUDAExecutionProvider"
_PLUGIN = "onnxruntime-ep-"
_ERRORS_ONLY = 3
_REASON_LIMIT = 1000

# "/onnxruntime_src/.../reshape_helper.h:91 onnxruntime::ReshapeHelper::ReshapeHelper(const TensorShape&, bool) "
_SOURCE_PLACE = re.compile(r"\S+\.(?:cc|h|cpp|cu|cuh):\d+ (?:[^()\n]*\([^()\n]*\)(?:\([^()\n]*\))?(?: const)?\s+)?")
_STATUS = re.compile(r"\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : ")


class OnnxRuntimeSession:
    """A model loaded by ONNX Runtime; see `runtimes.interface.Session`."""

    clock = staticmethod(time.perf_counter_ns)

    def __init__(self, session: ort.InferenceSession, plugin: str | None, memory: Memory) -> None:
        self._session = session
        self._memory = memory
        packages = (ort.package_name or "onnxruntime", *([plugin] if plugin else []))
        self.versions: dict[str, str] = {name: metadata.version(name) for name in packages}
        self.inputs: tuple[str, ...] = tuple(item.name for item in session.get_inputs())
        self.outputs: tuple[str, ...] = tuple(item.name for item in session.get_outputs())

    def run(self, feeds: Mapping[str, Array]) -> list[Any]:
        """Run once. Raises Refused with ONNX Runtime's reason."""
        try:
            return list(self._session.run(None, dict(feeds)))
        except Exception as error:  # ONNX Runtime's exceptions have no base of their own
            raise Refused(reason(error)) from error

    def bind(self, feeds: Mapping[str, Array]) -> Callable[[], None]:
        """Bind inputs and outputs once in the provider's memory, and run until nothing is built or chosen any more.

        String tensors cannot be bound and are given anew each time. Raises Refused.
        """
        plain, memory = dict(feeds), self._memory
        if any(array.dtype.kind in "OU" for array in plain.values()):
            if memory.fixed:
                raise Refused("a CUDA graph needs inputs that are tensors of numbers, and this model takes strings")
            return lambda: self._session.run(None, plain) and None
        try:
            if memory == Memory():
                return bind_host(self._session, plain, self.outputs)
            return bind_device(self._session, plain, self.outputs, memory)
        except Refused:
            raise
        except Exception as error:
            raise Refused(reason(error)) from error

    def effective(self) -> dict[str, float]:
        """Return the fraction of nodes of the optimised graph that each execution provider got."""
        counts = Counter(node.provider for node in self.nodes())
        return {name: count / counts.total() for name, count in counts.items()}

    def nodes(self) -> tuple[Node, ...]:
        """The nodes of the graph as ONNX Runtime divided it between providers, before these fuse what they got."""
        return tuple(
            Node(
                node.name,
                node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}::{node.op_type}",
                part.ep_name,
            )
            for part in self._session.get_provider_graph_assignment_info()
            for node in part.get_nodes()
        )

    def kernels(self, calls: int) -> tuple[Kernel, ...]:
        """What ran in the last `calls` calls of a session that was opened with a profile; ends the profile."""
        path = Path(self._session.end_profiling())
        events = json.loads(path.read_text("utf-8", "replace"))
        path.unlink()
        return kernels(events, calls)


def open_session(
    model: Path | bytes,
    provider: str,
    *,
    options: Mapping[str, Any],
    threads: int,
    optimise: bool = True,
    library: Path | None = None,
    profile: Path | None = None,
) -> OnnxRuntimeSession:
    """Load a model on `provider` ("cpu", "cuda", "tensorrt", "openvino", ...) with `threads` threads an operator.

    Without `optimise` the graph runs as it is written. `library` holds custom operators. With `profile`, the beginning
    of a file's path, every kernel's time is recorded, which costs time itself. Idle threads sleep instead of spinning:
    what is measured or compared here shares its machine.

    Raises Unavailable where this machine lacks the provider, Refused where the provider does not load this model,
    LibraryRefused where the library cannot be loaded.
    """
    name, plugin = _find(provider)
    settings = _settings(threads, optimise=optimise, library=library)
    if profile:
        settings.enable_profiling = True
        settings.profile_file_prefix = str(profile)
    openvino = plugin is not None and name == _OPENVINO
    told, device = plugin_options(options, threads) if openvino else (options, None)
    given = {key: _option(value) for key, value in told.items()}
    source = model if isinstance(model, bytes) else str(model)
    try:
        if plugin:
            settings.add_provider_for_devices(_devices(name, plugin, device), given)
            session = ort.InferenceSession(source, settings, enable_fallback=0)
        else:
            beside = [] if name != _TENSORRT else [(_CUDA, {k: v for k, v in given.items() if k == "device_id"})]
            session = ort.InferenceSession(source, settings, providers=[(name, given), *beside], enable_fallback=0)
    except Unavailable:
        raise
    except Exception as error:
        if name != CPU and not isinstance(model, bytes):
            _probe(provider, given)
        raise Refused(reason(error)) from error
    opened = OnnxRuntimeSession(session, plugin, memory_of(name, given))
    shares = opened.effective()
    if name not in session.get_providers():
        raise Unavailable(_lacking(name) or f"ONNX Runtime could not start {name} and would have used the CPU")
    if shares and name not in shares:
        raise Unavailable(f"{name} took none of the nodes: all of them would have run on {', '.join(shares)}")
    return opened


def reason(error: BaseException) -> str:
    """Shorten what ONNX Runtime says to what a user can use: no status number, no place in its C++ sources."""
    text = _SOURCE_PLACE.sub("", without_places(_STATUS.sub("", str(error))))
    text = " ".join(text.split())
    return text if len(text) <= _REASON_LIMIT else text[: _REASON_LIMIT - 1] + "…"


def _settings(threads: int, *, optimise: bool, library: Path | None) -> ort.SessionOptions:
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = _ERRORS_ONLY
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    settings.add_session_config_entry("session.inter_op.allow_spinning", "0")
    settings.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    if not optimise:
        settings.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    if library:
        try:
            settings.register_custom_ops_library(str(library))
        except Exception as error:
            raise LibraryRefused(f"{library.name} cannot be loaded: {reason(error)}") from error
    return settings


def _find(provider: str) -> tuple[str, str | None]:
    """Return ONNX Runtime's name of a provider, and the plug-in package it comes from, None if it is built in."""
    wanted = _normal(provider)
    # Plug-ins first: once one is registered, ONNX Runtime lists its provider among those that are built in.
    for package in _plugins():
        for name in _plugin_names(package):
            if _normal(name) == wanted:
                return name, package
    for name in ort.get_available_providers():
        if _normal(name) == wanted:
            return name, None
    found = ", ".join(sorted(ort.get_available_providers()))
    raise Unavailable(
        f"{ort.package_name or 'onnxruntime'} {ort.__version__} has no such execution provider (it has {found}) and "
        f"no {_PLUGIN}* package that offers it is installed"
    )


def _normal(name: str) -> str:
    return name.lower().removesuffix("executionprovider").replace("-", "").replace("_", "")


@cache
def _plugins() -> tuple[str, ...]:
    names = {str(item.metadata["Name"]).lower().replace("_", "-") for item in metadata.distributions()}
    return tuple(sorted(name for name in names if name.startswith(_PLUGIN)))


def _plugin_names(package: str) -> list[str]:
    module = import_module(package.replace("-", "_"))
    return list(module.get_ep_names()) if hasattr(module, "get_ep_names") else [module.get_ep_name()]


@cache
def _register(package: str) -> None:
    # ONNX Runtime keeps registered libraries for the life of the process and refuses a second registration.
    ort.register_execution_provider_library(package, import_module(package.replace("-", "_")).get_library_path())


def _devices(name: str, package: str, device: str | None) -> list[ort.OrtEpDevice]:
    """The device of a plug-in's provider to use: the first, or for OpenVINO the one that it calls `device`."""
    try:
        _register(package)
    except Exception as error:
        raise Unavailable(f"{package} {metadata.version(package)} cannot be loaded: {reason(error)}") from error
    devices = [item for item in ort.get_ep_devices() if item.ep_name == name]
    devices = [item for item in devices if device in (None, item.ep_metadata.get("ov_device"))]
    if not devices:
        there = sorted({f"{item.device.vendor} {item.device.type.name}".strip() for item in ort.get_ep_devices()})
        wanted = f"device {device}" if device else "device"
        raise Unavailable(
            f"{package} {metadata.version(package)} is installed but supports no {wanted} of this machine "
            f"(it has {', '.join(there)})"
        )
    return devices[:1]


def _probe(provider: str, options: Mapping[str, str]) -> None:
    """Raise Unavailable if the provider does not even load the smallest model: then the model is not at fault."""
    from onnx import parser  # noqa: PLC0415 - only needed when something failed

    smallest = parser.parse_model(
        '<ir_version: 8, opset_import: ["": 17]> g (float[1] x) => (float[1] y) { y = Add(x, x) }'
    )
    own = {name: value for name, value in options.items() if not name.startswith("trt_profile_")}
    try:
        open_session(smallest.SerializeToString(), provider, options=own, threads=1)
    except Refused as refused:
        raise Unavailable(_lacking(_find(provider)[0]) or str(refused)) from refused


def _lacking(name: str) -> str | None:
    found = libraries.lacking(Path(ort.__file__).parent / "capi", _normal(name))
    return f"{name} of {ort.package_name} {ort.__version__} cannot be loaded: {found}" if found else None


def _option(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict | list) else str(value)
