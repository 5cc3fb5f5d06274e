"""PyTorch sources through the real worker: both exporters, all source forms, and what goes wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnx_convert.environments import Environments
from onnx_convert.isolation import Fence, Limits

pytestmark = pytest.mark.integration

Run = Callable[..., Any]
OPSETS = {"torchscript": 17, "dynamo": 18}
X = {"x": {"shape": ["batch", 4]}}
TABLES = {name: {"shape": ["batch", 4]} for name in "cab"}
MASKED = {"x": {"shape": ["batch", 4]}, "mask": {"shape": ["batch", 4], "dtype": "bool"}}
IMAGE = {"image": {"shape": ["batch", 3, "height", "width"]}}


@pytest.fixture(scope="module")
def saved(fence: Fence, environments: Environments, repository: Path) -> Path:
    """The repository with TorchScript, exported program and checkpoints in it."""
    outcome = fence.run(
        environments.get("pytorch"), str(repository / "save_networks.py"), {"repository": str(repository)}, Limits(120)
    )
    assert outcome.failure is None, outcome.log
    for file in (outcome.folder / "out").iterdir():
        if file.is_file():
            shutil.copy(file, repository / file.name)
    return repository


def codes(outcome: Any) -> list[str]:
    return [note.code for note in outcome.notes]


@pytest.mark.parametrize("exporter", OPSETS)
@pytest.mark.parametrize(
    ("network", "inputs", "outputs"),
    [
        ("Nested", X, ["last_0", "last_2", "first_half_0"]),
        ("Dataclass", X, ["one", "two"]),
        ("KeywordOnly", TABLES, ["output"]),
        ("Masked", MASKED, ["output_0", "output_1"]),
        ("InPlace", X, ["output"]),
        ("OwnGradient", X, ["output"]),
        ("Encoder", {"x": {"shape": ["batch", 5, 8]}}, ["output"]),
    ],
)
def test_what_is_exported_computes_what_the_module_computes(
    convert: Run, parity: Run, exporter: str, network: str, inputs: dict[str, Any], outputs: list[str]
) -> None:
    outcome = convert(
        "pytorch",
        f"networks.py:{network}",
        inputs=inputs,
        exporter=exporter,
        opset=OPSETS[exporter],
        dims={"batch": [1, 3]},
    )
    session = parity(outcome)
    assert [output.name for output in session.get_outputs()] == outputs
    model = onnx.load(outcome.folder / "out" / "model.onnx")
    assert {entry.version for entry in model.opset_import if not entry.domain} == {OPSETS[exporter]}


@pytest.mark.parametrize("exporter", OPSETS)
def test_a_dimension_tried_at_size_one_only_stays_dynamic(convert: Run, parity: Run, exporter: str) -> None:
    outcome = convert(
        "pytorch", "networks.py:Linear", inputs=X, exporter=exporter, opset=OPSETS[exporter], dims={"batch": [1]}
    )
    session = parity(outcome)
    assert outcome.result["trace"] == {"batch": 2}
    assert session.get_outputs()[0].shape == ["batch", 3]
    assert session.run(None, {"x": np.zeros((7, 4), np.float32)})[0].shape == (7, 3)


def test_an_output_axis_that_only_follows_a_dimension_gets_a_name_of_its_own(convert: Run) -> None:
    outcome = convert(
        "pytorch",
        "networks.py:Downsampled",
        inputs=IMAGE,
        exporter="torchscript",
        dims={"batch": [1, 2], "height": [8, 12], "width": [8, 16]},
        samples=1,
    )
    assert outcome.result["outputs"][0]["shape"] == ["batch", 2, "output_dim2", "output_dim3"]


def test_parameters_keep_the_names_that_the_module_gives_them(convert: Run) -> None:
    outcome = convert("pytorch", "networks.py:Nested", inputs=X, exporter="torchscript")
    model = onnx.load(outcome.folder / "out" / "model.onnx")
    assert {"fc.weight", "fc.bias"} <= {tensor.name for tensor in model.graph.initializer}


def test_a_torchscript_file_is_exported(convert: Run, parity: Run, saved: Path) -> None:
    parity(convert("pytorch", "linear.torchscript.pt", inputs=X, exporter="torchscript"))


def test_a_torchscript_file_is_refused_by_dynamo_with_the_remedy(convert: Run, saved: Path) -> None:
    outcome = convert("pytorch", "linear.torchscript.pt", inputs=X, exporter="dynamo", opset=18)
    assert outcome.failure.code == "OCA306"
    assert "torchscript" in outcome.failure.hint


def test_an_exported_program_brings_its_own_inputs_and_bounds(convert: Run, parity: Run, saved: Path) -> None:
    outcome = convert("pytorch", "nested.pt2", exporter="dynamo", opset=18)
    session = parity(outcome)
    assert outcome.result["dims"] == {"x_dim0": [2, 4]}
    assert session.get_inputs()[0].shape == ["x_dim0", 4]


def test_weights_are_loaded_into_the_module(convert: Run, saved: Path) -> None:
    runs = {
        name: convert("pytorch", "networks.py:Linear", inputs=X, exporter="torchscript", weights=weights)
        for name, weights in {
            "none": None,
            "safetensors": str(saved / "good.safetensors"),
            "parallel": str(saved / "parallel.pt"),
        }.items()
    }
    results = {name: np.load(run.folder / "out/cases/0000/out0.npy") for name, run in runs.items()}
    assert not np.allclose(results["none"], results["safetensors"])
    np.testing.assert_array_equal(results["safetensors"], results["parallel"])
    assert codes(runs["parallel"]) == ["OCA208"]


def test_weights_that_do_not_fit_name_every_kind_of_difference(convert: Run, saved: Path) -> None:
    weights = str(saved / "bad.safetensors")
    failure = convert("pytorch", "networks.py:Linear", inputs=X, exporter="torchscript", weights=weights).failure
    assert failure.code == "OCA207"
    for part in ("1 missing: fc.bias", "1 unexpected: extra", "fc.weight [3, 2] for [3, 4]"):
        assert part in failure.message


def test_a_pickled_module_needs_trust(convert: Run, saved: Path) -> None:
    assert convert("pytorch", "module.pt", inputs=X, exporter="torchscript").failure.code == "OCA205"


@pytest.mark.parametrize(
    ("network", "exporter", "code", "words"),
    [
        ("Branches", "dynamo", "OCA302", ["networks.py:"]),
        ("FixedBatch", "dynamo", "OCA303", ["`batch`", "static shape of 4"]),
        ("Unsupported", "torchscript", "OCA301", ["special_bessel_j0", "special_bessel_y1"]),
        ("Unsupported", "dynamo", "OCA301", ["bessel_j0", "special_bessel_y1"]),
        ("Pooled", "torchscript", "OCA344", ["adaptive_avg_pool1d"]),
        ("Spectrum", "torchscript", "OCA345", []),
        ("Conditional", "torchscript", "OCA347", ["torch.cond"]),
        ("quantised", "torchscript", "OCA278", ["`fc` (Linear)"]),
        ("Half", "torchscript", "OCA281", ["`x` float32[2, 4]", "networks.py:"]),
        ("Named", "torchscript", "OCA217", ["`kind`", "str"]),
        ("nothing", "torchscript", "OCA203", ["None"]),
        ("Linear2", "torchscript", "OCA201", ["Linear2"]),
        ("leaves", "torchscript", "OCA200", ["SystemExit", "networks.py:"]),
        ("needs_a_package", "torchscript", "OCA229", ["a_package_that_nobody_has"]),
    ],
)
def test_a_known_failure_has_a_code_and_names_what_it_is_about(
    convert: Run, network: str, exporter: str, code: str, words: list[str]
) -> None:
    outcome = convert(
        "pytorch", f"networks.py:{network}", inputs=X, exporter=exporter, opset=OPSETS[exporter], dims={"batch": [2, 4]}
    )
    assert outcome.failure.code == code
    assert [word for word in words if word not in outcome.failure.message] == []


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("Noisy", ["OCA220"]),
        ("Counts", ["OCA220"]),
        ("DropsOut", ["OCA221", "OCA220"]),
        ("Branches", ["OCA304"]),
        ("Infinite", ["OCA224"]),
        ("BFloat", ["OCA223"]),
        ("Linear", []),
    ],
)
def test_a_trait_that_endangers_the_result_is_noted(convert: Run, network: str, expected: list[str]) -> None:
    outcome = convert("pytorch", f"networks.py:{network}", inputs=X, exporter="torchscript")
    assert codes(outcome) == expected
    assert (outcome.result["noise"] > 0) == ("OCA220" in expected)


def test_batch_statistics_in_inference_are_noted(convert: Run) -> None:
    outcome = convert("pytorch", "networks.py:BatchNormed", inputs=X, exporter="torchscript", dims={"batch": [2, 4]})
    assert codes(outcome) == ["OCA222"]


@pytest.mark.parametrize(
    ("network", "why"),
    [("Noisy", "random numbers with `aten.rand`"), ("DropsOut", "`aten."), ("Counts", "each run changes `calls`")],
)
def test_why_two_runs_differ_is_said(convert: Run, network: str, why: str) -> None:
    outcome = convert("pytorch", f"networks.py:{network}", inputs=X, exporter="torchscript")
    assert [why in note.message for note in outcome.notes if note.code == "OCA220"] == [True]


def test_an_operator_that_a_higher_opset_has_is_said_with_it(convert: Run) -> None:
    failure = convert("pytorch", "networks.py:GridSample", inputs=X, exporter="torchscript", opset=13).failure
    assert (failure.code, failure.hint) == ("OCA301", "ask for opset 16, which has all of them")
    assert "`aten::grid_sampler` (from opset 16 on)" in failure.message


def test_a_shape_that_the_model_refuses_is_named_with_its_line(convert: Run) -> None:
    inputs = {"x": {"shape": ["batch", 5]}}
    failure = convert("pytorch", "networks.py:Linear", inputs=inputs, exporter="torchscript").failure
    assert failure.code == "OCA280"
    assert "`x` float32[1, 5]" in failure.message
    assert "(1x5 and 4x3)" in failure.message


def test_a_function_with_its_own_gradient_needs_a_symbolic_where_it_is_not_inlined(convert: Run) -> None:
    options = {"autograd_inlining": False}
    outcome = convert("pytorch", "networks.py:OwnGradient", inputs=X, exporter="torchscript", export_options=options)
    assert (outcome.failure.code, "`Clipped`" in outcome.failure.message) == ("OCA348", True)


@pytest.mark.parametrize("opset", [17, 28])
def test_dynamo_writes_opsets_that_it_does_not_reach_itself(convert: Run, parity: Run, opset: int) -> None:
    outcome = convert(
        "pytorch", "networks.py:Chunked", inputs=X, exporter="dynamo", opset=opset, dims={"batch": [1, 3]}
    )
    parity(outcome)
    model = onnx.load(outcome.folder / "out" / "model.onnx")
    assert {entry.version for entry in model.opset_import if not entry.domain} == {opset}


def test_a_torchscript_file_is_brought_past_what_its_exporter_writes(convert: Run, parity: Run, saved: Path) -> None:
    outcome = convert("pytorch", "linear.torchscript.pt", inputs=X, exporter="torchscript", opset=28)
    parity(outcome)
    model = onnx.load(outcome.folder / "out" / "model.onnx")
    assert {entry.version for entry in model.opset_import if not entry.domain} == {28}


def test_what_pytorch_deprecates_in_itself_is_not_in_the_log(convert: Run) -> None:
    assert "DeprecationWarning" not in convert("pytorch", "networks.py:Linear", inputs=X, exporter="torchscript").log


def test_random_integers_that_are_no_indices_lead_to_range(convert: Run, parity: Run) -> None:
    ids = {"shape": ["batch", "length"], "dtype": "int64"}
    assert (
        convert("pytorch", "networks.py:Embeds", inputs={"ids": ids}, exporter="torchscript").failure.code == "OCA215"
    )
    parity(convert("pytorch", "networks.py:Embeds", inputs={"ids": {**ids, "range": [0, 2]}}, exporter="torchscript"))


def test_a_module_without_inputs_gets_lines_to_paste(convert: Run) -> None:
    failure = convert("pytorch", "networks.py:Downsampled", exporter="torchscript").failure
    assert failure.code == "OCA210"
    assert 'inputs.image = { shape = ["batch", 3, "height", "width"], dtype = "float32" }' in failure.hint


def test_the_native_measurement_is_of_the_first_sizes(convert: Run) -> None:
    outcome = convert(
        "pytorch", "networks.py:Linear", inputs=X, kind="native", threads=1, seconds=0.2, dims={"batch": [2, 4]}
    )
    assert outcome.failure is None
    assert outcome.result["dims"] == {"batch": 2}
    assert outcome.result["threads"] == 1
    assert outcome.result["median"] > 0
    assert outcome.result["iterations"] >= 10
