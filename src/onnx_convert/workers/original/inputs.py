"""What the inputs of a model are: what the spec says of them, and what the model says for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onnx_convert.workers.original.samples import default_dtype
from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Given = dict[str, dict[str, Any]]


def resolve(
    given: Given, signature: Sequence[TensorInfo] | None, guess: Sequence[TensorInfo]
) -> tuple[TensorInfo, ...]:
    """The inputs in the order they are given to the model.

    Without a signature they are the spec's, in its order, and each needs a shape (OCA210, with lines to paste). With
    one they are the model's, and the spec may say more of any of them; a name it does not have is OCA211.
    """
    if signature is None:
        return _declared(given, guess)
    unknown = [name for name in given if name not in {tensor.name for tensor in signature}]
    if unknown:
        names = ", ".join(f"`{tensor.name}`" for tensor in signature) or "none"
        raise WorkerError("OCA211", f"the model has no input `{unknown[0]}`; it has {names}")
    return tuple(_merged(tensor, given.get(tensor.name, {})) for tensor in signature)


def toml(tensors: Sequence[TensorInfo]) -> str:
    """Inputs as lines of a spec."""
    return "\n".join(
        f"inputs.{tensor.name} = {{ shape = [{', '.join(_toml_axis(axis) for axis in tensor.shape)}], "
        f'dtype = "{tensor.dtype}" }}'
        for tensor in tensors
    )


def _declared(given: Given, guess: Sequence[TensorInfo]) -> tuple[TensorInfo, ...]:
    example = guess or [TensorInfo("x", "float32", ("batch", 3, "height", "width"))]
    if not given:
        message = "the model does not say what its inputs are, and the spec has no `inputs` for it"
        raise WorkerError("OCA210", message, f"add the inputs, such as:\n{toml(example)}")
    for name, values in given.items():
        if values.get("shape") is None:
            suggestion = TensorInfo(name, "float32", next((t.shape for t in example if t.name == name), ("batch", 3)))
            message = f"input `{name}` has no `shape`, and the model does not say what it is"
            raise WorkerError("OCA210", message, f"give its shape, such as:\n{toml([suggestion])}")
    return tuple(
        TensorInfo(name, values.get("dtype") or default_dtype(name, values), tuple(values["shape"]))
        for name, values in given.items()
    )


def _merged(tensor: TensorInfo, values: Mapping[str, Any]) -> TensorInfo:
    shape = tensor.shape if values.get("shape") is None else tuple(values["shape"])
    if len(shape) != len(tensor.shape):
        message = f"input `{tensor.name}` has {len(tensor.shape)} axes in the model and {len(shape)} in the spec"
        raise WorkerError("OCA211", message, f"the model declares:\n{toml([tensor])}")
    return TensorInfo(tensor.name, values.get("dtype") or tensor.dtype, shape)


def _toml_axis(axis: int | str) -> str:
    return f'"{axis}"' if isinstance(axis, str) else str(axis)
