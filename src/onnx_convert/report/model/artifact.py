"""The ONNX file of a row, and how it was made."""

from __future__ import annotations

from typing import Literal

from onnx_convert.report.model.value import Integer, Value


class Artifact(Value):
    """The ONNX file of a row; `path` is relative to the output folder."""

    path: str
    bytes: Integer
    sha256: str
    opsets: dict[str, Integer]
    ir_version: Integer
    nodes: Integer
    nodes_before_simplify: Integer | None = None
    operators: dict[str, Integer] = {}
    external_data: tuple[str, ...] = ()


class Attempt(Value):
    """One exporter that was tried and why it was not kept."""

    exporter: str
    reason: str


class Simplification(Value):
    """What the simplifier did: `kept`, `unchanged`, `undone` (with the diagnostic that says why) or `off`."""

    simplifier: Literal["onnxsim", "onnxslim"] | None
    status: Literal["kept", "unchanged", "undone", "off"]
    seconds: float = 0.0


class Export(Value):
    """How the artifact was made."""

    exporter: str
    reason: str = ""
    attempts: tuple[Attempt, ...] = ()
    versions: dict[str, str] = {}
    seconds: float = 0.0
    simplification: Simplification | None = None


class Tensor(Value):
    """An input or output as the artifact declares it."""

    name: str
    dtype: str
    shape: tuple[Integer | str | None, ...]
