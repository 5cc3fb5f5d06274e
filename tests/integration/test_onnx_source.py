"""Existing ONNX files through the real worker: they are their own original."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper, parser

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


NET = """net (float[batch, 3, 8, 8] x) => (float[batch, 4] y)
{
    h = Conv <kernel_shape = [3, 3]> (x, w)
    r = Relu(h)
    p = GlobalAveragePool(r)
    f = Flatten(p)
    y = Softmax <axis = 1> (f)
}"""


@pytest.fixture(scope="module")
def write(repository: Path) -> Callable[..., str]:
    """Write a small network with an opset, an IR version, and weights in the file, beside it or among the inputs."""

    def make(name: str, opset: int, ir: int = 8, *, inputs: bool = False, external: bool = False) -> str:
        model = parser.parse_model(f'<ir_version: {ir}, opset_import: ["": {opset}]> {NET}')
        weight = np.random.default_rng(0).normal(size=(4, 3, 3, 3)).astype(np.float32)
        model.graph.initializer.append(numpy_helper.from_array(weight, "w"))
        if inputs:
            model.graph.input.append(helper.make_tensor_value_info("w", onnx.TensorProto.FLOAT, weight.shape))
        beside = {"save_as_external_data": True, "location": f"{name}.data", "size_threshold": 0} if external else {}
        onnx.save(model, repository / name, **beside)
        if external:
            (repository / f"{name}.data").chmod(0o644)  # onnx makes it readable for its owner only
        return name

    return make


def opset_of(outcome: Any) -> int:
    model = onnx.load(outcome.folder / "out/model.onnx")
    return next(entry.version for entry in model.opset_import if not entry.domain)


@pytest.mark.parametrize("opset", [9, 11, 13, 17, 20, 22])
def test_a_file_keeps_its_own_opset(convert: Run, parity: Run, write: Callable[..., str], opset: int) -> None:
    outcome = convert("onnx", write(f"own{opset}.onnx", opset, 8 if opset < 20 else 10), exporter="copy", opset=None)
    parity(outcome)
    assert opset_of(outcome) == opset


@pytest.mark.parametrize(("own", "asked"), [(9, 17), (11, 17), (13, 18), (18, 17), (20, 17)])
def test_an_opset_that_is_asked_for_is_the_one_there_is(
    convert: Run, parity: Run, write: Callable[..., str], own: int, asked: int
) -> None:
    outcome = convert("onnx", write(f"to{own}.onnx", own, 8 if own < 20 else 10), exporter="copy", opset=asked)
    parity(outcome)
    assert opset_of(outcome) == asked


def test_weights_among_the_inputs_of_an_old_file_are_not_asked_for(
    convert: Run, parity: Run, write: Callable[..., str]
) -> None:
    """Before IR version 4 every weight had to be an input of the graph."""
    name = write("old.onnx", 9, 3, inputs=True)
    for opset in (None, 17):
        outcome = convert("onnx", name, exporter="copy", opset=opset)
        parity(outcome)
        assert [tensor["name"] for tensor in outcome.result["inputs"]] == ["x"]


def test_weights_beside_the_file_are_taken_along(convert: Run, parity: Run, write: Callable[..., str]) -> None:
    outcome = convert("onnx", write("beside.onnx", 17, external=True), exporter="copy", opset=None)
    parity(outcome)
    assert sorted(path.name for path in (outcome.folder / "out").glob("model.onnx*")) == ["model.onnx"]


def test_weights_that_are_not_beside_the_file_are_named(
    convert: Run, repository: Path, write: Callable[..., str]
) -> None:
    name = write("lost.onnx", 17, external=True)
    (repository / "lost.onnx.data").unlink()
    failure = convert("onnx", name, exporter="copy", opset=None).failure
    assert (failure.code, "`lost.onnx.data` is missing" in failure.message) == ("OCA355", True)


@pytest.mark.parametrize(("opset", "ir", "said"), [(999, 10, "opset 999"), (17, 99, "IR 99")])
def test_a_file_from_the_future_is_refused_with_what_can_be_read(
    convert: Run, write: Callable[..., str], opset: int, ir: int, said: str
) -> None:
    failure = convert("onnx", write(f"future{ir}.onnx", opset, ir), exporter="copy", opset=None).failure
    assert failure.code == "OCA360"
    assert said in failure.message
    assert "takes at most IR" in failure.message


def test_an_operator_that_the_asked_opset_does_not_have_is_the_reason(convert: Run, repository: Path) -> None:
    text = '<ir_version: 10, opset_import: ["": 20]> g (float[batch, 4] x) => (float[batch, 4] y) { y = Gelu(x) }'
    onnx.save(parser.parse_model(text), repository / "gelu.onnx")
    failure = convert("onnx", "gelu.onnx", exporter="copy", opset=17).failure
    assert failure.code == "OCA309"
    assert "leave `opset` out" in failure.hint
