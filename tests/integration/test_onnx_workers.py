"""What is done to ONNX files, behind the fence and with the simplifiers of the locked environment."""

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
from onnx.reference import ReferenceEvaluator

from onnx_convert.environments import Environments
from onnx_convert.isolation import Fence, Limits, Outcome
from onnx_convert.stages.results import CheckResult, Measurement, ParityResult, SimplifyResult, parse

pytestmark = pytest.mark.integration

Work = Callable[..., Outcome]

NET = """<ir_version: 8, opset_import: ["": 17], producer_name: "test">
net (float[batch, 3, height, width] image) => (float[batch, features] logits)
<float[8, 3, 3, 3] w, float[8] scale, float[8] shift, float[8] mean, float[8] var, int64[2] flat>
{
    same = Identity(image)
    conv = Conv <pads = [1, 1, 1, 1]> (same, w)
    norm = BatchNormalization(conv, scale, shift, mean, var)
    act = Relu(norm)
    pool = GlobalAveragePool(act)
    shape = Shape(pool)
    size = Cast <to = 7> (shape)
    dead = Neg(pool)
    logits = Reshape(pool, flat)
}"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="onnx-convert-onnx-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def net(folder: Path) -> dict[str, Any]:
    """A convolution with BatchNorm and dead ends, with cases of its own results at two sizes; the keys of a job."""
    proto = parser.parse_model(NET)
    rng = np.random.default_rng(0)
    weights = {
        "w": rng.normal(size=(8, 3, 3, 3)).astype(np.float32),
        "flat": np.array([0, -1]),
        **{name: rng.uniform(0.5, 2, 8).astype(np.float32) for name in ("scale", "shift", "mean", "var")},
    }
    del proto.graph.initializer[:]
    proto.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in weights.items())
    path = folder / "net.onnx"
    onnx.save(proto, path)
    reference = ReferenceEvaluator(proto)
    case_list = [{"batch": 1, "height": 8, "width": 8}, {"batch": 3, "height": 9, "width": 6}]
    for index, dims in enumerate(case_list):
        case = folder / "cases" / f"{index:04d}"
        case.mkdir(parents=True)
        image = rng.normal(size=(dims["batch"], 3, dims["height"], dims["width"])).astype(np.float32)
        np.save(case / "in0.npy", image)
        np.save(case / "out0.npy", reference.run(None, {"image": image})[0])
    return {
        "model": str(path),
        "cases": str(folder / "cases"),
        "case_list": [{"dims": dims, "sample": 0} for dims in case_list],
        "inputs": [{"name": "image", "dtype": "float32", "shape": ["batch", 3, "height", "width"]}],
        "outputs": [{"name": "logits", "dtype": "float32", "shape": ["batch", 8]}],
        "rtol": 1e-3,
        "atol": 1e-5,
        "threads": 1,
    }


@pytest.fixture(scope="module")
def work(fence: Fence, environments: Environments) -> Work:
    def run(module: str, **job: Any) -> Outcome:
        outcome = fence.run(
            environments.get("onnx"), f"onnx_convert.workers.artifact.{module}", job, Limits(seconds=120)
        )
        assert outcome.failure is None or job.get("may_fail"), (outcome.failure, outcome.log[-3000:])
        return outcome

    return run


@pytest.mark.parametrize("simplifier", ["onnxsim", "onnxslim"])
def test_a_simplified_network_is_smaller_checked_and_still_right(
    simplifier: str, net: dict[str, Any], work: Work, folder: Path
) -> None:
    outcome = work("simplify", **net, simplifier=simplifier)
    made = parse(SimplifyResult, outcome.result or {})
    assert made.nodes_after < made.nodes_before == 9
    simple = folder / f"{simplifier}.onnx"
    shutil.copyfile(outcome.folder / "out" / "model.onnx", simple)
    proto = onnx.load(simple)
    assert (proto.producer_name, list(proto.metadata_props)) == ("test", [])
    assert "BatchNormalization" not in {node.op_type for node in proto.graph.node}

    facts = parse(CheckResult, work("check", model=str(simple), opset=17, inputs=net["inputs"]).result or {})
    assert (facts.problems, facts.baked, facts.nodes) == ((), (), made.nodes_after)

    parity = {"rtol": 1e-3, "atol": 1e-5, "max_mismatch": 0.0, "min_agreement": 1.0, "outputs": {}}
    compared = work("parity", **net | {"model": str(simple)}, raw=net["model"], provider="cpu", parity=parity)
    found = parse(ParityResult, compared.result or {})
    assert [case.passed for case in found.cases] == [True, True]
    assert all(case.max_abs is not None and 0 < case.max_abs < 1e-5 for case in found.cases)


@pytest.mark.parametrize("simplifier", ["onnxsim", "onnxslim"])
def test_a_network_with_nothing_to_simplify_is_left_alone(
    simplifier: str, net: dict[str, Any], work: Work, folder: Path
) -> None:
    text = '<ir_version: 8, opset_import: ["": 17]> g (float[N, 3] image) => (float[N, 3] y) { y = Relu(image) }'
    onnx.save(parser.parse_model(text), folder / "relu.onnx")
    outcome = work("simplify", **net | {"model": str(folder / "relu.onnx")}, simplifier=simplifier)
    assert not parse(SimplifyResult, outcome.result or {}).changed


def test_weights_in_external_data_are_simplified_and_come_back_in_one_file(
    net: dict[str, Any], work: Work, folder: Path
) -> None:
    path = folder / "external" / "model.onnx"
    path.parent.mkdir()
    onnx.save(onnx.load(net["model"]), path, save_as_external_data=True, location="model.onnx.data", size_threshold=99)
    path.with_name("model.onnx.data").chmod(0o644)  # onnx makes it readable for its owner only
    outcome = work("simplify", **net | {"model": str(path)}, simplifier="onnxsim")
    assert sorted(file.name for file in (outcome.folder / "out").glob("model.onnx*")) == ["model.onnx"]
    weights = onnx.load(outcome.folder / "out" / "model.onnx").graph.initializer
    assert [8, 3, 3, 3] in [list(tensor.dims) for tensor in weights]


def test_a_measurement_behind_the_fence_has_a_peak_of_memory(net: dict[str, Any], work: Work) -> None:
    job = {"model": net["model"], "inputs": net["inputs"], "case": f"{net['cases']}/0000"}
    outcome = work("benchmark", **job, provider="cpu", provider_options={}, threads=1, seconds=0.2)
    found = parse(Measurement, outcome.result or {})
    assert found.status == "measured"
    assert outcome.peak_memory_bytes > 1 << 20
