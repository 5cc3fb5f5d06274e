"""Existing ONNX files through the real worker: they are their own original."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

pytestmark = pytest.mark.integration

Run = Callable[..., Any]
FILTER = Path(__file__).parents[2] / "examples/quickstart/models/filter.onnx"


@pytest.fixture(scope="module")
def file(repository: Path) -> str:
    shutil.copy(FILTER, repository / "filter.onnx")
    (repository / "broken.onnx").write_bytes(FILTER.read_bytes()[:100])
    return "filter.onnx"


def test_the_graph_says_what_its_inputs_are_and_is_written_as_it_was(convert: Run, parity: Run, file: str) -> None:
    outcome = convert("onnx", file, exporter="copy", dims={"batch": [1, 2], "height": [8], "width": [8, 9]})
    parity(outcome)
    assert outcome.result["inputs"][0]["shape"] == ["batch", 1, "height", "width"]
    assert outcome.result["outputs"][0]["shape"] == ["batch", 1, "height", "width"]
    assert onnx.load(outcome.folder / "out/model.onnx") == onnx.load(FILTER)


@pytest.mark.parametrize(
    ("source", "job", "code"),
    [
        ("broken.onnx", {}, "OCA204"),
        ("filter.onnx", {"outputs": ["other"]}, "OCA306"),
        ("filter.onnx", {"inputs": {"image": {"shape": ["batch", 3, 8, 8]}}}, "OCA211"),
        ("filter.onnx", {"inputs": {"picture": {"range": [0, 1]}}}, "OCA211"),
    ],
)
def test_what_does_not_fit_the_file_has_a_code(
    convert: Run, file: str, source: str, job: dict[str, Any], code: str
) -> None:
    assert convert("onnx", source, exporter="copy", **job).failure.code == code


def test_the_native_measurement_is_of_the_original_file(convert: Run, file: str) -> None:
    outcome = convert("onnx", file, exporter="copy", kind="native", threads=1, seconds=0.2)
    assert outcome.failure is None, outcome.log
    assert outcome.result["median"] > 0
