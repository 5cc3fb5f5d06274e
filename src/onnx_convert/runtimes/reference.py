"""onnx's reference evaluator: slow, in numpy, and the only way to run operators that are Python classes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import onnx
from onnx.reference import ReferenceEvaluator

from onnx_convert.runtimes.interface import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from onnx_convert.runtimes.interface import Array


class ReferenceSession:
    """A model and the classes of its operators outside the standard; see `runtimes.interface.Session`."""

    clock = staticmethod(time.perf_counter_ns)
    versions: ClassVar[dict[str, str]] = {"onnx": onnx.__version__}

    def __init__(self, model: Path | bytes, operators: Sequence[type[Any]]) -> None:
        """Load a model. Raises Refused where the evaluator has no implementation of one of its operators."""
        try:
            self._evaluator = ReferenceEvaluator(
                str(model) if isinstance(model, Path) else model, new_ops=list(operators)
            )
        except Exception as error:  # the evaluator raises what it meets
            raise Refused(_reason(error)) from error
        given = {tensor.name for tensor in self._evaluator.proto_.graph.initializer}
        self.inputs: tuple[str, ...] = tuple(name for name in self._evaluator.input_names if name not in given)
        self.outputs: tuple[str, ...] = tuple(self._evaluator.output_names)

    def run(self, feeds: Mapping[str, Array]) -> list[Any]:
        """Run once. Raises Refused with what an operator raised."""
        try:
            return list(self._evaluator.run(None, dict(feeds)))
        except Exception as error:
            raise Refused(_reason(error)) from error

    def bind(self, feeds: Mapping[str, Array]) -> Callable[[], None]:
        """Nothing to bind: each call runs anew."""

        def call() -> None:
            self.run(feeds)

        return call

    def effective(self) -> dict[str, float]:
        """No execution provider has a part in it."""
        return {}


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:1000]
