"""TensorFlow sources through the real worker: every form, what its graph looks like, and what goes wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnx_convert.environments import Environments
from onnx_convert.isolation import Fence, Limits

pytestmark = pytest.mark.integration

Run = Callable[..., Any]
X = {"x": {"shape": ["batch", 4]}}
QUERIES = {name: {"shape": ["batch", 4]} for name in ("query", "key")}
SIDES = {name: {"shape": ["batch", 4]} for name in ("left", "right")}
IMAGE = {"dims": {"batch": [1, 2], "height": [8, 12], "width": [8]}}


@pytest.fixture(scope="module")
def saved(fence: Fence, environments: Environments, repository: Path) -> Path:
    """The repository with Keras files, SavedModels, graphs and TensorFlow Lite models in it."""
    outcome = fence.run(
        environments.get("tensorflow"),
        str(repository / "tf" / "save.py"),
        {"repository": str(repository)},
        Limits(300),
    )
    assert outcome.failure is None, outcome.log
    for entry in (outcome.folder / "out").iterdir():
        if entry.is_dir():
            shutil.copytree(entry, repository / "tf" / entry.name)
        elif entry.name != "result.json":
            shutil.copy(entry, repository / "tf" / entry.name)
    return repository


@pytest.fixture(scope="module")
def convert_tf(convert: Run, saved: Path) -> Run:
    """Convert a source of the repository's folder `tf`."""

    def run(source: str, **job: Any) -> Any:
        return convert("tensorflow", f"tf/{source}", **{"exporter": "tf2onnx", **job})

    return run


def codes(outcome: Any) -> list[str]:
    return [note.code for note in outcome.notes]


def ends(session: Any) -> tuple[list[Any], list[Any]]:
    """Names and shapes of a graph's inputs and of its outputs."""
    return [(i.name, i.shape) for i in session.get_inputs()], [(o.name, o.shape) for o in session.get_outputs()]


def opsets(outcome: Any) -> list[int]:
    model = onnx.load(outcome.folder / "out" / "model.onnx", load_external_data=False)
    return [entry.version for entry in model.opset_import if not entry.domain]


FUNCTIONAL = (
    [("image", ["batch", 8, 8, 3]), ("kind", ["batch", 1])],
    [("scores", ["batch", 5]), ("age", ["batch", 1])],
)
LEGACY = ([("x", ["batch", 4])], [("p", ["batch", 2]), ("hidden", ["batch", 3])])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("functional.keras", FUNCTIONAL),
        ("functional.h5", FUNCTIONAL),
        ("networks.py:functional", FUNCTIONAL),
        ("networks.py:sequential", ([("x", ["batch", 4])], [("batch_normalization", ["batch", 3])])),
        ("legacy.keras", LEGACY),
        ("legacy.h5", LEGACY),
        ("networks.py:legacy", LEGACY),
    ],
)
def test_a_keras_model_keeps_its_names_and_its_dynamic_batch(
    convert_tf: Run, parity: Run, source: str, expected: Any
) -> None:
    outcome = convert_tf(source)
    assert ends(parity(outcome)) == expected
    assert opsets(outcome) == [17]
    assert {case["dims"]["batch"] for case in outcome.result["cases"]} == {1, 4}


@pytest.mark.parametrize("opset", [13, 18, 21])
def test_the_opset_is_the_one_that_is_asked_for(convert_tf: Run, parity: Run, opset: int) -> None:
    outcome = convert_tf("functional.keras", opset=opset)
    parity(outcome)
    assert opsets(outcome) == [opset]


@pytest.mark.parametrize(
    ("source", "inputs", "outputs"),
    [
        ("networks.py:unbuilt", X, ["output"]),
        ("networks.py:Subclassed", QUERIES, ["mixed", "total"]),
        ("networks.py:Packed", SIDES, ["output"]),
        ("networks.py:Callable", X, ["output_0", "output_1"]),
        ("networks.py:cosine", {name: {"shape": ["batch", 4]} for name in "ba"}, ["output"]),
        ("networks.py:concrete", {}, ["output"]),
    ],
)
def test_what_python_code_returns_is_traced_with_the_inputs_of_the_spec(
    convert_tf: Run, parity: Run, source: str, inputs: Any, outputs: list[str]
) -> None:
    session = parity(convert_tf(source, inputs=inputs))
    assert [output.name for output in session.get_outputs()] == outputs
    assert [value.name for value in session.get_inputs()] == (list(inputs) or ["a", "b"])


def test_the_arguments_of_a_model_reach_it(convert_tf: Run, parity: Run) -> None:
    session = parity(convert_tf("networks.py:Subclassed", inputs=QUERIES, args={"units": 7}))
    assert session.get_outputs()[0].shape == ["batch", 7]


def test_a_subclassed_model_in_a_file_needs_its_class(convert_tf: Run) -> None:
    outcome = convert_tf("subclassed.keras", inputs=QUERIES)
    assert outcome.failure.code == "OCA245"
    assert "Subclassed" in outcome.failure.message


@pytest.mark.parametrize(
    ("source", "signature", "inputs", "outputs"),
    [
        ("exported", None, ["image", "kind"], ["output_0", "output_1"]),
        ("exported", "serve", ["image", "kind"], ["output_0", "output_1"]),
        ("two", "project", ["x"], ["projected"]),
        ("two", "add", ["left", "right"], ["output_0"]),
        ("unsigned", "project", ["x"], ["projected"]),
        ("tagged", "serve,cpu:predict", ["x"], ["scores"]),
        ("networks.py:Module", "project", ["x"], ["projected"]),
    ],
)
def test_a_signature_is_chosen_by_its_name(
    convert_tf: Run, parity: Run, source: str, signature: str | None, inputs: list[str], outputs: list[str]
) -> None:
    session = parity(convert_tf(source, signature=signature))
    assert sorted(value.name for value in session.get_inputs()) == inputs
    assert [output.name for output in session.get_outputs()] == outputs


def test_outputs_of_a_signature_are_told_apart_by_their_names(convert_tf: Run, parity: Run) -> None:
    session = parity(convert_tf("exported", outputs=["output_1", "output_0"]))
    assert [(output.name, output.shape[1]) for output in session.get_outputs()] == [("output_1", 1), ("output_0", 5)]


def test_objects_that_cannot_be_loaded_are_left_out(convert_tf: Run, parity: Run) -> None:
    outcome = convert_tf("refused")
    session = parity(outcome)
    assert codes(outcome) == ["OCA247"]
    assert [value.name for value in session.get_inputs()] == ["x"]


@pytest.mark.parametrize("source", ["frozen.pb", "model.ckpt.meta", "model.ckpt.index"])
@pytest.mark.parametrize(("name", "output"), [("x:0", "scores:0"), ("x", "scores")])
def test_a_graph_is_cut_at_the_tensors_of_the_spec(
    convert_tf: Run, parity: Run, source: str, name: str, output: str
) -> None:
    session = parity(convert_tf(source, inputs={name: {}}, outputs=[output]))
    assert ends(session) == ([(name, ["batch", 4])], [(output, ["batch", 3])])


def test_a_lite_model_is_converted_with_its_dynamic_axes(convert_tf: Run, parity: Run) -> None:
    session = parity(convert_tf("image.tflite", **IMAGE))
    assert [value.name for value in session.get_inputs()] == ["image"]


def test_a_quantised_lite_model_is_said_to_be_one(convert_tf: Run, parity: Run) -> None:
    outcome = convert_tf("quantised.tflite", **IMAGE)
    parity(outcome, rtol=0.0, atol=0.05)
    assert codes(outcome) == ["OCA252"]


def test_a_table_from_words_to_numbers_is_converted(convert_tf: Run, parity: Run) -> None:
    values = {"values": ["cat", "dog", "bird"]}
    for source in ("networks.py:lookup", "table"):
        session = parity(convert_tf(source, inputs={"words": values}))
        assert session.get_inputs()[0].type == "tensor(string)"


@pytest.mark.parametrize(("weights", "source"), [("good", "sequential"), ("unbuilt", "unbuilt")])
def test_weights_are_loaded_into_the_model_of_a_callable(
    convert_tf: Run, parity: Run, saved: Path, weights: str, source: str
) -> None:
    plain = convert_tf(f"networks.py:{source}", inputs=X)
    loaded = convert_tf(f"networks.py:{source}", inputs=X, weights=str(saved / "tf" / f"{weights}.weights.h5"))
    parity(loaded)
    first, second = (np.load(outcome.folder / "out/cases/0000/out0.npy") for outcome in (plain, loaded))
    assert np.abs(first - second).max() > 0.1


def test_channels_first_is_fed_and_compared_as_such(convert_tf: Run, parity: Run) -> None:
    options = {"inputs_as_nchw": ["image"], "outputs_as_nchw": ["features"]}
    session = parity(convert_tf("networks.py:image", export_options=options, **IMAGE))
    assert session.get_inputs()[0].shape == ["batch", 3, "height", "width"]
    assert session.get_outputs()[0].shape[:2] == ["batch", 4]


def test_external_data_is_written_beside_the_model_on_request(convert_tf: Run, parity: Run) -> None:
    outcome = convert_tf("networks.py:image", export_options={"large_model": True}, **IMAGE)
    parity(outcome)


@pytest.mark.parametrize("source", ["lambda.keras", "lambda.h5"])
def test_code_in_a_file_is_run_only_with_trust(convert_tf: Run, parity: Run, source: str) -> None:
    assert convert_tf(source).failure.code == "OCA246"
    parity(convert_tf(source, trust=True))


@pytest.mark.parametrize(
    ("source", "job", "code", "message"),
    [
        ("broken.keras", {}, "OCA204", "broken.keras is not a Keras file"),
        ("good.weights.h5", {}, "OCA204", "holds weights and no model"),
        ("networks.py:nothing", {}, "OCA203", "an object of type dict"),
        ("networks.py:sequential", {"weights": "other.weights.h5"}, "OCA207", "does not fit"),
        ("networks.py:sequential", {"weights": "larger.weights.h5"}, "OCA207", "holds 8 arrays"),
        ("functional.keras", {"weights": "good.weights.h5"}, "OCA206", "has its weights in it"),
        ("networks.py:Subclassed", {}, "OCA210", "does not say what its inputs are"),
        ("networks.py:Subclassed", {"inputs": {"a": {"shape": [1, 4]}}}, "OCA211", "missing a required argument"),
        ("networks.py:cosine", {"inputs": {k: {"shape": [2, n]} for k, n in (("a", 3), ("b", 4))}}, "OCA211", "trace"),
        ("networks.py:sequential", {"inputs": {"x": {"shape": ["batch", 5]}}}, "OCA211", "incompatible"),
        ("two", {}, "OCA240", "`add`, `project`"),
        ("two", {"signature": "projekt"}, "OCA241", "`add`, `project`"),
        ("networks.py:Module", {"signature": "projekt"}, "OCA241", "it has `add`, `project`"),
        ("tagged", {}, "OCA242", "`cpu,serve` (signatures `predict`) and `serve,tpu`"),
        ("tagged", {"signature": "gpu:predict"}, "OCA242", "no graph has the tags"),
        ("frozen.pb", {"inputs": {"x": {}}, "outputs": ["score"]}, "OCA243", "no tensor `score`"),
        ("frozen.pb", {}, "OCA244", "no `inputs` and `outputs`"),
        ("custom.keras", {}, "OCA245", "`Scale`"),
        ("custom.h5", {}, "OCA245", "`Scale`"),
        ("networks.py:ragged", {}, "OCA248", "is a ragged tensor"),
        ("networks.py:sparse", {}, "OCA248", "is a sparse tensor"),
        ("networks.py:Module", {}, "OCA249", "the functions `add`, `project`"),
        ("empty", {}, "OCA250", "no signature and no function"),
        ("objects.ckpt.index", {}, "OCA254", "no objects.ckpt.meta"),
        ("custom.tflite", {}, "OCA253", "Digamma"),
        ("functional.keras", {"export_options": {"opsets": 3}}, "OCA310", "no option `opsets`"),
        ("networks.py:unsupported", {}, "OCA320", "`Lgamma`"),
        ("networks.py:trains", {}, "OCA321", "the batch's own statistics"),
        ("networks.py:drops", {}, "OCA321", "draws random numbers"),
        ("networks.py:stateful", {}, "OCA322", "changes its variables"),
        ("networks.py:text", {"inputs": {"line": {"values": ["cat", "dog"]}}}, "OCA323", "`StaticRegexReplace`"),
        ("networks.py:integers", {}, "OCA324", "string<->int64"),
        ("networks.py:segments", {"inputs": {"segment": {"values": [0, 1, 2]}}}, "OCA325", "segments of rank 1"),
        ("networks.py:image", {"export_options": {"inputs_as_nchw": ["picture"]}}, "OCA326", "`picture`"),
        ("networks.py:sequential", {"export_options": {"inputs_as_nchw": ["x"]}}, "OCA326", "2 axes"),
    ],
)
def test_a_failure_has_a_code_of_its_own(
    convert_tf: Run, saved: Path, source: str, job: dict[str, Any], code: str, message: str
) -> None:
    if "weights" in job:
        job = {**job, "weights": str(saved / "tf" / job["weights"])}
    outcome = convert_tf(source, **job)
    assert outcome.failure is not None
    assert (outcome.failure.code, message in outcome.failure.message) == (code, True), outcome.failure


def test_the_nearest_names_are_told(convert_tf: Run) -> None:
    assert "`scores`" in str(convert_tf("frozen.pb", inputs={"x": {}}, outputs=["score"]).failure.hint)
    assert 'signature = "project"' in str(convert_tf("two", signature="projekt").failure.hint)
    assert "its placeholders are `x`" in str(convert_tf("frozen.pb").failure.hint)


@pytest.mark.parametrize("opset", [13, 17])
def test_the_gelu_of_keras_is_converted(convert_tf: Run, parity: Run, opset: int) -> None:
    parity(convert_tf("networks.py:gelu", opset=opset))


def test_the_opset_that_has_an_operator_is_told(convert_tf: Run, parity: Run) -> None:
    outcome = convert_tf("networks.py:later", opset=17)
    assert (outcome.failure.code, outcome.failure.opset) == ("OCA320", 18)
    assert outcome.failure.hint == "it has them from opset 18 on"
    parity(convert_tf("networks.py:later", opset=18))


def test_the_original_is_measured_with_the_threads_that_are_asked_for(convert_tf: Run) -> None:
    for source in ("functional.keras", "image.tflite"):
        dims = IMAGE["dims"] if source == "image.tflite" else {}
        outcome = convert_tf(source, kind="native", threads=1, seconds=0.2, dims=dims)
        assert outcome.failure is None, outcome.log
        assert outcome.result["threads"] == 1
        assert outcome.result["iterations"] >= 10


def test_jobs_side_by_side_share_one_template(convert_tf: Run) -> None:
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: convert_tf("functional.keras", samples=1), range(8)))
    assert [outcome.failure for outcome in outcomes] == [None] * 8
