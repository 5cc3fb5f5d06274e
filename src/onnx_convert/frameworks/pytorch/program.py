"""A `.pt2` exported program as a source: it knows its inputs, their bounds and its graph already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from onnx_convert.frameworks.pytorch import export, mismatch, values
from onnx_convert.workers.original.dims import BATCH_SIZES, OTHER_SIZES
from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from onnx_convert.workers.original.source import Array, ExportRequest
    from onnx_convert.workers.protocol import Job


class ProgramSource:
    """A torch.export.ExportedProgram."""

    def __init__(self, program: Any, job: Job) -> None:
        self.versions = {"torch": torch.__version__}
        self._program = program
        self._job = job
        self._module = program.module()
        self._fakes = _user_inputs(program)
        self._symbols = _symbol_names(self._fakes)
        self._told = False

    def signature(self) -> list[TensorInfo]:
        """Its user inputs; a symbolic size is named after the first axis that has it."""
        return [
            TensorInfo(name, str(fake.dtype).removeprefix("torch."), self._axes(fake))
            for name, fake in self._fakes.items()
        ]

    def guess(self) -> list[TensorInfo]:
        """Nothing to guess."""
        return []

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """One small and one larger size within the bounds that the program was exported with."""
        found: dict[str, tuple[int, ...]] = {}
        for symbol, name in self._symbols.items():
            bounds = {str(key): value for key, value in self._program.range_constraints.items()}.get(symbol)
            low = max(int(bounds.lower), 1) if bounds is not None else 1
            wanted = BATCH_SIZES if name.endswith("_dim0") else OTHER_SIZES
            high = int(bounds.upper) if bounds is not None and bounds.upper < 2**31 else 2**31 - 1
            found[name] = tuple(dict.fromkeys(min(max(size, low), high) for size in wanted))
        return found

    def accept(self, inputs: tuple[TensorInfo, ...]) -> None:
        """Refuse shapes and dtypes other than the program's own (OCA211); dynamic axes may be renamed."""
        for mine, theirs in zip(self.signature(), inputs, strict=True):
            fits = all(isinstance(a, str) or a == b for a, b in zip(mine.shape, theirs.shape, strict=True))
            if not fits or mine.dtype != theirs.dtype:
                message = f"input `{mine.name}` is {mine.dtype}{list(mine.shape)} in the exported program"
                raise WorkerError("OCA211", message, "export the program anew with `dynamic_shapes` for other sizes")

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Outputs of the program."""
        args, kwargs = self._arguments(inputs)
        with torch.inference_mode(), mismatch.recognised(inputs, self._job):
            outputs = values.flatten(self._module(*args, **kwargs))
        return {name: values.array(value, self._tell_bfloat16) for name, value in outputs.items()}

    def bind(self, inputs: Mapping[str, Array], threads: int) -> Callable[[], object]:
        """One call of the program's module under inference_mode."""
        torch.set_num_threads(threads)
        args, kwargs = self._arguments(inputs)

        def call() -> object:
            with torch.inference_mode():
                return self._module(*args, **kwargs)

        return call

    def export(self, request: ExportRequest) -> None:
        """Write it with the dynamo exporter, the only one for exported programs."""
        if request.exporter != "dynamo":
            message = f"an exported program cannot be exported with `{request.exporter}`"
            raise WorkerError("OCA306", message, 'use `exporter = "dynamo"`')
        export.write(self._program, (), request, self._job)

    def _arguments(self, inputs: Mapping[str, Array]) -> tuple[Any, Any]:
        tensors = [values.tensor(array) for array in inputs.values()]
        unflattened: tuple[Any, Any] = torch.utils._pytree.tree_unflatten(tensors, self._program.call_spec.in_spec)
        return unflattened

    def _axes(self, fake: Any) -> tuple[int | str, ...]:
        return tuple(axis if isinstance(axis, int) else self._symbols[str(axis)] for axis in fake.shape)

    def _tell_bfloat16(self) -> None:
        if not self._told:
            self._told = True
            self._job.note(
                "OCA223", "the program returns bfloat16; the reference is kept as float32 of the same values"
            )


def _user_inputs(program: Any) -> dict[str, Any]:
    nodes = {node.name: node for node in program.graph.nodes if node.op == "placeholder"}
    found = {name: nodes[name].meta.get("val") for name in program.graph_signature.user_inputs if name in nodes}
    for name, fake in found.items():
        if not isinstance(fake, torch.Tensor):
            message = f"input `{name}` of the exported program is of type {type(fake).__name__}, not a tensor"
            raise WorkerError("OCA211", message, "export it with tensors as its only inputs")
    return found


def _symbol_names(fakes: Mapping[str, Any]) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, fake in fakes.items():
        for position, axis in enumerate(fake.shape):
            if not isinstance(axis, int):
                names.setdefault(str(axis), f"{name}_dim{position}")
    return names
