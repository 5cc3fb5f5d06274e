"""Keras models, of Keras 3 and of Keras 2: their inputs and outputs, how they are called, their weights."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from onnx_convert.frameworks.tensorflow import keras_weights, parameters, values
from onnx_convert.frameworks.tensorflow.function import Computation
from onnx_convert.workers.original.source import TensorInfo

if TYPE_CHECKING:
    from pathlib import Path


def is_model(value: object) -> bool:
    """Whether something is a layer or model of Keras 3, or of Keras 2 where that is imported."""
    import keras  # noqa: PLC0415 - has to follow the caller's own choices, such as TF_USE_LEGACY_KERAS

    layers = [keras.Layer]
    if "tf_keras" in sys.modules:
        layers.append(sys.modules["tf_keras"].layers.Layer)
    return isinstance(value, tuple(layers))


def of_model(model: Any, weights: Path | None = None) -> Computation:
    """A model in inference mode; `weights` are loaded as soon as it has variables."""
    pending = weights
    if weights is not None and model.built and model.weights:
        keras_weights.load_into(model, weights)
        pending = None

    def traced() -> None:
        if pending is not None:
            keras_weights.load_into(model, pending)

    tensors = _inputs(model)
    if tensors is None:
        return _Subclassed(model).computation(traced)
    structure = _structure(model)
    names = _input_names(model, tensors)
    inference = {"training": False} if parameters.takes(model.call, "training") else {}

    def call(*given: Any) -> Any:
        packed = given[0] if len(given) == 1 and structure is None else tf.nest.pack_sequence_as(structure, given)
        return model(packed, **inference)

    signature = [_info(name, tensor) for name, tensor in zip(names, tensors, strict=True)]
    return Computation(call, model, signature, outputs=_output_names(model), traced=traced)


def _inputs(model: Any) -> list[Any] | None:
    """Symbolic inputs of a functional or sequential model; None for one that is not built or is subclassed."""
    try:
        return tf.nest.flatten(model.inputs) if getattr(model, "inputs", None) else None
    except (AttributeError, ValueError):  # Keras 3: a Sequential without Input has no `inputs` until it is called
        return None


def _structure(model: Any) -> Any:
    """How the inputs of a functional model are nested; None where there is one and it stands alone."""
    for owner in (model, getattr(model, "_functional", None)):
        for attribute in ("_inputs_struct", "_nested_inputs"):
            found = getattr(owner, attribute, None)
            if found is not None:
                return found if tf.nest.is_nested(found) else None
    return None


def _input_names(model: Any, tensors: list[Any]) -> list[str]:
    """The input layers' names: a tensor of Keras 3 that nobody named is called `keras_tensor_12`."""
    known = getattr(model, "input_names", None)
    if known and len(known) == len(tensors):
        return [str(name) for name in known]
    return [str(tensor._keras_history.operation.name) for tensor in tensors]


def _output_names(model: Any) -> tuple[str, ...]:
    """The output layers' names; none where the outputs are a mapping, whose keys say more."""
    outputs = getattr(model, "_outputs_struct", getattr(model, "_nested_outputs", None))
    if _has_mapping(outputs):
        return ()
    if isinstance(getattr(model, "output_names", None), list):
        return tuple(model.output_names)
    layers = getattr(model, "layers", None)
    return (layers[-1].name,) if layers else ()


def _has_mapping(structure: Any) -> bool:
    if isinstance(structure, list | tuple):
        return any(_has_mapping(each) for each in structure)
    return isinstance(structure, Mapping)


def _info(name: str, tensor: Any) -> TensorInfo:
    if getattr(tensor, "sparse", False):
        return values.info(name, tf.SparseTensorSpec(tensor.shape, tensor.dtype))
    if getattr(tensor, "ragged", False):
        return values.info(name, tf.RaggedTensorSpec(tensor.shape, tensor.dtype))
    spec = getattr(tensor, "type_spec", None)  # Keras 2
    return values.info(name, spec if spec is not None else tf.TensorSpec(tensor.shape, tensor.dtype))


class _Subclassed:
    """A model whose `call` is the caller's code: inputs go to its parameters."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._signature = parameters.data(model.call)
        self._inference = {"training": False} if parameters.takes(model.call, "training") else {}
        self._names: tuple[str, ...] = ()
        self._keywords: tuple[str, ...] | None = None
        self._together = False

    def computation(self, traced: Any) -> Computation:
        return Computation(self._call, self._model, None, self._guess(), self._arrange, traced=traced)

    def _guess(self) -> list[TensorInfo]:
        shape = (getattr(self._model, "_build_shapes_dict", None) or {}).get("input_shape")
        found = parameters.guess(self._signature)
        if len(found) == 1 and isinstance(shape, tuple | list) and shape and not isinstance(shape[0], tuple | list):
            return [TensorInfo(found[0].name, "float32", values.axes(found[0].name, list(shape)))]
        return found

    def _arrange(self, names: tuple[str, ...]) -> None:
        self._names = names
        required = parameters.guess(self._signature)
        # Keras passes several inputs as one list or dict, unless `call` has a parameter for each.
        self._together = len(required) == 1 and len(names) > 1 and required[0].name not in names
        self._keywords = None if self._together else parameters.keywords(self._signature, names)

    def _call(self, *tensors: Any) -> Any:
        if self._together:
            try:
                return self._model(list(tensors), **self._inference)
            except (TypeError, KeyError):  # `inputs["image"]` of a list
                return self._model(dict(zip(self._names, tensors, strict=True)), **self._inference)
        if self._keywords is None:
            return self._model(*tensors, **self._inference)
        return self._model(**dict(zip(self._keywords, tensors, strict=True)), **self._inference)
