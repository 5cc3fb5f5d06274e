"""OpenVINO through both doors: ONNX Runtime's plug-in package, and OpenVINO itself, in the locked environment."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper, parser

from onnx_convert.environments import Environments
from onnx_convert.isolation import Fence, Limits, Outcome
from onnx_convert.stages.results import Measurement, ParityResult, parse

pytestmark = pytest.mark.integration

DOORS = {"openvino": "OpenVINOExecutionProvider", "openvino-runtime": "openvino-runtime"}
PARITY = {"rtol": 1e-4, "atol": 1e-5, "max_mismatch": 0.0, "min_agreement": 1.0, "outputs": {}}

Work = Callable[..., Outcome]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="onnx-convert-openvino-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def work(fence: Fence, environments: Environments) -> Work:
    def run(module: str, **job: Any) -> Outcome:
        module = f"onnx_convert.workers.artifact.{module}"
        return fence.run(environments.get("openvino"), module, {"threads": 1, **job}, Limits(seconds=120))

    return run


@pytest.fixture
def job(folder: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """The keys of a job: a model by its text and weights, and a case with what its outputs should be."""

    def make(
        text: str,
        inputs: dict[str, np.ndarray[Any, Any]],
        outputs: dict[str, np.ndarray[Any, Any]],
        weights: dict[str, np.ndarray[Any, Any]] | None = None,
        **keys: Any,
    ) -> dict[str, Any]:
        home = folder / tmp_path.name
        case = home / "cases" / "0000"
        case.mkdir(parents=True, exist_ok=True)
        proto = parser.parse_model(f'<ir_version: 8, opset_import: ["": 17, "ai.onnx.ml": 3, "custom": 1]> {text}')
        del proto.graph.initializer[:]
        proto.graph.initializer.extend(numpy_helper.from_array(one, name) for name, one in (weights or {}).items())
        onnx.save(proto, home / "model.onnx")
        for kind, arrays in (("in", inputs), ("out", outputs)):
            for position, array in enumerate(arrays.values()):
                np.save(case / f"{kind}{position}.npy", array)
        return {
            "model": str(home / "model.onnx"),
            "raw": str(home / "model.onnx"),
            "case": str(case),
            "cases": str(case.parent),
            "case_list": [{"dims": {}, "sample": 0}],
            "inputs": [{"name": name} for name in inputs],
            "outputs": [{"name": name} for name in outputs],
            "provider_options": {},
            "seconds": 0.2,
            "trace": {},
            "noise": 0.0,
            "parity": PARITY,
            "parity_set": [],
            **keys,
        }

    return make


def perceptron(job: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Wide enough that bfloat16 shows, with outputs of several types that are not in the order of their making."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(3, 256)).astype(np.float32), rng.normal(size=(256, 64)).astype(np.float32)
    exact = x.astype(np.float64) @ w.astype(np.float64)
    text = """g (float[batch, 256] x, float[unused] u) => (int64[batch] best, bool[batch, 64] sign, float[batch, 64] y)
    <float[256, 64] w, float zero>
    { y = MatMul(x, w)  best = ArgMax <axis = 1, keepdims = 0> (y)  sign = Greater(y, zero) }"""
    outputs = {"best": exact.argmax(1), "sign": exact > 0, "y": exact.astype(np.float32)}
    weights = {"w": w, "zero": np.zeros((), np.float32)}
    return job(text, {"x": x, "u": np.zeros(2, np.float32)}, outputs, weights)


@pytest.mark.parametrize("provider", DOORS)
def test_a_network_is_right_in_float32_with_its_outputs_in_order(
    provider: str, work: Work, job: Callable[..., dict[str, Any]]
) -> None:
    found = parse(ParityResult, work("parity", **perceptron(job), provider=provider).result or {})
    assert found.status == "compared"
    assert [(case.output, case.passed) for case in found.cases] == [("best", True), ("sign", True), ("y", True)]
    assert {case.provider for case in found.cases} == {provider}


@pytest.mark.parametrize("provider", DOORS)
def test_a_network_is_measured_and_all_of_it_ran_there(
    provider: str, work: Work, job: Callable[..., dict[str, Any]]
) -> None:
    found = parse(Measurement, work("benchmark", **perceptron(job), provider=provider).result or {})
    assert (found.status, found.effective, found.threads) == ("measured", {DOORS[provider]: 1.0}, 1)
    assert found.iterations >= 1
    package = "openvino" if provider == "openvino-runtime" else "onnxruntime-ep-openvino"
    assert package in found.versions


@pytest.mark.parametrize("provider", DOORS)
def test_options_of_the_user_win(provider: str, work: Work, job: Callable[..., dict[str, Any]]) -> None:
    wrong = {"INFERENCE_PRECISION_HINT": "no such precision"}
    options = wrong if provider == "openvino-runtime" else {"load_config": {"CPU": wrong}}
    outcome = work("benchmark", **{**perceptron(job), "provider_options": options}, provider=provider)
    said = outcome.failure.message if outcome.failure else (outcome.result or {})["reason"]
    assert "no such precision" in said
    assert ".cpp" not in said


@pytest.mark.parametrize("provider", DOORS)
def test_a_device_that_is_not_there_is_unavailable_and_named(
    provider: str, work: Work, job: Callable[..., dict[str, Any]]
) -> None:
    keys = {**perceptron(job), "provider_options": {"device": "NPU"}}
    found = parse(Measurement, work("benchmark", **keys, provider=provider).result or {})
    assert (found.status, found.median) == ("unavailable", None)
    assert "no device NPU" in (found.reason or "")


@pytest.mark.parametrize("provider", DOORS)
def test_a_wrong_artifact_is_blamed_as_on_any_provider(
    provider: str, work: Work, job: Callable[..., dict[str, Any]]
) -> None:
    x = np.array([[-1, 2]], np.float32)
    keys = job("g (float[N, 2] x) => (float[N, 2] y) { y = Relu(x) }", {"x": x}, {"y": x})
    found = parse(ParityResult, work("parity", **keys, provider=provider).result or {})
    assert not found.cases[0].passed
    assert found.blame is not None
    assert found.blame.stage == "export"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("g (string[N] x) => (string[N] y) { y = Identity(x) }", "`x` is a tensor of strings"),
        ("g (string[N] x) => (float[N] y) { y = Cast <to = 1> (x) }", "`x` is a tensor of strings"),
        ("g (float[N] x) => (float[N] y) { y = ai.onnx.ml.Binarizer (x) }", "ai.onnx.ml.Binarizer"),
    ],
)
def test_what_openvino_does_not_compute_fails_with_its_reason_and_no_number(
    text: str, reason: str, work: Work, job: Callable[..., dict[str, Any]]
) -> None:
    x = np.array(["1", "2"]) if "string" in text else np.array([1, 2], np.float32)
    keys = {**job(text, {"x": x}, {"y": x}), "provider": "openvino-runtime"}
    outcome = work("benchmark", **keys)
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.result) == ("OCA602", None)
    assert reason in outcome.failure.message
    found = parse(ParityResult, work("parity", **keys).result or {})
    assert reason in (found.cases[0].reason or "")


def test_operators_of_ones_own_are_refused_with_the_library_named(
    work: Work, job: Callable[..., dict[str, Any]]
) -> None:
    x = np.array([1, 2], np.float32)
    keys = job("g (float[N] x) => (float[N] y) { y = custom.Own (x) }", {"x": x}, {"y": x}, library="/ops.so")
    outcome = work("benchmark", **keys, provider="openvino-runtime")
    assert outcome.failure is not None
    assert "the operators in ops.so are for ONNX Runtime alone" in outcome.failure.message


def test_no_job_leaves_a_process_that_reports_the_use_of_openvino(
    work: Work, job: Callable[..., dict[str, Any]]
) -> None:
    keys = job("g (float[N] x) => (float[N] y) { y = custom.Own (x) }", *({"x": np.zeros(2, np.float32)},) * 2)
    outcome = work("benchmark", **keys, provider="openvino-runtime")
    assert [note.code for note in outcome.notes] == []


def test_the_time_of_a_call_is_openvinos_own_without_what_python_takes_around_it(
    fence: Fence, environments: Environments, repository: Path
) -> None:
    shutil.copy(Path(__file__).parent / "fence_workers" / "openvino_clock.py", repository)
    relu = '<ir_version: 8, opset_import: ["": 17]> g (float[N] x) => (float[N] y) { y = Relu(x) }'
    job = {"model": parser.parse_model(relu).SerializeToString().hex()}
    outcome = fence.run(environments.get("openvino"), str(repository / "openvino_clock.py"), job, Limits(seconds=60))
    assert outcome.result is not None, outcome.log
    assert 0 < outcome.result["ours"] < outcome.result["machine"]


def test_a_plug_in_package_of_the_users_own_is_found_by_the_providers_name(
    fence: Fence, environments: Environments, job: Callable[..., dict[str, Any]], folder: Path
) -> None:
    keys = {**perceptron(job), "provider": "OpenVINOExecutionProvider", "threads": 1}
    benchmark = "onnx_convert.workers.artifact.benchmark"
    without = fence.run(environments.get("onnx"), benchmark, keys, Limits(seconds=120)).result or {}
    assert (without["status"], "no onnxruntime-ep-* package" in without["reason"]) == ("unavailable", True)
    wanted = folder / "plugin.txt"
    wanted.write_text("onnxruntime-ep-openvino==1.8.1\n")
    layered = fence.run(environments.get("onnx", wanted), benchmark, keys, Limits(seconds=120)).result or {}
    assert layered["effective"] == {"OpenVINOExecutionProvider": 1.0}


def test_two_models_take_turns_in_one_process(work: Work, job: Callable[..., dict[str, Any]]) -> None:
    keys = perceptron(job)
    for provider in DOORS:
        pair = {**keys, "base": keys["model"], "seed": 0, "limit": 0.05, "confidence": 0.98}
        found = work("pair", **pair, provider=provider).result or {}
        assert found["status"] == "measured"
