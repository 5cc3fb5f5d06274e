"""Thresholds of trees, so rounded that a float32 value takes the same branch in scikit-learn and in ONNX.

scikit-learn and LightGBM compare a float32 feature with a float64 threshold, ONNX with a float32 one. Rounded to the
nearest float32 a threshold may come to lie above a feature value that it was below, or on it, and a sample on the
threshold changes sides. Rounded down, `x <= t` is the same for every float32 x.
https://github.com/onnx/sklearn-onnx/issues/1192 (what skl2onnx does for other trees, it does not do for
HistGradientBoosting)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from onnx_convert.frameworks.sklearn.parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from onnx_convert.workers.original.source import Array

_LIGHTGBM_THRESHOLDS = re.compile(r"^threshold=(.*)$", re.MULTILINE)
_LIGHTGBM_SIZES = re.compile(r"^tree_sizes=.*\n", re.MULTILINE)


def round_down(values: Array) -> Array:
    """The greatest float32 that is not above each value, as float64."""
    wide = np.asarray(values, dtype=np.float64)
    with np.errstate(over="ignore"):
        near = wide.astype(np.float32)
    return np.where(near > wide, np.nextafter(near, np.float32(-np.inf)), near).astype(np.float64)


def settle(estimator: Any) -> None:
    """Round every threshold within an estimator down, in place: for float32 features it stays the same function."""
    for part in parts(estimator):
        tree: Any = getattr(part, "tree_", None)
        if hasattr(tree, "threshold"):
            tree.threshold[:] = round_down(tree.threshold)
        for predictor in histogram_trees(part):
            nodes = predictor.nodes.copy()
            nodes["num_threshold"] = round_down(nodes["num_threshold"])
            predictor.nodes = nodes
        if hasattr(part, "_Booster") and hasattr(part._Booster, "model_to_string"):
            part._Booster = _rounded_lightgbm(part._Booster)


def histogram_trees(estimator: Any) -> Iterable[Any]:
    """The trees of a HistGradientBoosting estimator; none of another."""
    return [tree for stage in getattr(estimator, "_predictors", ()) for tree in stage]


def _rounded_lightgbm(booster: Any) -> Any:
    # Thresholds of categorical splits are small integers: they stay as they are.
    import lightgbm  # noqa: PLC0415 - has been imported by the source

    def rounded(found: re.Match[str]) -> str:
        values = np.array([float(text) for text in found[1].split()])
        return "threshold=" + " ".join(repr(float(value)) for value in round_down(values))

    # Without the sizes in bytes, which would no longer be true, trees are read one after the other.
    text = _LIGHTGBM_SIZES.sub("", booster.model_to_string(num_iteration=-1))
    made = lightgbm.Booster(model_str=_LIGHTGBM_THRESHOLDS.sub(rounded, text))
    made.best_iteration = booster.best_iteration
    return made
