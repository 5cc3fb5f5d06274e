"""Failures that are known and rare, provoked for real; those of a framework's own are in its own module."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import parser

from onnx_convert.environments import Environments
from onnx_convert.isolation import Fence, Limits

pytestmark = pytest.mark.integration

Run = Callable[..., Any]
FEATURES = {"x": {"shape": ["batch", 4]}}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="onnx-convert-onnx-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_a_dtype_that_the_converter_does_not_take(convert: Run) -> None:
    half = {"x": {"shape": ["batch", 4], "dtype": "float16"}}
    outcome = convert(
        "sklearn", "known_failures.py:saved_by_an_older_version", inputs=half, exporter="skl2onnx", trust=True
    )
    assert outcome.failure.code == "OCA230"


def test_an_estimator_that_another_version_saved(convert: Run) -> None:
    outcome = convert(
        "sklearn", "known_failures.py:saved_by_an_older_version", inputs=FEATURES, exporter="skl2onnx", trust=True
    )
    assert outcome.failure is None, outcome.log
    assert [note.code for note in outcome.notes] == ["OCA227"]
    assert "1.2.2" in outcome.notes[0].message


def test_an_exporter_whose_package_is_gone(convert: Run) -> None:
    outcome = convert("pytorch", "known_failures.py:without_onnxscript", inputs=FEATURES, exporter="dynamo", opset=18)
    assert outcome.failure.code == "OCA305", outcome.failure
    assert "onnxscript" in outcome.failure.message
    assert "Traceback" in outcome.log


def test_an_opset_that_nobody_knows(convert: Run) -> None:
    outcome = convert("pytorch", "known_failures.py:linear", inputs=FEATURES, exporter="torchscript", opset=99)
    assert outcome.failure.code == "OCA309", outcome.failure
    assert "no opset 99" in outcome.failure.message


def test_a_model_that_the_simplifier_cannot_do(fence: Fence, environments: Environments, folder: Path) -> None:
    text = '<ir_version: 8, opset_import: ["": 17]> g (float[2] x) => (float[2] y) { y = Relu(nowhere) }'
    onnx.save(parser.parse_model(text), folder / "broken.onnx")
    job = {"model": str(folder / "broken.onnx"), "simplifier": "onnxsim", "cases": str(folder), "case_list": []}
    more = {"inputs": [], "outputs": [], "rtol": 0.0, "atol": 0.0}
    module = "onnx_convert.workers.artifact.simplify"
    outcome = fence.run(environments.get("onnx"), module, {**job, **more}, Limits(seconds=120))
    assert outcome.failure is not None
    assert outcome.failure.code == "OCA401", outcome.failure
