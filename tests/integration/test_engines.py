"""TensorRT's engines between jobs: through the real fence, by workers that are other users where that can be."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from onnx_convert.engines import Engines
from onnx_convert.environments import Environments
from onnx_convert.isolation import Fence, Outcome, hostile, users
from onnx_convert.plan import make_plan
from onnx_convert.report.model import Tensor
from onnx_convert.spec.load import load
from onnx_convert.stages.provider import Target, run_on
from onnx_convert.stages.results import CaseKey, CheckResult
from onnx_convert.stages.values import Devices, OnnxFile, Reference, Workplace

pytestmark = pytest.mark.integration

WORKER = Path(__file__).with_name("fence_workers") / "engines.py"
OWN_USER = users.available() is None and users.obstacle(WORKER) is None
SPEC = """spec-version = 1

[models.net]
framework = "onnx"
source = "net.onnx"
"""
IMAGE = Tensor(name="image", dtype="float32", shape=("batch", 3))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users can enter, which pytest's tmp_path is not."""
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-test-"))
    folder.chmod(0o755)
    (folder / "net.onnx").write_bytes(b"one")
    (folder / "onnx-convert.toml").write_text(SPEC)
    yield folder
    hostile.remove(folder)


@pytest.fixture
def build(folder: Path, environments: Environments) -> Iterator[Any]:
    """Run a job on TensorRT that builds an engine of a name, for a model of a content."""
    (row,) = make_plan(load(folder / "onnx-convert.toml", root=folder))
    facts = CheckResult(opsets={}, ir_version=8, nodes=1, operators={}, inputs=(IMAGE,), outputs=(), bytes=1)
    cases = tuple(CaseKey(dims={"batch": size}, sample=0) for size in (1, 4))
    reference = Reference(folder, cases, (IMAGE,), (), {}, None)
    environments.get("onnx-gpu")
    with Fence(folder / "work", environ=os.environ) as fence:
        place = Workplace(fence, environments, folder, folder, 1, Devices(engines=Engines(folder / "cache")))

        def run(name: str, content: bytes = b"one") -> dict[str, Any]:
            (folder / "net.onnx").write_bytes(content)
            target = Target(row, "tensorrt", (OnnxFile(folder / "net.onnx", (), facts),), reference)
            outcome = run_on(target, str(WORKER), {"build": name}, place)
            assert isinstance(outcome, Outcome)
            assert outcome.result is not None, (outcome.failure, outcome.log)
            return outcome.result

        yield run


def test_a_job_finds_what_the_models_earlier_jobs_built(build: Any) -> None:
    assert build("a")["found"] == {}
    assert build("b")["found"] == {"a.engine": "a"}
    assert build("c")["found"] == {"a.engine": "a", "b.engine": "b"}


def test_a_job_finds_nothing_of_another_model(build: Any) -> None:
    build("a")
    assert build("a", b"another")["found"] == {}


@pytest.mark.skipif(not OWN_USER, reason="only root can give a worker a user of its own")
def test_a_job_cannot_write_to_what_is_kept(build: Any) -> None:
    build("a")
    second = build("b")
    assert second["uid"] != os.getuid()
    assert not second["poisoned"]
    assert "poison.engine" not in build("c")["found"]


def test_a_job_is_told_the_range_of_shapes(build: Any) -> None:
    assert build("a")["profiles"]["trt_profile_max_shapes"] == "image:4x3"
