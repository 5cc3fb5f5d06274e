"""scikit-learn sources through the real worker."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from onnx_convert.environments import Environments
from onnx_convert.isolation import Fence, Limits

pytestmark = pytest.mark.integration

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def estimators(fence: Fence, environments: Environments, repository: Path) -> Path:
    """The repository with fitted estimators in it."""
    outcome = fence.run(
        environments.get("sklearn"),
        str(repository / "save_estimators.py"),
        {"repository": str(repository)},
        Limits(120),
    )
    assert outcome.failure is None, outcome.log
    for file in (outcome.folder / "out").iterdir():
        if file.is_file():
            shutil.copy(file, repository / file.name)
    return repository


@pytest.fixture(scope="module")
def convert_iris(convert: Run, estimators: Path) -> Run:
    """Convert an estimator on all of Iris, 150 flowers at once."""

    def run(source: str, **job: Any) -> Any:
        features = {"features": {"shape": ["batch", 4], "data": str(estimators / "samples.npy")}}
        defaults = {"inputs": features, "dims": {"batch": [1, 150]}, "trust": True, "exporter": "skl2onnx"}
        return convert("sklearn", source, **{**defaults, **job})

    return run


@pytest.mark.parametrize(
    ("source", "outputs"),
    [
        ("forest.skops", [("label", ["batch"]), ("probabilities", ["batch", 3])]),
        ("words.joblib", [("label", ["batch"]), ("probabilities", ["batch", 3])]),
        ("svc.joblib", [("label", ["batch"]), ("scores", ["batch", 3])]),
        ("svc_binary.joblib", [("label", ["batch"]), ("scores", ["batch", 2])]),
        ("regression.joblib", [("variable", ["batch", 1])]),
        ("boosting.joblib", [("variable", ["batch", 1])]),
        ("scaler.joblib", [("variable", ["batch", 4])]),
    ],
)
@pytest.mark.parametrize("opset", [13, 17, 21])
def test_an_estimator_is_the_same_in_onnx_at_exactly_the_asked_opset(
    convert_iris: Run, parity: Run, source: str, outputs: list[Any], opset: int
) -> None:
    outcome = convert_iris(source, opset=opset)
    session = parity(outcome)
    assert [(output.name, output.shape) for output in session.get_outputs()] == outputs
    model = onnx.load(outcome.folder / "out" / "model.onnx")
    assert [entry.version for entry in model.opset_import if not entry.domain] == [opset]


@pytest.mark.parametrize("source", ["forest.skops", "words.joblib", "boosting.joblib"])
def test_the_same_estimator_gives_the_same_file(convert_iris: Run, source: str) -> None:
    one, other = (convert_iris(source).folder / "out" / "model.onnx" for _ in range(2))
    assert one.read_bytes() == other.read_bytes()


def test_clusters_and_distances_agree_up_to_float32(convert_iris: Run, parity: Run) -> None:
    parity(convert_iris("clusters.joblib"), atol=1e-3)


def test_mixed_columns_are_an_input_each(convert_iris: Run, parity: Run) -> None:
    inputs = {
        "width": {"shape": ["rows", 1]},
        "length": {"shape": ["rows", 1]},
        "town": {"shape": ["rows", 1], "dtype": "string", "values": ["setosa", "virginica"]},
    }
    session = parity(convert_iris("columns.joblib", inputs=inputs, dims={}))
    assert [value.type for value in session.get_inputs()] == ["tensor(float)", "tensor(float)", "tensor(string)"]


def test_scores_are_never_called_probabilities(convert_iris: Run) -> None:
    outcome = convert_iris("svc.joblib")
    assert [note.code for note in outcome.notes] == ["OCA312"]


def test_the_outputs_get_the_names_of_the_spec(convert_iris: Run, parity: Run) -> None:
    session = parity(convert_iris("forest.skops", outputs=["species", "label"]))
    assert [output.name for output in session.get_outputs()] == ["species", "label"]


def test_an_option_reaches_the_step_that_it_names(convert_iris: Run, parity: Run) -> None:
    outcome = convert_iris("words.joblib", export_options={"standardscaler__div": "div_cast"})
    parity(outcome)
    model = onnx.load(outcome.folder / "out" / "model.onnx")
    assert "Cast" in {node.op_type for node in model.graph.node}


def test_an_estimator_brings_its_own_signature(convert_iris: Run, parity: Run) -> None:
    session = parity(convert_iris("scaler.joblib", inputs={}, dims={}))
    assert [(value.name, value.shape) for value in session.get_inputs()] == [("features", ["batch", 4])]


@pytest.mark.parametrize(
    ("source", "job", "code"),
    [
        ("forest.joblib", {"trust": False}, "OCA205"),
        ("calls.skops", {"trust": False}, "OCA228"),
        ("unfitted.joblib", {}, "OCA226"),
        ("dict.joblib", {}, "OCA203"),
        ("own_estimator.py:doubler", {}, "OCA307"),
        ("forest.joblib", {"export_options": {"no_such_option": True}}, "OCA310"),
        ("words.joblib", {"export_options": {"no_such_step__zipmap": False}}, "OCA310"),
        ("forest.joblib", {"export_options": {"output_class_labels": True}}, "OCA311"),
    ],
)
def test_a_known_failure_has_a_code(convert_iris: Run, source: str, job: dict[str, Any], code: str) -> None:
    assert convert_iris(source, **job).failure.code == code


def test_the_native_measurement_calls_all_that_onnx_computes(convert_iris: Run) -> None:
    outcome = convert_iris("forest.skops", kind="native", threads=1, seconds=0.2)
    assert outcome.failure is None, outcome.log
    assert outcome.result["median"] > 0
