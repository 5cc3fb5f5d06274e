"""MXNet 1.9: symbols with their parameters, as Gluon and modules save them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.frameworks import files
from onnx_convert.frameworks.interface import Framework

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.spec.model import Model

_PACKAGES = frozenset({"mxnet"})

PRELOAD = ("numpy", "onnx")
"""Without MXNet itself. Its jobs survive a fork, but it reads OMP_NUM_THREADS when it is loaded: a job that was forked
from a process that has it could not be held to the threads that a measurement is asked to use."""


def recognise(path: Path, symbol: str | None) -> str | None:
    """Symbols by their ending, Python files by what they import."""
    if symbol:
        return files.imports(path, _PACKAGES)
    return "an MXNet symbol" if path.name.endswith("-symbol.json") else None


def executes(path: Path, symbol: str | None) -> str | None:
    """A symbol is data."""
    return None


def exporters(model: Model, opset: int) -> tuple[tuple[str, ...], str]:
    """There is one."""
    return ("mx2onnx",), "MXNet's own exporter"


FRAMEWORK = Framework(
    name="mxnet",
    environment="mxnet",
    worker="onnx_convert.frameworks.mxnet.worker",
    preload=PRELOAD,
    recognise=recognise,
    executes=executes,
    exporters=exporters,
    title="MXNet",
)
