"""A PyTorch module as a source: inference mode ensured, inputs matched to `forward`, outputs flattened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from onnx_convert.frameworks.pytorch import export, mismatch, noise, quantised, signature, values
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from onnx_convert.workers.original.binding import Binding
    from onnx_convert.workers.original.source import Array, ExportRequest, TensorInfo
    from onnx_convert.workers.protocol import Job

_NAMED = 10


class ModuleSource:
    """An nn.Module or ScriptModule in inference mode."""

    def __init__(self, model: Any, job: Job) -> None:
        self.versions = {"torch": torch.__version__}
        self._job = job
        self._model = model
        # A patched forward must call the module's own; a ScriptModule is traced only if it is called as a module.
        self._forward = model if isinstance(model, torch.jit.ScriptModule) else model.forward
        self._binding: Binding | None = None
        self._told: set[str] = set()
        quantised.refuse(model)
        model.eval()
        self._tell_training("although eval() was called, by their own train()")
        self._tell_batch_norm()

    def signature(self) -> list[TensorInfo] | None:
        """None: a module says what its inputs are called, not what they are."""
        return None

    def guess(self) -> list[TensorInfo]:
        """Inputs by the names of `forward`'s parameters and the first layer."""
        return signature.guess(self._model)

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """A module bounds no dimension."""
        return {}

    def accept(self, inputs: tuple[TensorInfo, ...]) -> None:
        """Match the inputs to `forward`'s parameters (OCA211)."""
        self._binding = signature.bind(self._model, [tensor.name for tensor in inputs])

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Outputs of one forward pass."""
        with torch.inference_mode(), mismatch.recognised(inputs, self._job):
            outputs = values.flatten(self._call(*(values.tensor(array) for array in inputs.values())))
        self._tell_training("after forward(), which switched them back")
        return {name: values.array(value, self._tell_bfloat16) for name, value in outputs.items()}

    def explain_noise(self, inputs: Mapping[str, Array]) -> str | None:
        """Why two runs differ: random operators, or state that each run changes."""
        return noise.explain(self._model, lambda: self._call(*(values.tensor(array) for array in inputs.values())))

    def bind(self, inputs: Mapping[str, Array], threads: int) -> Callable[[], object]:
        """One forward pass under inference_mode."""
        torch.set_num_threads(threads)
        tensors = [values.tensor(array) for array in inputs.values()]

        def call() -> object:
            with torch.inference_mode():
                return self._call(*tensors)

        return call

    def export(self, request: ExportRequest) -> None:
        """Write the model with the exporter that was asked for."""
        script = isinstance(self._model, torch.jit.ScriptModule)
        if script and request.exporter != "torchscript":
            message = f"a TorchScript module cannot be exported with `{request.exporter}`"
            raise WorkerError("OCA306", message, 'use `exporter = "torchscript"`, or give the Python module')
        tensors = tuple(values.tensor(array) for array in request.example.values())
        # In inference, layers of attention are one operator that no exporter has
        # (https://github.com/pytorch/pytorch/issues/177013). The process ends with its job.
        torch.backends.mha.set_fastpath_enabled(False)
        with torch.no_grad():
            if script:
                flat = export.wrapped(self._flat, self._model, tensors)
            else:
                flat = export.patched(self._flat, self._model, [tensor.name for tensor in request.inputs])
            export.write(flat, tensors, request, self._job)

    def _call(self, *tensors: Any) -> Any:
        assert self._binding is not None
        args, kwargs = self._binding.arguments(tensors)
        return self._model(*args, **kwargs)

    def _flat(self, *tensors: Any) -> tuple[Any, ...]:
        assert self._binding is not None
        args, kwargs = self._binding.arguments(tensors)
        return tuple(values.flatten(self._forward(*args, **kwargs)).values())

    def _tell_training(self, when: str) -> None:
        names = [name or type(self._model).__name__ for name, part in self._model.named_modules() if part.training]
        if names and "training" not in self._told:
            self._told.add("training")
            shown = ", ".join(f"`{name}`" for name in names[:_NAMED])
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            self._job.note("OCA221", f"in training mode {when}: {shown}{more}")

    def _tell_batch_norm(self) -> None:
        names = [
            name
            for name, part in self._model.named_modules()
            if isinstance(part, torch.nn.modules.batchnorm._BatchNorm) and part.running_mean is None
        ]
        if names:
            shown = ", ".join(f"`{name}`" for name in names[:_NAMED])
            self._job.note("OCA222", f"normalises with the batch's own statistics also in inference: {shown}")

    def _tell_bfloat16(self) -> None:
        if "bfloat16" not in self._told:
            self._told.add("bfloat16")
            self._job.note("OCA223", "the model returns bfloat16; the reference is kept as float32 of the same values")
