"""Comparing an ONNX model with reference outputs, with the real runtime on small models."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from onnx_convert.report.model import Case
from onnx_convert.workers.artifact import cases, parity
from onnx_convert.workers.protocol import WorkerError

RELU = "g (float[batch, 3] x) => (float[batch, 3] y) { y = Relu(x) }"
PARITY = {"rtol": 1e-3, "atol": 1e-5, "max_mismatch": 0.0, "min_agreement": 1.0, "outputs": {}}


def tensors(*names):
    return [{"name": name, "dtype": "float32", "shape": ["batch", 3]} for name in names]


def relu_case(batch, seed=0, dims=None):
    x = np.random.default_rng(seed).normal(size=(batch, 3)).astype(np.float32)
    return ({"batch": batch} if dims is None else dims, [x], [np.maximum(x, 0)])


@pytest.fixture
def compare(job):
    def run(path, given, **keys):
        values = {
            "model": path,
            "raw": path,
            "inputs": tensors("x"),
            "outputs": tensors("y"),
            "trace": {},
            "noise": 0.0,
            "provider": "cpu",
            "provider_options": {},
            "threads": 1,
            "parity": PARITY,
            "parity_set": [],
        }
        result = parity.main(job(**{**values, **given, **keys}))
        for case in result.get("cases", ()):
            Case.model_validate(case)
        return result

    return run


def test_a_right_model_passes_at_every_size(model, write_cases, compare):
    given = write_cases(relu_case(1), relu_case(1, seed=1), relu_case(4))
    result = compare(model(RELU), given)
    assert [(row["dims"], row["samples"], row["passed"]) for row in result["cases"]] == [
        ({"batch": 1}, 2, True),
        ({"batch": 4}, 1, True),
    ]
    assert result["cases"][0]["max_abs"] == 0
    assert (result["blame"], result["problems"], result["worst_case"]) == (None, [], None)


def test_a_wrong_export_is_blamed_on_the_export_and_the_worst_case_named(model, write_cases, compare):
    wrong = relu_case(2)
    wrong[2][0][1, 2] += 1
    result = compare(model(RELU), write_cases(relu_case(1), wrong, relu_case(2, seed=1)))
    assert [row["passed"] for row in result["cases"]] == [True, False]
    assert result["cases"][1]["worst"][0]["index"] == [1, 2]
    assert (result["blame"], result["worst_case"]) == ({"stage": "export"}, 1)


def test_a_wrong_simplification_is_blamed_on_it(model, write_cases, compare):
    raw, simple = model(RELU, name="raw.onnx"), model(RELU.replace("Relu", "Abs"), name="simple.onnx")
    result = compare(simple, write_cases(relu_case(2)), raw=raw)
    assert result["blame"] == {"stage": "simplify"}


def test_an_original_that_is_random_is_blamed_itself(model, write_cases, compare):
    wrong = relu_case(2)
    wrong[2][0][0, 0] += 0.01
    assert compare(model(RELU), write_cases(wrong), noise=0.02)["blame"] == {"stage": "source"}


def test_outputs_are_matched_by_name(model, write_cases, compare):
    path = model("g (float[N, 3] x) => (float[N, 3] a, float[N, 3] b) { a = Neg(x)  b = Abs(x) }")
    x = np.array([[1, -2, 3]], np.float32)
    result = compare(path, write_cases(({}, [x], [abs(x), -x])), outputs=tensors("b", "a"))
    assert [(row["output"], row["passed"]) for row in result["cases"]] == [("b", True), ("a", True)]


def test_outputs_under_other_names_are_matched_by_order(model, write_cases, compare):
    path = model("g (float[N, 3] x) => (float[N, 3] a, float[N, 3] b) { a = Neg(x)  b = Abs(x) }")
    x = np.array([[1, -2, 3]], np.float32)
    result = compare(path, write_cases(({}, [x], [-x, abs(x)])), outputs=tensors("first", "second"))
    assert [(row["output"], row["passed"]) for row in result["cases"]] == [("first", True), ("second", True)]


def test_another_number_of_outputs_is_a_failure_of_its_own(model, write_cases, compare):
    x = np.ones((1, 3), np.float32)
    result = compare(model(RELU), write_cases(({}, [x], [x, x])), outputs=tensors("y", "z"))
    assert [row["passed"] for row in result["cases"]] == [False, False]
    assert "1 outputs (y), the original 2 (y, z)" in result["cases"][0]["reason"]


def test_another_dtype_is_a_failure_of_its_own(model, write_cases, compare):
    x = np.ones((1, 3), np.float32)
    result = compare(model(RELU), write_cases(({}, [x], [x.astype(np.float64)])))
    assert result["cases"][0]["reason"] == "its dtype is float32, the original's is float64"


def test_an_input_that_the_exporter_dropped_is_not_fed(model, write_cases, compare):
    x = np.ones((1, 3), np.float32)
    result = compare(model(RELU), write_cases(({}, [x * 5, x], [x])), inputs=tensors("unused", "x"))
    assert result["cases"][0]["passed"]


def test_inputs_that_nobody_declared_end_the_job(model, write_cases, compare):
    path = model("g (float[N, 3] a, float[N, 3] b) => (float[N, 3] y) { y = Add(a, b) }")
    with pytest.raises(WorkerError) as caught:
        compare(path, write_cases(relu_case(1)))
    assert caught.value.code == "OCA521"


def frozen_model(model):
    path = model("g (float[batch, 3] x) => (float[batch, 3] y) { y = Reshape(x, s) }")
    proto = onnx.load(path)
    proto.graph.initializer.append(numpy_helper.from_array(np.array([4, 3]), "s"))
    onnx.save(proto, path)
    return path


def test_a_frozen_dimension_is_named_with_its_size_and_the_runtimes_reason_kept(model, write_cases, compare):
    def same(batch):
        x = np.random.default_rng(batch).normal(size=(batch, 3)).astype(np.float32)
        return {"batch": batch}, [x], [x]

    result = compare(frozen_model(model), write_cases(same(4), same(2)), trace={"batch": 4})
    assert [row["passed"] for row in result["cases"]] == [True, False]
    assert "cannot be reshaped" in result["cases"][1]["reason"]
    assert [problem["code"] for problem in result["problems"]] == ["OCA510"]
    assert "batch=4" in result["problems"][0]["message"]
    assert (result["blame"], result["worst_case"]) == ({"stage": "export"}, 1)


def test_a_model_that_is_right_only_at_another_size_than_the_traced_one_is_not_called_frozen(
    model, write_cases, compare
):
    wrong = relu_case(4)
    wrong[2][0][0, 0] += 1
    result = compare(model(RELU), write_cases(relu_case(1), wrong), trace={"batch": 4})
    assert result["problems"] == []


def test_a_comparison_that_could_not_have_failed_is_a_finding(model, write_cases, compare):
    x = np.array([[-1, -2, -3]], np.float32)
    result = compare(model(RELU), write_cases(({}, [x], [np.zeros_like(x)])))
    assert result["cases"][0]["passed"]
    assert [problem["code"] for problem in result["problems"]] == ["OCA502"]


def test_an_output_has_its_own_tolerance(model, write_cases, compare):
    wrong = relu_case(2)
    wrong[2][0][0, 0] += 0.01
    own = {**PARITY, "outputs": {"y": {"rtol": None, "atol": 0.1, "max_mismatch": None, "min_agreement": None}}}
    given = write_cases(wrong)
    assert not compare(model(RELU), given)["cases"][0]["passed"]
    assert compare(model(RELU), given, parity=own)["cases"][0]["passed"]


def test_agreement_of_scores_is_a_condition_only_where_the_user_asked_for_it(model, write_cases, compare):
    x = np.array([[1.0, 1.000001, 0.5]], np.float32)
    given = write_cases(({}, [x], [x[:, [1, 0, 2]]]))
    assert compare(model(RELU), given)["cases"][0]["agreement"] == 0
    assert compare(model(RELU), given)["cases"][0]["passed"]
    assert not compare(model(RELU), given, parity_set=["min_agreement"])["cases"][0]["passed"]


def test_an_unavailable_provider_is_a_result_with_a_reason(model, write_cases, compare):
    result = compare(model(RELU), write_cases(relu_case(1)), provider="cuda")
    assert result["status"] == "unavailable"
    assert "cuda" in result["reason"].lower() or "execution provider" in result["reason"]


def test_a_model_that_cannot_be_loaded_fails_every_case_with_the_reason(model, write_cases, compare):
    path = model("g (double[N] x) => (double[N] y) { y = Tan(x) }")
    result = compare(path, write_cases(relu_case(1), relu_case(2)))
    assert [row["passed"] for row in result["cases"]] == [False, False]
    assert "Tan" in result["cases"][0]["reason"]
    assert result["blame"] == {"stage": "export"}


@pytest.mark.parametrize("content", [b"", b"no array", None])
def test_a_case_that_cannot_be_read_ends_the_job(content, model, write_cases, compare):
    given = write_cases(relu_case(1))
    file = cases.Path(given["cases"]) / "0000" / "in0.npy"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(WorkerError, match=r"0000/in0\.npy") as caught:
        compare(model(RELU), given)
    assert caught.value.code == "OCA520"


def test_string_tensors_are_compared(model, write_cases, compare):
    path = model("g (string[N] x) => (string[N] y) { y = Identity(x) }")
    given = write_cases(({"N": 2}, [np.array(["a", "bc"])], [np.array(["a", "cb"])]))
    row = compare(path, given)["cases"][0]
    assert (row["passed"], row["agreement"], row["reason"]) == (False, 0.5, "1 of 2 labels differ")
