"""ONNX: a model that is one already, to be simplified, compared and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.frameworks.interface import Framework

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.spec.model import Model


def recognise(path: Path, symbol: str | None) -> str | None:
    """By its ending."""
    return "an ONNX file" if not symbol and path.suffix == ".onnx" else None


def executes(path: Path, symbol: str | None) -> str | None:
    """Nothing: an ONNX file is data."""
    return None


def exporters(model: Model, opset: int) -> tuple[tuple[str, ...], str]:
    """Nothing is exported."""
    return ("copy",), "the source is ONNX already"


FRAMEWORK = Framework(
    name="onnx",
    environment="onnx",
    worker="onnx_convert.frameworks.onnx.worker",
    preload=("numpy", "onnx", "onnxruntime", "onnxsim", "onnxslim"),
    recognise=recognise,
    executes=executes,
    exporters=exporters,
    title="ONNX",
    own_opset=True,
)
