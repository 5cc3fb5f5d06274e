"""Workers run as the product runs them: behind the fence, in the locked environments, from a repository of models."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from onnx_convert.environments import Environments, default_root
from onnx_convert.isolation import Fence, Limits, Outcome

Convert = Callable[..., Outcome]


@pytest.fixture(scope="session")
def environments() -> Environments:
    return Environments(default_root(os.environ), environ=os.environ, say=print)


@pytest.fixture(scope="module")
def fence() -> Iterator[Fence]:
    # pytest's own temporary folders are closed to the other users that workers are.
    work = Path(tempfile.mkdtemp(prefix="onnx-convert-test-"))
    work.chmod(0o755)
    with Fence(work, environ=os.environ) as fence:
        yield fence
    shutil.rmtree(work)


@pytest.fixture(scope="module")
def repository() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-repository-"))
    shutil.copytree(Path(__file__).parent / "models", folder, dirs_exist_ok=True)
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def convert(fence: Fence, environments: Environments, repository: Path) -> Convert:
    """Run one export job of a framework on a source of the repository; keys beside it are the job's."""

    def run(framework: str, source: str, **job: Any) -> Outcome:
        path, _, symbol = source.partition(":")
        defaults = {"kind": "export", "repository": str(repository), "samples": 2, "seed": 0, "opset": 17}
        values = {**defaults, "source": {"path": str(repository / path), "symbol": symbol or None}, **job}
        module = f"onnx_convert.frameworks.{framework}.worker"
        return fence.run(environments.get(framework), module, values, Limits(seconds=300))

    return run


def assert_parity(outcome: Outcome, rtol: float = 1e-3, atol: float = 1e-5) -> ort.InferenceSession:
    """Every case's reference outputs are what ONNX Runtime gives, in shape, dtype kind and value."""
    assert outcome.failure is None, (outcome.failure, outcome.log[-2000:])
    assert outcome.result is not None
    out = outcome.folder / "out"
    session = ort.InferenceSession(str(out / "model.onnx"), providers=["CPUExecutionProvider"])
    assert [i.name for i in session.get_inputs()] == [i["name"] for i in outcome.result["inputs"]]
    assert [o.name for o in session.get_outputs()] == [o["name"] for o in outcome.result["outputs"]]
    for number in range(len(outcome.result["cases"])):
        folder = out / "cases" / f"{number:04d}"
        feeds = {i.name: _feed(np.load(folder / f"in{k}.npy")) for k, i in enumerate(session.get_inputs())}
        for k, actual in enumerate(session.run(None, feeds)):
            expected = np.load(folder / f"out{k}.npy")
            assert actual.shape == expected.shape
            if expected.dtype.kind == "f":
                np.testing.assert_allclose(actual, expected, rtol, atol)
            else:
                np.testing.assert_array_equal(actual.astype(expected.dtype), expected)
    return session


def _feed(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return array.astype(object) if array.dtype.kind == "U" else array


@pytest.fixture(scope="session")
def parity() -> Callable[..., ort.InferenceSession]:
    return assert_parity
