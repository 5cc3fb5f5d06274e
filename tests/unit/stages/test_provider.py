"""A worker on a provider: what the machine lacks is said before anything is built; engines are a model's own."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from onnx_convert.diagnostics import diagnose
from onnx_convert.engines import Engines
from onnx_convert.environments import EnvironmentFailed
from onnx_convert.isolation import Outcome
from onnx_convert.plan import make_plan
from onnx_convert.report.model import Gpu, Tensor
from onnx_convert.spec.load import load
from onnx_convert.stages.provider import Target, run_on
from onnx_convert.stages.results import CaseKey, CheckResult
from onnx_convert.stages.values import Devices, OnnxFile, Reference, Workplace

IMAGE = Tensor(name="image", dtype="float32", shape=("batch", 3))
DRIVERLESS = "this machine has no NVIDIA driver (libcuda.so.1 is missing)"


class Installed:
    """Environments of which some are built; to build another is a failure."""

    def __init__(self, *names):
        self._names = names

    def has(self, name):
        return name in self._names

    def get(self, name, requirements=None):
        if name not in self._names:
            raise EnvironmentFailed(diagnose("OCA001", f"the {name} environment could not be built: no network"))
        return SimpleNamespace(name=f"{name} with {requirements.name}" if requirements else name, digest=name)


class Builds:
    """A fence that remembers its jobs and in which a worker builds an engine."""

    def __init__(self, folder):
        self.jobs = []
        self._folder = folder

    def run(self, environment, module, job, limits, hear=None):
        self.jobs.append({"environment": environment.name, **job})
        folder = self._folder / f"job{len(self.jobs)}"
        (folder / "out" / "engines").mkdir(parents=True)
        (folder / "out" / "engines" / "graph.engine").write_bytes(b"built")
        return Outcome(folder, {}, None, (), "finish", (), 0.0, 0, "")


@pytest.fixture
def fence(tmp_path):
    return Builds(tmp_path)


@pytest.fixture
def target(tmp_path):
    def make(provider, options="", content=b"onnx", *, replay=False):
        (tmp_path / "net.py").write_text("def net(): ...\n")
        (tmp_path / "net.onnx").write_bytes(content)
        (tmp_path / "onnx-convert.toml").write_text(
            'spec-version = 1\n[models.net]\nframework = "pytorch"\nsource = "net.py:net"\n'
            'inputs.image = { shape = ["batch", 3] }\n' + options
        )
        (row,) = make_plan(load(tmp_path / "onnx-convert.toml", root=tmp_path))
        facts = CheckResult(opsets={}, ir_version=8, nodes=1, operators={}, inputs=(IMAGE,), outputs=(), bytes=1)
        cases = tuple(CaseKey(dims={"batch": size}, sample=0) for size in (1, 4))
        reference = Reference(Path("/cases"), cases, (IMAGE,), (), {}, None)
        return Target(row, provider, (OnnxFile(tmp_path / "net.onnx", (), facts),), reference, replay=replay)

    return make


@pytest.fixture
def workplace(fence, tmp_path):
    def make(*installed, lacking=None, gpus=()):
        devices = Devices(lambda: lacking, gpus, Engines(tmp_path / "cache"))
        return Workplace(fence, Installed(*installed), tmp_path, tmp_path, 1, devices)

    return make


@pytest.mark.parametrize("provider", ["cuda", "tensorrt"])
def test_without_a_driver_no_environment_is_built_and_the_reason_names_it(fence, target, workplace, provider):
    reason = run_on(target(provider), "worker", {}, workplace("onnx", lacking=DRIVERLESS))
    assert reason == f"{DRIVERLESS}; the onnx-gpu environment, of no use without, was not built"
    assert fence.jobs == []


def test_where_the_environment_is_there_it_is_asked_itself(fence, target, workplace):
    assert isinstance(run_on(target("cuda"), "worker", {}, workplace("onnx-gpu", lacking=DRIVERLESS)), Outcome)
    assert fence.jobs[0]["environment"] == "onnx-gpu"


def test_an_environment_that_cannot_be_built_is_a_reason_and_no_fault(target, workplace):
    assert run_on(target("cuda"), "worker", {}, workplace("onnx")) == (
        "the onnx-gpu environment could not be built: no network"
    )


def test_the_cpu_needs_no_driver(fence, target, workplace):
    run_on(target("cpu"), "worker", {"seconds": 1}, workplace("onnx", lacking=DRIVERLESS))
    (job,) = fence.jobs
    assert (job["environment"], job["provider"], job["provider_options"], job["seconds"]) == ("onnx", "cpu", {}, 1)
    assert not {"profiles", "engines"} & set(job)


def test_a_plug_in_package_of_the_spec_is_put_over_the_environment_for_its_provider_alone(fence, target, workplace):
    added = 'provider-requirements.qnn = "plugin.txt"\n'
    for provider in ("qnn", "cpu"):
        run_on(target(provider, added), "worker", {}, workplace("onnx"))
    assert [job["environment"] for job in fence.jobs] == ["onnx with plugin.txt", "onnx"]


def test_options_of_the_spec_are_passed_as_they_are(fence, target, workplace):
    options = "provider-options.tensorrt = { trt_fp16_enable = true, trt_builder_optimization_level = 2 }\n"
    run_on(target("tensorrt", options), "worker", {}, workplace("onnx-gpu"))
    assert fence.jobs[0]["provider_options"] == {"trt_fp16_enable": True, "trt_builder_optimization_level": 2}


def test_folders_of_the_spec_are_not_written_to(fence, target, workplace):
    options = 'provider-options.tensorrt = { trt_engine_cache_path = "/etc" }\n'
    run_on(target("tensorrt", options), "worker", {}, workplace("onnx-gpu"))
    assert fence.jobs[0]["provider_options"] == {}


@pytest.mark.parametrize(("replay", "passed"), [(True, {"enable_cuda_graph": True}), (False, {})])
def test_a_cuda_graph_is_for_workers_that_bind_their_inputs_once(fence, target, workplace, replay, passed):
    options = "provider-options.cuda = { enable_cuda_graph = true }\n"
    run_on(target("cuda", options, replay=replay), "worker", {}, workplace("onnx-gpu"))
    assert fence.jobs[0]["provider_options"] == passed


def test_tensorrt_is_told_the_range_of_shapes(fence, target, workplace):
    run_on(target("tensorrt"), "worker", {}, workplace("onnx-gpu"))
    assert fence.jobs[0]["profiles"] == {
        "trt_profile_min_shapes": "image:1x3",
        "trt_profile_opt_shapes": "image:1x3",
        "trt_profile_max_shapes": "image:4x3",
    }


def engines_of(fence):
    return [job["engines"] for job in fence.jobs]


def test_what_was_built_for_a_model_is_handed_to_its_next_job(fence, target, workplace):
    place = workplace("onnx-gpu")
    run_on(target("tensorrt"), "worker", {}, place)
    run_on(target("tensorrt"), "worker", {}, place)
    first, second = engines_of(fence)
    assert first is None
    assert (Path(second) / "graph.engine").read_bytes() == b"built"


@pytest.mark.parametrize(
    ("options", "content"),
    [("", b"another model"), ("provider-options.tensorrt = { trt_fp16_enable = true }\n", b"onnx")],
    ids=["of another model", "of other options"],
)
def test_engines_are_never_handed_on(fence, target, workplace, options, content):
    place = workplace("onnx-gpu")
    run_on(target("tensorrt"), "worker", {}, place)
    run_on(target("tensorrt", options, content), "worker", {}, place)
    assert engines_of(fence) == [None, None]


def test_engines_of_another_gpu_are_not_handed_on(fence, target, workplace):
    run_on(target("tensorrt"), "worker", {}, workplace("onnx-gpu", gpus=(Gpu(name="T4", driver="580"),)))
    run_on(target("tensorrt"), "worker", {}, workplace("onnx-gpu", gpus=(Gpu(name="L4", driver="580"),)))
    assert engines_of(fence) == [None, None]
