"""MXNet sources through the real worker."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import onnx
import pytest
from uv import find_uv_bin

from onnx_convert.environments import Environments
from onnx_convert.isolation import Fence, Limits
from tests.integration.in_front import in_front

pytestmark = pytest.mark.integration

Run = Callable[..., Any]

SUPPORT = Path(__file__).parents[1] / "support" / "models" / "mxnet"

IMAGE = {"data": {"shape": ["batch", 3, 64, 64]}}
DIGIT = {"data": {"shape": ["batch", 1, 28, 28]}}
STEPS = {"x": {"shape": ["batch", "time", 16]}}


@pytest.fixture(scope="module")
def models(fence: Fence, environments: Environments, repository: Path) -> Path:
    """The repository with saved networks in it."""
    shutil.copytree(SUPPORT, repository / "mxnet")
    outcome = fence.run(
        environments.get("mxnet"), str(repository / "save_mxnet.py"), {"repository": str(repository)}, Limits(120)
    )
    assert outcome.failure is None, outcome.log
    for file in (outcome.folder / "out").iterdir():
        if file.is_file():
            shutil.copy(file, repository / file.name)
    return repository


@pytest.fixture(scope="module")
def convert_mxnet(convert: Run, models: Path) -> Run:
    def run(source: str, inputs: dict[str, Any] | None = None, **job: Any) -> Any:
        defaults = {"exporter": "mx2onnx", "inputs": inputs or {}, "samples": 1}
        if "weights" in job:
            job["weights"] = str(models / job["weights"])
        return convert("mxnet", source, **{**defaults, **job})

    return run


def opset_of(outcome: Any) -> int:
    model = onnx.load(outcome.folder / "out" / "model.onnx")
    return next(int(entry.version) for entry in model.opset_import if not entry.domain)


@pytest.mark.parametrize(
    ("source", "inputs", "opset"),
    [
        ("mobilenet-symbol.json", IMAGE, 11),
        ("mobilenet-symbol.json", IMAGE, 17),
        ("mobilenet-symbol.json", IMAGE, 28),
        ("mxnet/networks.py:attention", {"x": {"shape": ["n", "t", 32]}}, 12),
        ("mxnet/networks.py:attention", {"x": {"shape": ["n", "t", 32]}}, 22),
    ],
)
def test_a_network_is_the_same_in_onnx_at_exactly_the_asked_opset(
    convert_mxnet: Run, parity: Run, source: str, inputs: dict[str, Any], opset: int
) -> None:
    outcome = convert_mxnet(source, inputs, opset=opset)
    parity(outcome)
    assert opset_of(outcome) == opset


@pytest.mark.parametrize(
    ("source", "inputs", "job"),
    [
        ("lenet-symbol.json", DIGIT, {}),
        ("several-symbol.json", DIGIT, {"weights": "several-0002.params"}),
        ("mxnet/networks.py:trained_lenet", DIGIT, {}),
        ("mxnet/networks.py:lenet", DIGIT, {"weights": "lenet-0003.params"}),
        ("mxnet/networks.py:mlp", {"x": {"shape": ["batch", 20]}}, {}),
        ("mxnet/networks.py:regression", {"data": {"shape": ["batch", 6]}}, {}),
        ("mxnet/networks.py:segmentation", {"data": {"shape": ["batch", 3, "height", "width"]}}, {}),
        ("mxnet/networks.py:decoder", {"z": {"shape": ["batch", 8, "height", "width"]}}, {"dims": {"height": [4, 6]}}),
        ("mxnet/networks.py:words", {"tokens": {"shape": ["n", "t"], "dtype": "int32", "range": [0, 99]}}, {}),
        ("mxnet/networks.py:recurrent", STEPS, {"args": {"cell": "lstm", "layers": 2, "bidirectional": True}}),
        ("mxnet/networks.py:recurrent", STEPS, {"args": {"cell": "gru", "layers": 3}}),
        ("mxnet/networks.py:recurrent", STEPS, {"args": {"cell": "rnn"}}),
        ("mxnet_wrong.py:dense", {"x": {"shape": ["batch", 4]}}, {}),
        ("mxnet_wrong.py:declares", {}, {}),
    ],
)
def test_every_form_is_the_same_in_onnx(
    convert_mxnet: Run, parity: Run, source: str, inputs: dict[str, Any], job: dict[str, Any]
) -> None:
    parity(convert_mxnet(source, inputs, **job))


def test_several_inputs_and_outputs_keep_their_order_and_get_the_names_of_the_spec(
    convert_mxnet: Run, parity: Run
) -> None:
    inputs = {"picture": {"shape": ["batch", 3, 32, "width"]}, "table": {"shape": ["batch", 5]}}
    outputs = ["classes", "score", "features"]
    session = parity(convert_mxnet("mxnet/networks.py:two_towers", inputs, outputs=outputs))
    assert [(value.name, value.shape) for value in session.get_inputs()] == [
        ("picture", ["batch", 3, 32, "width"]),
        ("table", ["batch", 5]),
    ]
    assert [(value.name, value.shape[1]) for value in session.get_outputs()] == [
        ("classes", 6),
        ("score", 1),
        ("features", 16),
    ]


def test_weights_are_constants_and_nothing_is_left_over(convert_mxnet: Run) -> None:
    outcome = convert_mxnet("mxnet/networks.py:recurrent", STEPS, args={"cell": "lstm"})
    graph = onnx.load(outcome.folder / "out" / "model.onnx").graph
    assert [value.name for value in graph.input] == ["x"]
    read = {name for node in graph.node for name in node.input}
    assert {tensor.name for tensor in graph.initializer} <= read
    assert not {"Split", "Concat"}.intersection(node.op_type for node in graph.node if "param" in node.output[0])


@pytest.mark.parametrize("source", ["lenet-symbol.json", "resnet-symbol.json"])
def test_batch_norm_computes_with_the_gamma_that_mxnet_computes_with(
    convert_mxnet: Run, parity: Run, source: str
) -> None:
    outcome = convert_mxnet(source, DIGIT if "lenet" in source else IMAGE)
    parity(outcome)
    assert "OCA336" in [note.code for note in outcome.notes]


def test_a_label_is_no_input(convert_mxnet: Run, parity: Run) -> None:
    outcome = convert_mxnet("lenet-symbol.json", DIGIT)
    assert [value.name for value in parity(outcome).get_inputs()] == ["data"]
    assert "softmax_label" in next(note.message for note in outcome.notes if note.code == "OCA267")


def test_without_inputs_in_the_spec_the_message_has_lines_to_paste(convert_mxnet: Run) -> None:
    failure = convert_mxnet("lenet-symbol.json").failure
    assert failure.code == "OCA210"
    assert 'inputs.data = { shape = ["batch", 1, "height", "width"], dtype = "float32" }' in failure.hint


@pytest.mark.parametrize(
    ("source", "job", "code", "said"),
    [
        ("broken-symbol.json", {}, "OCA204", "broken-symbol.json"),
        ("damaged-symbol.json", {}, "OCA206", "Invalid NDArray file format"),
        ("alone-symbol.json", {}, "OCA264", "alone-NNNN.params"),
        ("several-symbol.json", {}, "OCA264", "several-0001.params, several-0002.params"),
        ("partial-symbol.json", {}, "OCA265", "5 missing: `norm0_moving_mean`, `norm0_moving_var`, `conv1_weight`"),
        ("extra-symbol.json", {}, "OCA265", "1 unexpected: `head_weight`"),
        ("narrow-symbol.json", {}, "OCA268", "`fc2`"),
        ("mxnet_wrong.py:dense", {"weights": "lenet-0003.params"}, "OCA265", "'weight' is missing"),
        ("mxnet2-symbol.json", {}, "OCA266", "MXNet 2.0.0"),
        ("foreign-symbol.json", {}, "OCA266", "FlattenOfMine"),
        ("mxnet_wrong.py:Plain", {}, "OCA269", "Plain"),
        ("mxnet_wrong.py:Peeks", {}, "OCA269", "mxnet_wrong.py:"),
        ("mxnet_wrong.py:uninitialised", {}, "OCA269", "has not been initialized"),
        ("mxnet_wrong.py:nothing", {}, "OCA203", "NoneType"),
        ("lenet-symbol.json", {"export_options": {"verbose": True}}, "OCA310", "verbose"),
        ("lenet-symbol.json", {"opset": 10}, "OCA309", "needs opset 12 and cannot be brought to 10"),
    ],
)
def test_a_known_failure_has_a_code(convert_mxnet: Run, source: str, job: dict[str, Any], code: str, said: str) -> None:
    inputs = DIGIT if source.endswith(".json") else {"x": {"shape": ["batch", 4]}}
    failure = convert_mxnet(source, inputs, **job).failure
    assert failure is not None
    assert (failure.code, said in failure.message) == (code, True), failure


@pytest.mark.parametrize(
    ("source", "inputs", "code", "said"),
    [
        ("mxnet_wrong.py:untranslated", {"data": {"shape": ["n", 3]}}, "OCA334", "erfinv (`inverse`, `again`); gamma"),
        ("mxnet_wrong.py:sum_pooling", {"data": {"shape": ["n", 3, 8, 8]}}, "OCA335", "pool_type=='sum'"),
        ("mxnet_wrong.py:returns_its_input", {"data": {"shape": ["n", 3]}}, "OCA338", "`data`"),
        ("mxnet_wrong.py:fixed_batch", {"data": {"shape": ["n", 3, 4]}}, "OCA268", "`flat`"),
        ("lenet-symbol.json", {"data": {"shape": ["n", 1, 32, 32]}}, "OCA268", "`fc1`"),
        ("lenet-symbol.json", {**DIGIT, "softmax_label": {"shape": ["batch"]}}, "OCA211", "label of a loss"),
        ("lenet-symbol.json", {"a": {"shape": [1]}, "b": {"shape": [1]}}, "OCA211", "takes 1: `data`"),
    ],
)
def test_what_does_not_fit_is_named(
    convert_mxnet: Run, source: str, inputs: dict[str, Any], code: str, said: str
) -> None:
    failure = convert_mxnet(source, inputs).failure
    assert failure is not None
    assert (failure.code, said in failure.message) == (code, True), failure


def test_a_numpy_without_np_bool_is_named(
    fence: Fence, environments: Environments, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    mxnet = environments.get("mxnet")
    layer = models / "layer"
    command = [find_uv_bin(), "pip", "install", "--quiet", "--python", mxnet.python, "--target", layer, "numpy==1.26.4"]
    subprocess.run(command, check=True)
    newer = in_front(mxnet, layer, models / "newer")
    outcome = fence.run(newer, "onnx_convert.frameworks.mxnet.worker", {"repository": str(models)}, Limits(60))
    assert outcome.failure is not None
    assert (outcome.failure.code, "numpy 1.26.4" in outcome.failure.message) == ("OCA263", True), outcome.failure


def test_the_native_measurement_waits_for_the_results_on_the_asked_threads(convert_mxnet: Run) -> None:
    outcome = convert_mxnet("mobilenet-symbol.json", IMAGE, kind="native", threads=1, seconds=0.2)
    assert outcome.failure is None, outcome.log
    assert outcome.result["median"] > 0
    assert outcome.result["threads"] == 1


def test_jobs_run_side_by_side(convert_mxnet: Run, parity: Run) -> None:
    with ThreadPoolExecutor(6) as pool:
        for outcome in pool.map(lambda _: convert_mxnet("lenet-symbol.json", DIGIT), range(6)):
            parity(outcome)
