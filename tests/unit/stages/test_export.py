"""Which opsets `auto` tries, from what attempts tell."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import onnx
import onnxruntime as ort
import pytest

from onnx_convert.environments import locks
from onnx_convert.isolation import Failure, Outcome
from onnx_convert.plan import make_plan
from onnx_convert.spec.load import load
from onnx_convert.stages.export import AUTO_OPSETS, export
from onnx_convert.stages.values import Failed, Workplace

SPEC = """spec-version = 1

[models.net]
framework = "sklearn"
source = "net.py:net"
inputs.x = { shape = ["batch", 4] }
opset = "auto"
"""


def runtime_loads(opset: int) -> bool:
    ort.set_default_logger_severity(4)
    values = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "xy"]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Relu", ["x"], ["y"])], "g", values[:1], values[1:])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)], ir_version=10)
    try:
        ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    except Exception:  # all that ONNX Runtime raises
        return False
    return True


def test_auto_ends_with_the_newest_opset_that_the_locked_runtime_loads() -> None:
    (locked,) = [each.version for each in locks.parse(locks.lock_of("onnx")) if each.name == "onnxruntime"]
    assert version("onnxruntime") == locked
    assert runtime_loads(AUTO_OPSETS[-1])
    assert not runtime_loads(AUTO_OPSETS.stop)


class Lacking:
    """A fence in which every export fails, below `known` for the lack of an operator, which it says if `told`."""

    def __init__(self, known: int, *, told: bool) -> None:
        self.asked: list[int] = []
        self._known, self._told = known, told

    def run(self, _environment: object, _module: str, job: Any, _limits: object) -> Outcome:
        self.asked.append(job["opset"])
        lacks = Failure("OCA301", "no operator", opset=self._known if self._told else None)
        failure = lacks if job["opset"] < self._known else replace(lacks, code="OCA300", opset=None)
        return Outcome(Path("/nowhere"), None, failure, (), "export", (), 0.0, 0, "")


class Ready:
    """Environments that are there."""

    def get(self, *_: object) -> None:
        return None


@pytest.mark.parametrize(("told", "asked"), [(True, [11, *range(16, AUTO_OPSETS.stop)]), (False, list(AUTO_OPSETS))])
def test_auto_goes_on_at_the_opset_that_has_the_operator(tmp_path: Path, *, told: bool, asked: list[int]) -> None:
    (tmp_path / "net.py").write_text("def net(): ...\n")
    (tmp_path / "onnx-convert.toml").write_text(SPEC)
    (row,) = make_plan(load(tmp_path / "onnx-convert.toml", root=tmp_path))
    fence = Lacking(known=16, told=told)
    workplace = Workplace(fence, cast(Any, Ready()), tmp_path, tmp_path, 1)
    made, findings = export(row, workplace, tmp_path)
    assert isinstance(made, Failed)
    assert [one.code for one in findings] == ["OCA301"]
    assert fence.asked == asked
