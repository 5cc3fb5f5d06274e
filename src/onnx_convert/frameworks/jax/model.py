"""A program as a source: compiled by XLA for the reference, traced with symbolic sizes for the export."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from onnx_convert.frameworks.jax import binding, export, failures, jaxpr, layout, precision, signature, values
from onnx_convert.workers.original.binding import Binding
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from onnx_convert.frameworks.jax.program import Program
    from onnx_convert.workers.original.source import Array, ExportRequest, TensorInfo
    from onnx_convert.workers.protocol import Job

_PACKAGES = ("jax", "jax2onnx", "flax", "equinox", "dm-haiku")


class ProgramSource:
    """A function of arrays with its parameters."""

    def __init__(self, program: Program, job: Job, *, double: bool) -> None:
        self.versions = {name: version(name) for name in _PACKAGES}
        self._program = program
        self._job = job
        self._double = double
        self._layout = layout.of(job.get("export_options") or {})
        self._binding = Binding(())
        self._names: tuple[str, ...] = ()
        self._told_bfloat16 = False
        self._compiled = jax.jit(self._flat)

    def signature(self) -> list[TensorInfo] | None:
        """None: a function says what its inputs are called, not what they are. One without parameters has none."""
        found = self._program.signature
        return [] if found is not None and not found.parameters else None

    def guess(self) -> list[TensorInfo]:
        """Inputs by the names of the function's parameters and the shape of the first layer's."""
        return signature.guess(binding.required(self._program.signature), self._program.params)

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """A function bounds no dimension."""
        return {}

    def accept(self, inputs: tuple[TensorInfo, ...]) -> None:
        """Match the inputs to the function's parameters (OCA211)."""
        strings = [tensor.name for tensor in inputs if tensor.dtype == "string"]
        if strings:
            message = f"input `{strings[0]}` is of strings, and JAX has no arrays of strings"
            raise WorkerError("OCA211", message, "encode the text before the model")
        self._binding = binding.bind(self._program.signature, [tensor.name for tensor in inputs])
        self._layout.check(inputs)
        precision.tell_narrowed(inputs, self._job)

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Outputs of the compiled function."""
        arrays = [values.narrowed(array, name) for name, array in inputs.items()]
        with failures.recognised("the model", self._job):
            found = self._call(*self._layout.inner_inputs(arrays))
            outputs = [values.array(value, self._tell_bfloat16) for value in found]
        return dict(zip(self._names, self._layout.outer_outputs(outputs), strict=True))

    def bind(self, inputs: Mapping[str, Array], threads: int) -> Callable[[], object]:
        """One call of the compiled function; the number of threads was set before XLA started, see `load`."""
        arrays = [values.narrowed(array, name) for name, array in inputs.items()]
        tensors = [jax.device_put(np.ascontiguousarray(array)) for array in self._layout.inner_inputs(arrays)]
        params = jax.device_put(self._program.params)

        def call() -> object:
            return jax.block_until_ready(self._compiled(params, *tensors))

        return call

    def export(self, request: ExportRequest) -> None:
        """Write the function with its parameters as constants."""

        def closed(*inputs: Any) -> tuple[Any, ...]:
            return self._flat(self._program.params, *inputs)

        specs = self._layout.inner_specs(request.inputs)
        jaxpr.tell_random(closed, self._layout.inner_inputs(list(request.example.values())), self._job)
        export.write(closed, specs, request, self._job, double=self._double)

    def _call(self, *inputs: Array) -> tuple[Any, ...]:
        params = self._program.params
        try:
            return tuple(self._compiled(params, *inputs))
        except failures.VALUE_NEEDED:
            # A module may compute with numpy from its parameters. As constants, which they are for an export, it can.
            self._compiled = jax.jit(lambda _, *arrays: self._flat(params, *arrays))
            return tuple(self._compiled(params, *inputs))

    def _flat(self, params: Any, *inputs: Any) -> tuple[Any, ...]:
        args, named = self._binding.arguments(inputs)
        found = values.flatten(self._program.apply(params, *args, **named))
        self._names = tuple(found)
        return tuple(found.values())

    def _tell_bfloat16(self) -> None:
        if not self._told_bfloat16:
            self._told_bfloat16 = True
            self._job.note("OCA223", "the model returns bfloat16; the reference is kept as float32 of the same values")
