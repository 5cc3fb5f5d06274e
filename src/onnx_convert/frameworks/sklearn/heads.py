"""What an estimator computes, as skl2onnx lays it out: a head is one output of the ONNX graph.

Names and shapes follow skl2onnx (`label` and `probabilities` of a classifier, `variable` [batch, 1] of a regressor),
but for one: what a classifier without `predict_proba` gives is not probabilities, and is called `scores` here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import is_classifier, is_clusterer, is_outlier_detector
from sklearn.feature_selection import SelectorMixin
from sklearn.pipeline import Pipeline

from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from onnx_convert.workers.original.source import Array


@dataclass(frozen=True)
class Head:
    """One output: its name and the method, as arrays of the shape that the ONNX graph gives.

    Where a method gives several arrays, `target` is the number of this one, with its `classes`.
    """

    name: str
    method: str
    shaped: Callable[[Any], Array]
    target: int | None = None
    classes: int = 0

    def of(self, values: Any) -> Array:
        """The output from what the method gave."""
        return self.shaped(values if self.target is None else values[self.target])


def evaluate(heads: Sequence[Head], estimator: Any, inputs: Any) -> dict[str, Array]:
    """All outputs of an estimator for inputs in scikit-learn's form; each method is called once."""
    given = {method: getattr(estimator, method)(inputs) for method in methods(heads)}
    return {head.name: head.of(given[head.method]) for head in heads}


def methods(heads: Sequence[Head]) -> tuple[str, ...]:
    """The methods that give the outputs."""
    return tuple(dict.fromkeys(head.method for head in heads))


def final_step(estimator: Any) -> Any:
    """The estimator that decides: the last step of pipelines, the best one of a search."""
    if isinstance(estimator, Pipeline):
        return final_step(estimator.steps[-1][1])
    if hasattr(estimator, "best_estimator_"):
        return final_step(estimator.best_estimator_)
    return estimator


def heads(estimator: Any) -> tuple[Head, ...]:  # noqa: PLR0911 - one return for each kind of estimator
    """The outputs of an estimator in the order of its ONNX graph."""
    final = final_step(estimator)
    if isinstance(final, SelectorMixin):  # those that choose by a classifier say that they are one
        return (Head("variable", "transform", _column),)
    if is_classifier(estimator) and hasattr(estimator, "predict_proba"):
        return Head("label", "predict", _plain), *_probabilities(final)
    if is_classifier(estimator) and hasattr(estimator, "decision_function"):
        return Head("label", "predict", _plain), Head("scores", "decision_function", _two_sided)
    if is_outlier_detector(final):
        return Head("label", "predict", _column), Head("scores", "decision_function", _column)
    if is_clusterer(final) and hasattr(estimator, "transform"):
        return Head("label", "predict", _plain), Head("scores", "transform", _plain)
    if getattr(type(final), "__name__", "") in {"GaussianMixture", "BayesianGaussianMixture"}:
        return Head("label", "predict", _column), Head("probabilities", "predict_proba", _plain)
    if hasattr(estimator, "predict"):
        return (Head("label" if is_classifier(estimator) else "variable", "predict", _column),)
    if hasattr(estimator, "transform"):
        return (Head("variable", "transform", _SHAPES.get(type(final).__name__, _column)),)
    if hasattr(estimator, "kneighbors"):
        return Head("index", "kneighbors", _plain, target=1), Head("distance", "kneighbors", _plain, target=0)
    raise WorkerError("OCA203", f"the {type(final).__name__} can neither predict nor transform new inputs")


def _probabilities(final: Any) -> tuple[Head, ...]:
    """One output, or one for each target of a classifier of several."""
    classes = getattr(final, "classes_", None)
    if not isinstance(classes, list) or not all(isinstance(one, np.ndarray) for one in classes):
        return (Head("probabilities", "predict_proba", _plain),)
    return tuple(
        Head(f"probabilities_{number}", "predict_proba", _plain, number, len(one)) for number, one in enumerate(classes)
    )


def has_scores(estimator: Any) -> bool:
    """Whether it is a classifier whose scores are not probabilities."""
    return is_classifier(estimator) and any(head.method == "decision_function" for head in heads(estimator))


def _plain(values: Any) -> Array:
    if hasattr(values, "toarray"):
        values = values.toarray()
    result: Array = np.asarray(values)
    return result


def _column(values: Any) -> Array:
    """One value a row is a column in ONNX."""
    array = _plain(values)
    return array.reshape(-1, 1) if array.ndim == 1 else array


def _two_sided(values: Any) -> Array:
    """The one score of a binary classifier is a column for each class: -s and s."""
    array = _plain(values)
    return np.stack([-array, array], axis=1) if array.ndim == 1 else array


def _floats(values: Any) -> Array:
    """Counts, which ONNX gives as floats."""
    return _plain(values).astype(np.float32)


_SHAPES = {"LabelEncoder": _plain, "CountVectorizer": _floats}
"""Transformers that give one axis, or numbers of another kind, in ONNX."""
