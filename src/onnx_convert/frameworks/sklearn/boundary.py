"""Samples on, and one float32 step beside, the thresholds of an estimator's trees.

Each sample is led down to the node that it is about: a real sample, whose other features are moved as little as the
way from the root demands.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from onnx_convert.frameworks.sklearn.thresholds import histogram_trees, round_down

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from onnx_convert.workers.original.source import Array


@dataclass(frozen=True)
class Split:
    """A node: the feature, its threshold, and the open-closed ranges (low, high] of features that lead to it."""

    feature: int
    threshold: float
    ranges: dict[int, tuple[float, float]]


@dataclass(frozen=True)
class _Tree:
    """Arrays of one tree by node: feature (-1 for a leaf), threshold, and the children for `x <= threshold` or not."""

    feature: Array | Sequence[int]
    threshold: Array | Sequence[float]
    left: Array | Sequence[int]
    right: Array | Sequence[int]


def splits(estimator: Any, limit: int) -> list[Split]:
    """At most `limit` splits of an estimator whose trees see the features as they are given, spread over its trees."""
    found = [split for tree in _trees(estimator) for split in _walk(tree)]
    distinct = list({(split.feature, split.threshold): split for split in found}.values())
    if len(distinct) <= limit:
        return distinct
    return [distinct[position] for position in np.linspace(0, len(distinct) - 1, limit).astype(int)]


def rows(split: Split, sample: Array) -> Array:
    """Three float32 rows for a split: the feature on the threshold, one step below and one above."""
    row = sample.astype(np.float32).copy()
    for feature, (low, high) in split.ranges.items():
        if not low < row[feature] <= high:
            row[feature] = _between(low, high)
    near = np.float32(split.threshold)
    table = np.tile(row, (3, 1))
    table[:, split.feature] = (np.nextafter(near, np.float32(-np.inf)), near, np.nextafter(near, np.float32(np.inf)))
    return table


def _between(low: float, high: float) -> np.float32:
    if np.isfinite(high):
        return np.float32(round_down(np.array(high)))
    above: np.float32 = np.nextafter(np.float32(low), np.float32(np.inf))
    return above


def _walk(tree: _Tree) -> Iterator[Split]:
    waiting: list[tuple[int, dict[int, tuple[float, float]]]] = [(0, {})]
    while waiting:
        node, ranges = waiting.pop()
        feature, threshold = int(tree.feature[node]), float(tree.threshold[node])
        if feature < 0 or not np.isfinite(threshold):
            continue
        yield Split(feature, threshold, ranges)
        low, high = ranges.get(feature, (-np.inf, np.inf))
        waiting.append((int(tree.left[node]), {**ranges, feature: (low, min(high, threshold))}))
        waiting.append((int(tree.right[node]), {**ranges, feature: (max(low, threshold), high)}))


def _trees(estimator: Any) -> Iterator[_Tree]:
    if type(estimator).__module__.startswith(("sklearn.ensemble._forest", "sklearn.ensemble._gb", "sklearn.tree")):
        for member in np.ravel(getattr(estimator, "estimators_", [estimator])):
            tree = member.tree_
            features = np.where(tree.children_left < 0, -1, tree.feature)
            yield _Tree(features, tree.threshold, tree.children_left, tree.children_right)
    elif getattr(estimator, "_preprocessor", None) is None:
        for predictor in histogram_trees(estimator):
            nodes = predictor.nodes
            ends = nodes["is_leaf"].astype(bool) | nodes["is_categorical"].astype(bool)
            features = np.where(ends, -1, nodes["feature_idx"])
            yield _Tree(features, nodes["num_threshold"], nodes["left"], nodes["right"])
    if hasattr(estimator, "get_booster"):
        yield from _xgboost(estimator.get_booster())
    elif hasattr(estimator, "booster_"):
        for root in estimator.booster_.dump_model()["tree_info"]:
            yield _lightgbm(root["tree_structure"])


def _xgboost(booster: Any) -> Iterator[_Tree]:
    model = json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"].get("model", {})
    for tree in model.get("trees", []):
        left = np.array(tree["left_children"])
        ends = (left < 0) | (np.array(tree["split_type"]) != 0)
        features = np.where(ends, -1, tree["split_indices"])
        yield _Tree(features, tree["split_conditions"], left, tree["right_children"])


def _lightgbm(root: Any) -> _Tree:
    nodes = [root]
    children: list[tuple[int, int]] = []
    for node in nodes:  # grows while it is read
        if "split_feature" in node:
            children.append((len(nodes), len(nodes) + 1))
            nodes += [node["left_child"], node["right_child"]]
        else:
            children.append((-1, -1))
    numeric = [node.get("decision_type") == "<=" for node in nodes]
    return _Tree(
        [int(node["split_feature"]) if is_split else -1 for node, is_split in zip(nodes, numeric, strict=True)],
        [float(node["threshold"]) if is_split else 0.0 for node, is_split in zip(nodes, numeric, strict=True)],
        [left for left, _ in children],
        [right for _, right in children],
    )
