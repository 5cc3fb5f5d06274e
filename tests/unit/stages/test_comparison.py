"""What two artifacts differ in."""

import pytest

from onnx_convert.report.model import Artifact, Case, ModelReport, Parity, Tensor
from onnx_convert.stages.comparison import differences, otherwise


def artifact(**changes):
    usual = {"bytes": 1000, "nodes": 2, "operators": {"Add": 1, "Relu": 1}, "opsets": {"ai.onnx": 17}}
    return Artifact(path="a.onnx", sha256="0", ir_version=8, **(usual | changes))


def parity(*errors):
    cases = tuple(Case(provider="cpu", dims={}, output="y", max_abs=error, passed=True) for error in errors)
    return Parity(status="passed", rtol=1e-3, atol=1e-5, cases=cases)


def base(made=None, compared=None):
    return ModelReport(name="a", framework="onnx", opset=17, status="passed", artifact=made, parity=compared)


def tensor(name, *shape, dtype="float32"):
    return Tensor(name=name, dtype=dtype, shape=shape)


def test_only_what_differs_is_told_base_first():
    head = artifact(bytes=1100, nodes=3, operators={"Add": 2, "Gelu": 1}, opsets={"ai.onnx": 20, "com.x": 1})
    found = differences(head, parity(1e-6, 1e-4), base(artifact(), parity(1e-5)))
    assert found["size_ratio"] == 1.1
    assert found["nodes"] == (2, 3)
    assert found["operators"] == {"Add": (1, 2), "Gelu": (0, 1), "Relu": (1, 0)}
    assert found["opsets"] == {"ai.onnx": (17, 20), "com.x": (None, 1)}
    assert found["parity"] == (1e-5, 1e-4)


def test_equal_artifacts_differ_in_nothing():
    found = differences(artifact(), None, base(artifact()))
    assert (found["size_ratio"], found["operators"], found["opsets"]) == (1.0, {}, {})


def test_an_error_without_a_number_is_none_and_nan_is_the_worst():
    found = differences(artifact(), parity(None), base(artifact(), parity(1e-3, float("nan"), 1.0)))
    assert found["parity"][1] is None
    assert found["parity"][0] != found["parity"][0]


def test_the_same_inputs_can_be_fed_whatever_dynamic_sizes_are_called():
    assert otherwise((tensor("x", "batch", 3),), (tensor("x", "N", 3),)) is None


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ((tensor("y", "batch", 3),), "other inputs: y instead of x"),
        ((tensor("x", "batch", 3), tensor("z", 1)), "other inputs: x, z instead of x"),
        ((tensor("x", "batch", 4),), "takes x as float32[?, 4] instead of float32[?, 3]"),
        ((tensor("x", 1, 3),), "takes x as float32[1, 3]"),
        ((tensor("x", "batch", 3, dtype="float64"),), "takes x as float64"),
    ],
)
def test_other_inputs_are_named(other, said):
    assert said in otherwise((tensor("x", "batch", 3),), other)
