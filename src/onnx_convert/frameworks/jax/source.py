"""JAX: functions, and modules of Flax, Equinox and Haiku, made by Python code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.frameworks import files
from onnx_convert.frameworks.interface import Framework

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.spec.model import Model

_PACKAGES = frozenset({"jax", "flax", "equinox", "haiku"})


def recognise(path: Path, symbol: str | None) -> str | None:
    """Python files by what they import: JAX has no file of its own."""
    return files.imports(path, _PACKAGES) if symbol else None


def executes(path: Path, symbol: str | None) -> str | None:
    """Only the repository's own code."""
    return None


def exporters(model: Model, opset: int) -> tuple[tuple[str, ...], str]:
    """jax2onnx with its converters of whole layers first; where those fail, with those of primitives alone."""
    return ("jax2onnx", "jax2onnx-primitives"), "jax2onnx's converters of whole layers write the larger operators"


FRAMEWORK = Framework(
    name="jax",
    environment="jax",
    worker="onnx_convert.frameworks.jax.worker",
    preload=("numpy", "onnx", "jax", "flax.nnx", "flax.linen", "equinox", "haiku", "jax2onnx"),
    recognise=recognise,
    executes=executes,
    exporters=exporters,
    title="JAX",
)
