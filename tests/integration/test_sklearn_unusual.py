"""What skl2onnx and onnxmltools refuse or write wrongly: mended where it can be, else named by a code."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnx_convert.environments import Environments
from onnx_convert.isolation import Fence, Limits

pytestmark = pytest.mark.integration

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def convert_unusual(convert: Run) -> Run:
    """Convert what a function of unusual_estimators.py returns."""

    def run(symbol: str, kind: str | None = None, **job: Any) -> Any:
        args = {"kind": kind} if kind else {}
        return convert("sklearn", f"unusual_estimators.py:{symbol}", args=args, exporter="skl2onnx", **job)

    return run


@pytest.fixture(scope="module")
def samples(fence: Fence, environments: Environments, repository: Path) -> Path:
    """The folder with iris.npy and cancer.npy, which only the environment's scikit-learn has."""
    worker = str(repository / "unusual_estimators.py")
    outcome = fence.run(environments.get("sklearn"), worker, {}, Limits(120))
    assert outcome.failure is None, outcome.log
    for name in ("iris.npy", "cancer.npy"):
        shutil.copy(outcome.folder / "out" / name, repository / name)
    return repository


@pytest.mark.parametrize(
    ("symbol", "kind", "outputs"),
    [
        ("voting", None, ["label", "probabilities"]),
        ("radius", None, ["label", "probabilities"]),
        ("nearest", None, ["index", "distance"]),
        ("poisson", None, ["variable"]),
        ("targets", "each", ["label", "probabilities_0", "probabilities_1"]),
        ("targets", "together", ["label", "probabilities_0", "probabilities_1"]),
        ("xgboost", "columns", ["label", "probabilities"]),
        ("xgboost", "classes", ["label", "probabilities"]),
        ("xgboost", "targets", ["variable"]),
        ("lightgbm", "words", ["label", "probabilities"]),
    ],
)
def test_what_the_converter_refuses_or_gets_wrong_is_the_same_in_onnx(
    convert_unusual: Run, parity: Run, symbol: str, kind: str | None, outputs: list[str]
) -> None:
    range_ = {"features": {"shape": ["batch", {"xgboost-targets": 3}.get(f"{symbol}-{kind}", 4)], "range": [0.1, 7]}}
    inputs = range_ if symbol not in {"nearest", "poisson"} else {}
    session = parity(convert_unusual(symbol, kind, inputs=inputs))
    assert [output.name for output in session.get_outputs()] == outputs


def test_a_tree_behind_a_scaler_gets_the_bits_that_it_gets_in_scikit_learn(
    convert_unusual: Run, parity: Run, samples: Path
) -> None:
    """XGBoost's thresholds are values of its data, so that one last bit of a scaled value changes sides."""
    inputs = {"features": {"shape": ["batch", 30], "data": str(samples / "cancer.npy")}}
    parity(convert_unusual("xgboost", "pipeline", inputs=inputs, dims={"batch": [569]}, samples=1))


def test_words_with_accents_are_lowered_and_kept_whole(convert_unusual: Run, parity: Run, repository: Path) -> None:
    np.save(repository / "texts.npy", np.array(["ÉRIC boxes a FOX", "the Quick jugs", "lazy"]))
    inputs = {"text": {"shape": ["batch"], "dtype": "string", "data": str(repository / "texts.npy")}}
    parity(convert_unusual("text", inputs=inputs, dims={"batch": [3]}))


@pytest.mark.parametrize("symbol", ["nusvc", "svc_pipeline"])
def test_scores_are_never_called_probabilities(convert_unusual: Run, parity: Run, symbol: str) -> None:
    outcome = convert_unusual(symbol)
    assert [output.name for output in parity(outcome).get_outputs()] == ["label", "scores"]
    assert "OCA312" in [note.code for note in outcome.notes]


_TEXT = {"text": {"shape": ["batch"], "dtype": "string"}}
_TOWN = {"town": {"shape": ["batch", 1], "dtype": "string"}}
_KNOWN = {"town": {**_TOWN["town"], "values": ["Lyon", "Oslo"]}}


@pytest.mark.parametrize(
    ("symbol", "job", "code", "said"),
    [
        ("dictionaries", {}, "OCA271", "DictVectorizer"),
        ("mixed", {"inputs": {"all": {"shape": ["batch", 2]}}}, "OCA272", "'Lyon', 'Oslo', 'Turin'"),
        ("scaled", {"inputs": {"all": {"shape": ["batch", 4], "dtype": "string"}}}, "OCA272", "string to float"),
        ("towns", {"inputs": _TOWN}, "OCA273", "unknown categories"),
        ("accents", {"inputs": _TEXT}, "OCA276", "strip_accents"),
        ("own_tokens", {"inputs": _TEXT}, "OCA276", "tokenizer"),
        ("neighbours_of_gaps", {}, "OCA308", "no opset below 18"),
        ("text_gaps", {"inputs": _KNOWN}, "OCA340", "missing values"),
        ("xgboost", {"kind": "dart"}, "OCA340", "gbtree"),
        ("function", {"inputs": {"all": {"shape": ["batch", 4], "range": [0, 7]}}}, "OCA341", "FunctionTransformer"),
    ],
)
def test_what_cannot_be_converted_has_a_code(
    convert_unusual: Run, symbol: str, job: dict[str, Any], code: str, said: str
) -> None:
    failure = convert_unusual(symbol, **job).failure
    assert (failure.code, said in failure.message) == (code, True), failure


def test_a_forest_of_lightgbm_is_named_since_its_converter_takes_no_mean(convert_unusual: Run) -> None:
    assert "OCA274" in [note.code for note in convert_unusual("lightgbm", "forest").notes]


def test_a_pickle_of_another_scikit_learn_says_so(convert: Run, repository: Path) -> None:
    # The instruction `c` of a pickle imports a name; this one is of scikit-learn before 0.24.
    (repository / "old.pkl").write_bytes(b"csklearn.ensemble.forest\nRandomForestClassifier\n)R.")
    failure = convert("sklearn", "old.pkl", trust=True, exporter="skl2onnx").failure
    assert failure.code == "OCA275"
    assert "sklearn.ensemble.forest" in failure.message


def test_a_sample_at_the_boundary_of_an_outlier_detector_is_named(convert_unusual: Run, samples: Path) -> None:
    """Support vectors lie on the boundary: the reference itself is within float32's precision of it."""
    inputs = {"features": {"shape": ["batch", 4], "data": str(samples / "iris.npy")}}
    outcome = convert_unusual("one_class", inputs=inputs, dims={"batch": [150]}, samples=1)
    assert "OCA342" in [note.code for note in outcome.notes]
