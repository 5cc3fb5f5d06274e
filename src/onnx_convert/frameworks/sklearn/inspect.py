"""What can be told of an estimator before it is converted: inputs that no tensor holds, and what will go wrong."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import is_outlier_detector

from onnx_convert.frameworks.sklearn.heads import final_step
from onnx_convert.frameworks.sklearn.parts import parts
from onnx_convert.frameworks.sklearn.prepare import first_step
from onnx_convert.frameworks.sklearn.thresholds import histogram_trees
from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from onnx_convert.workers.original.source import Array, TensorInfo

_ON_TEXT = ("could not convert string to float", "non-numeric data", "Unable to convert array of bytes/strings")


def refuse_dictionaries(estimator: Any) -> None:
    """Raise WorkerError OCA271 for an estimator that takes Python objects."""
    name = type(first_step(estimator)).__name__
    if name in {"DictVectorizer", "FeatureHasher"}:
        raise WorkerError("OCA271", f"{name} takes dictionaries or lists of any length, which no tensor holds")


def refuse_mixed_columns(estimator: Any, inputs: Sequence[TensorInfo]) -> None:
    """Raise WorkerError OCA272 for one input of numbers where the estimator has learned words in some columns."""
    if len(inputs) > 1 or inputs[0].dtype == "string":
        return
    for part in parts(estimator):
        words = [kinds for kinds in getattr(part, "categories_", ()) if any(isinstance(one, str) for one in kinds)]
        if words:
            known = ", ".join(repr(str(word)) for word in words[0][:3])
            message = f"the {type(part).__name__} has learned text ({known}), the one input is {inputs[0].dtype}"
            raise WorkerError("OCA272", message)


@contextmanager
def explained(inputs: Sequence[TensorInfo]) -> Iterator[None]:
    """Name what estimators say of inputs that they cannot take: OCA273 for categories, OCA272 for text as numbers."""
    try:
        yield
    except (ValueError, TypeError) as error:
        text = str(error)
        if "Found unknown categor" in text:
            raise WorkerError("OCA273", f"an encoder does not know a value of the inputs: {shorten(text)}") from error
        if any(tensor.dtype == "string" for tensor in inputs) and any(sign in text for sign in _ON_TEXT):
            raise WorkerError("OCA272", f"a step for numbers got text: {shorten(text)}") from error
        raise


def left_out(estimator: Any) -> Iterator[str]:
    """What the converters write without an error and without all that is in it."""
    for part in parts(estimator):
        if any(tree.nodes["is_categorical"].any() for tree in histogram_trees(part)):
            yield f"the {type(part).__name__} splits by categories, which skl2onnx writes as comparisons with a number"
        if getattr(part, "boosting_type", None) == "rf":
            yield f"the {type(part).__name__} is a forest (boosting_type='rf'), whose mean onnxmltools does not write"


def undecided(estimator: Any, found: Mapping[str, Array]) -> int:
    """How many samples lie so close to the boundary of an outlier detector that float32 cannot tell the side."""
    if not is_outlier_detector(final_step(estimator)) or "scores" not in found:
        return 0
    scores = np.abs(found["scores"])
    return int((scores < np.finfo(np.float32).eps * max(1.0, float(scores.max(initial=0.0)))).sum())
