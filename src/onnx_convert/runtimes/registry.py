"""Where each provider lives: the environment whose interpreter opens artifacts on it. Imports no runtime."""

from __future__ import annotations

USUAL = "onnx"
"""The environment of every provider that has none of its own."""

_ENVIRONMENTS: dict[str, str] = {}


def environment_of(provider: str) -> str:
    """The name of a provider's environment."""
    return _ENVIRONMENTS.get(provider, USUAL)
