"""Where each provider lives: the environment whose interpreter opens artifacts on it. Imports no runtime."""

from __future__ import annotations

from dataclasses import dataclass

USUAL = "onnx"
"""The environment of every provider that has none of its own."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """An environment that some providers need: `runtimes/NAME/` holds what is in it, `preload` is imported early.

    One for `nvidia` is of no use without a driver and a GPU of NVIDIA, and not built where they are missing.
    """

    name: str
    providers: frozenset[str]
    preload: tuple[str, ...]
    nvidia: bool = False


# Not preloaded: openvino, whose libraries have the names of those in the plug-in package and would take their place.
RUNTIMES: dict[str, Runtime] = {
    runtime.name: runtime
    for runtime in (
        Runtime("openvino", frozenset({"openvino", "openvino-runtime"}), ("numpy", "onnx", "onnxruntime")),
        Runtime("onnx-gpu", frozenset({"cuda", "tensorrt"}), ("numpy", "onnx", "onnxruntime"), nvidia=True),
    )
}

_ENVIRONMENTS = {provider: runtime.name for runtime in RUNTIMES.values() for provider in runtime.providers}


def environment_of(provider: str) -> str:
    """The name of a provider's environment."""
    return _ENVIRONMENTS.get(provider, USUAL)
