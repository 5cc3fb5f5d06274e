"""What an estimator is freed of before it is converted: what changes nothing in its outputs, but stops a converter."""

from __future__ import annotations

from typing import Any

from onnx_convert.frameworks.sklearn import thresholds
from onnx_convert.frameworks.sklearn.parts import parts


def settle(estimator: Any, *, rounded: bool) -> None:
    """Change an estimator in place, after its reference outputs were made; `rounded` thresholds suit float32 inputs."""
    for part in parts(estimator):
        name = type(part).__name__
        if name == "VotingClassifier":
            part.flatten_transform = False  # only of `transform`, and skl2onnx refuses True
        if name == "NearestNeighbors":
            part.radius = None  # not of `kneighbors`, and skl2onnx refuses both
        if hasattr(part, "get_booster"):
            part.get_booster().feature_names = None  # onnxmltools takes no names of columns
    if rounded:
        thresholds.settle(estimator)


def first_step(estimator: Any) -> Any:
    """The estimator that sees the inputs: the first step of pipelines."""
    first = estimator
    while getattr(first, "steps", None):
        first = first.steps[0][1]
    return first


def reads_text(estimator: Any) -> bool:
    """Whether the first step takes a list of documents rather than a table."""
    first = first_step(estimator)
    if type(first).__name__ == "FeatureUnion":
        return any(reads_text(one) for _, one in first.transformer_list)
    return hasattr(first, "build_analyzer") or type(first).__name__ in {"LabelEncoder", "LabelBinarizer"}
