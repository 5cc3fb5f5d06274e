"""Packages that do not work together, in front of those of real environments."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from uv import find_uv_bin

from onnx_convert.environments import Environments
from onnx_convert.isolation import Fence, Limits
from tests.integration.in_front import in_front

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def old_protobuf(environments: Environments, repository: Path) -> Path:
    """A folder with a protobuf that is older than onnx takes."""
    folder = repository / "layer"
    python = environments.get("onnx").python
    command = [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--python", python, "--target", folder]
    subprocess.run([*command, "protobuf==3.20.3"], check=True)
    return folder


@pytest.mark.parametrize("name", ["onnx", "sklearn", "mxnet"])
def test_packages_that_do_not_work_together_are_named_with_their_versions(
    fence: Fence, environments: Environments, repository: Path, old_protobuf: Path, name: str
) -> None:
    clashing = in_front(environments.get(name), old_protobuf, repository / f"clashing-{name}")
    outcome = fence.run(
        clashing,
        "onnx_convert.workers.artifact.check",
        {"repository": str(repository)},
        Limits(60),
    )
    assert outcome.failure is not None
    assert outcome.failure.code == "OCA270", outcome.failure
    assert "onnx 1." in outcome.failure.message
    assert "and protobuf 3.20.3 do not work together" in outcome.failure.message
