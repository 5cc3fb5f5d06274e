"""Samples on, and one float step beside, thresholds of trees: through the real converter, compared by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnx_convert.environments import Environments
from onnx_convert.isolation import Fence, Limits

pytestmark = pytest.mark.integration

TREES = ["tree", "forest", "extra", "boosting", "histogram", "histogram_regressor", "xgboost", "lightgbm"]

Convert = Callable[..., Any]
Compare = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def exported(convert: Convert) -> Callable[[str], Any]:
    """The export of an ensemble, made once."""
    made: dict[str, Any] = {}

    def run(name: str) -> Any:
        if name not in made:
            made[name] = convert("sklearn", "trees.py:fitted", args={"name": name}, exporter="skl2onnx")
            assert made[name].failure is None, made[name].log
        return made[name]

    return run


@pytest.fixture(scope="module")
def compare(fence: Fence, environments: Environments) -> Compare:
    """Compare a model with the reference of an export, at thresholds too."""

    def run(export: Any, model: Path) -> dict[str, Any]:
        out = export.folder / "out"
        job = {
            "model": str(model),
            "cases": str(out / "cases"),
            "case_list": export.result["cases"],
            "inputs": export.result["inputs"],
            "outputs": export.result["outputs"],
            "boundary": {"folder": str(out / "boundary"), "batches": export.result["boundary"]},
            "provider": "cpu",
            "threads": 1,
            "parity": {"rtol": 1e-3, "atol": 1e-5},
        }
        outcome = fence.run(environments.get("onnx"), "onnx_convert.workers.artifact.parity", job, Limits(120))
        assert outcome.failure is None, outcome.log
        return {problem["code"]: problem["message"] for problem in outcome.result["problems"]}

    return run


@pytest.mark.parametrize("name", TREES)
def test_no_sample_at_a_threshold_goes_another_way(exported: Any, compare: Compare, name: str) -> None:
    export = exported(name)
    problems = compare(export, export.folder / "out" / "model.onnx")
    assert "OCA343" not in problems, problems
    count = sum(len(batch) for batch in export.result["boundary"])
    assert count == (63 if name == "tree" else 192)  # the one tree has 21 thresholds, the others more than 64
    assert problems["OCA277"].startswith(f"of {count} samples on and one float step beside {count // 3} thresholds")


@pytest.mark.parametrize("name", ["histogram", "histogram_regressor"])
def test_flips_of_the_bare_converter_are_counted_and_named(
    exported: Any, compare: Compare, fence: Fence, environments: Environments, repository: Path, name: str
) -> None:
    bare = fence.run(environments.get("sklearn"), str(repository / "trees.py"), {"name": name}, Limits(120))
    assert bare.failure is None, bare.log
    problems = compare(exported(name), bare.folder / "out" / "model.onnx")
    assert "OCA277" not in problems
    assert " go another way in ONNX: feature " in problems["OCA343"]
    assert "at the threshold" in problems["OCA343"]
    assert "instead of" in problems["OCA343"]


def test_the_samples_reach_the_node_that_they_are_about(exported: Any) -> None:
    """A decision tree gives different answers below and above its thresholds, so its samples see both."""
    export = exported("tree")
    labels = np.load(export.folder / "out" / "boundary" / "0000" / "out0.npy").reshape(-1, 3)
    points = export.result["boundary"][0]
    assert all(point["value"] <= point["threshold"] for point in points[0::3])
    assert all(point["value"] > point["threshold"] for point in points[2::3])
    assert (labels[:, 0] != labels[:, 2]).any()


def test_other_estimators_have_no_thresholds(convert: Convert) -> None:
    outcome = convert("sklearn", "own_estimator.py:linear", exporter="skl2onnx")
    assert outcome.failure is None, outcome.log
    assert outcome.result["boundary"] == []


def test_a_forest_keeps_the_side_it_has_learned_for_missing_values(
    convert: Convert, parity: Any, repository: Path
) -> None:
    samples = np.random.default_rng(0).normal(10, 5, (50, 30)).astype(np.float32)
    samples[::2, ::2] = np.nan
    np.save(repository / "gaps.npy", samples)
    inputs = {"features": {"shape": ["batch", 30], "data": str(repository / "gaps.npy")}}
    parity(convert("sklearn", "trees.py:gaps", inputs=inputs, dims={"batch": [50]}, exporter="skl2onnx"))


def test_splits_by_category_are_named_since_the_converter_leaves_them_out(convert: Convert) -> None:
    outcome = convert("sklearn", "trees.py:categories", exporter="skl2onnx")
    assert outcome.failure is None, outcome.log
    assert "OCA274" in [note.code for note in outcome.notes]
