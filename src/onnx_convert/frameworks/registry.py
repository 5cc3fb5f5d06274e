"""The frameworks this version converts, and whose a source is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx_convert.frameworks.jax.source import FRAMEWORK as JAX
from onnx_convert.frameworks.mxnet.source import FRAMEWORK as MXNET
from onnx_convert.frameworks.onnx.source import FRAMEWORK as ONNX
from onnx_convert.frameworks.pytorch.source import FRAMEWORK as PYTORCH
from onnx_convert.frameworks.sklearn.source import FRAMEWORK as SKLEARN
from onnx_convert.frameworks.tensorflow.source import FRAMEWORK as TENSORFLOW

if TYPE_CHECKING:
    from onnx_convert.frameworks.interface import Framework
    from onnx_convert.spec.source import SourceRef

FRAMEWORKS: dict[str, Framework] = {
    framework.name: framework for framework in (PYTORCH, TENSORFLOW, SKLEARN, JAX, MXNET, ONNX)
}


@dataclass(frozen=True, slots=True)
class Recognition:
    """Whose a source looks to be, with the reasons; `framework` is the answer if there is exactly one."""

    candidates: dict[str, str]

    @property
    def framework(self) -> str | None:
        """The name, None if the source fits none or several."""
        return next(iter(self.candidates)) if len(self.candidates) == 1 else None


def recognise(source: SourceRef) -> Recognition:
    """The frameworks a source fits, by its file: the ending, what is in an archive, what Python code imports."""
    found = {name: framework.recognise(source.path, source.symbol) for name, framework in FRAMEWORKS.items()}
    return Recognition({name: reason for name, reason in found.items() if reason})
