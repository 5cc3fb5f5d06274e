"""A TensorFlow computation as a source: traced once, run and exported as the same concrete function."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from onnx_convert.frameworks.tensorflow import values
from onnx_convert.frameworks.tensorflow.layout import Layout
from onnx_convert.frameworks.tensorflow.versions import versions
from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from onnx_convert.workers.original.source import Array, ExportRequest, TensorInfo
    from onnx_convert.workers.protocol import Job


@dataclass(frozen=True)
class Computation:
    """What a loader gives: `call` takes tensors in the order of the inputs and returns nested tensors.

    `signature` is what the model declares (None: nothing); `guess` what it probably takes; `arrange` says in which
    order inputs of these names go to `call` (raises WorkerError OCA211); `outputs` are the model's own names, where
    it has some; `owner` keeps variables and tables alive; `traced` is called once the variables exist.
    """

    call: Callable[..., Any]
    owner: Any
    signature: list[TensorInfo] | None
    guess: list[TensorInfo] = field(default_factory=list)
    arrange: Callable[[tuple[str, ...]], None] = lambda names: None
    outputs: tuple[str, ...] = ()
    traced: Callable[[], None] = lambda: None


class FunctionSource:
    """A computation; the graph that is exported is the one that gives the reference outputs."""

    def __init__(self, computation: Computation, job: Job) -> None:
        self.versions = versions()
        self._computation = computation
        self._layout = Layout.of(job)
        self._wanted: tuple[str, ...] = tuple(job.get("outputs") or ())
        self._concrete: Any = None
        self._names: tuple[str, ...] = ()

    def signature(self) -> list[TensorInfo] | None:
        """What the model declares, in the layout that is asked for."""
        declared = self._computation.signature
        return None if declared is None else self._layout.declared(declared)

    def guess(self) -> list[TensorInfo]:
        """What it probably takes."""
        return self._computation.guess

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """Any will do."""
        return {}

    def accept(self, inputs: tuple[TensorInfo, ...]) -> None:
        """Trace the computation with these inputs (OCA211 where it refuses them)."""
        own = tuple(self._layout.own(inputs))
        self._computation.arrange(tuple(tensor.name for tensor in own))
        try:
            self._concrete = tf.function(self._flat, autograph=False).get_concrete_function(*values.specs(own))
        except (ValueError, TypeError, tf.errors.OpError) as error:
            if isinstance(error, tf.errors.OperatorNotAllowedInGraphError):
                raise
            listed = ", ".join(f"`{tensor.name}` {tensor.dtype}{list(tensor.shape)}" for tensor in own)
            message = f"the model cannot be traced with {listed}: {type(error).__name__}: {reason(error)}"
            raise WorkerError("OCA211", message) from error
        self._computation.traced()

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Outputs of the concrete function."""
        feeds = [values.tensor(self._layout.to_model(name, array)) for name, array in inputs.items()]
        results = dict(zip(self._names, map(values.array, self._concrete(*feeds)), strict=True))
        return self._layout.from_model(results)

    def bind(self, inputs: Mapping[str, Array], threads: int) -> Callable[[], object]:
        """The concrete function on tensors; the threads were limited when it was loaded."""
        del threads
        feeds = [values.tensor(self._layout.to_model(name, array)) for name, array in inputs.items()]
        concrete = self._concrete
        return lambda: [output.numpy() for output in concrete(*feeds)]

    def export(self, request: ExportRequest) -> None:
        """Freeze the concrete function and convert it with tf2onnx."""
        from onnx_convert.frameworks.tensorflow.convert import convert  # noqa: PLC0415 - tf2onnx: only to export

        convert(self._concrete, self._computation.owner, request)

    def _flat(self, *tensors: Any) -> list[Any]:
        found = values.flatten(self._computation.call(*tensors), self._computation.outputs)
        if set(self._wanted) == set(found):  # the same names in an order of the spec's: not other names for these
            found = {name: found[name] for name in self._wanted}
        self._names = tuple(found)
        # A copy of each: a graph cannot have one tensor as two outputs, nor an input as an output.
        return [tf.identity(tensor) for tensor in found.values()]


def reason(error: BaseException) -> str:
    """The line of an exception that says why: Keras and autograph put others above it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    says = [
        line for line in lines if not line.startswith(("Exception encountered", "in user code", "File ", "Arguments"))
    ]
    return shorten(next(iter(says), ""))
