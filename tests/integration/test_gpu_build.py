"""ONNX Runtime's GPU build as it is locked: it knows what it is told, and says what this tool goes by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import parser

from onnx_convert import nvidia
from onnx_convert.environments import Environment, Environments
from onnx_convert.isolation import Fence, Limits, Outcome
from onnx_convert.report.model import Tensor
from onnx_convert.stages.results import SharesResult, parse
from onnx_convert.stages.tensorrt import profiles
from onnx_convert.workers.artifact import engines, sessions
from onnx_convert.workers.protocol import Job

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def environment(environments: Environments) -> Environment:
    return environments.get("onnx-gpu")


@pytest.fixture(scope="module")
def libraries(environment: Environment) -> dict[str, bytes]:
    (folder,) = environment.python.parents[1].glob("lib/python3*/site-packages/onnxruntime/capi")
    names = ("cuda", "tensorrt")
    return {name: (folder / f"libonnxruntime_providers_{name}.so").read_bytes() for name in names}


def test_tensorrt_knows_every_option_that_it_is_told(libraries: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    image = Tensor(name="image", dtype="float32", shape=("batch", 3))
    told = {**engines.options(Job(tmp_path, {})), **profiles([image], [image], [{"batch": 1}])}
    assert len(told) == 7
    assert [name for name in (*told, "trt_cuda_graph_enable") if name.encode() not in libraries["tensorrt"]] == []


def test_cuda_knows_the_option_of_its_graphs(libraries: dict[str, bytes]) -> None:
    assert b"enable_cuda_graph" in libraries["cuda"]


def test_tensorrt_says_that_inputs_are_not_named_in_the_words_that_are_looked_for(libraries: dict[str, bytes]) -> None:
    assert sessions.UNNAMED.encode() in libraries["tensorrt"]


@pytest.fixture
def ask(fence: Fence, environment: Environment, repository: Path) -> Any:
    """Run a worker on a small model in the GPU build's environment."""
    model, case = repository / "gpu-build.onnx", repository / "gpu-build-case"
    graph = "g (float[N, 3] x) => (float[N, 3] y) { z = Relu(x)  y = Add(z, x) }"
    onnx.save(parser.parse_model(f'<ir_version: 8, opset_import: ["": 17]> {graph}'), model)
    case.mkdir(mode=0o755, exist_ok=True)
    np.save(case / "in0.npy", np.ones((2, 3), np.float32))

    def run(worker: str, provider: str, **more: Any) -> Outcome:
        job = {"model": model, "case": case, "inputs": [{"name": "x"}], "provider": provider, "threads": 1, **more}
        return fence.run(environment, f"onnx_convert.workers.artifact.{worker}", job, Limits(seconds=120))

    return run


def test_the_gpu_build_tells_what_ran_where_as_the_ordinary_one_does(ask: Any) -> None:
    found = parse(SharesResult, ask("shares", "cpu").result or {})
    assert found.operators == {"CPUExecutionProvider": {"Relu": 1, "Add": 1}}
    assert found.time_share == {"CPUExecutionProvider": 1.0}
    assert [kernel.operator for kernel in found.kernels] == ["Relu", "Add"]
    assert set(found.versions) == {"onnxruntime-gpu"}


@pytest.mark.skipif(nvidia.lacking() is None, reason="this machine has an NVIDIA driver and a GPU")
@pytest.mark.parametrize("provider", ["cuda", "tensorrt"])
def test_without_a_gpu_a_worker_measures_nothing(ask: Any, provider: str) -> None:
    result = ask("benchmark", provider, seconds=0.1).result
    assert set(result) == {"status", "reason"}
    assert result["status"] == "unavailable"
    assert "libcuda.so.1 (the NVIDIA driver)" in result["reason"]


@pytest.mark.skipif(nvidia.lacking() is None, reason="this machine has an NVIDIA driver and a GPU")
def test_without_a_gpu_there_is_no_profile(ask: Any) -> None:
    outcome = ask("shares", "cuda")
    assert outcome.failure is not None
    assert outcome.failure.code == "OCA614"
