"""Whose a source is, by looking at it and running nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from onnx_convert.frameworks.pytorch.source import exporters, is_state_dict
from onnx_convert.frameworks.registry import FRAMEWORKS, recognise
from onnx_convert.spec.model import Model
from onnx_convert.spec.source import SourceRef
from tests.unit.frameworks.archives import archive, state_dict, torchscript, whole_module


def candidates(path: Path, symbol: str | None = None) -> dict[str, str]:
    return recognise(SourceRef(path, path.name, symbol)).candidates


@pytest.mark.parametrize(
    ("name", "framework"),
    [
        ("a.onnx", "onnx"),
        ("a.pt2", "pytorch"),
        ("a.pth", "pytorch"),
        ("a.joblib", "sklearn"),
        ("a.pkl", "sklearn"),
        ("a.skops", "sklearn"),
        ("a.keras", "tensorflow"),
        ("a.h5", "tensorflow"),
        ("a.pb", "tensorflow"),
        ("a.tflite", "tensorflow"),
        ("resnet-symbol.json", "mxnet"),
    ],
)
def test_a_file_is_recognised_by_its_ending(name: str, framework: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert list(candidates(tmp_path / name)) == [framework]


@pytest.mark.parametrize("name", ["a.txt", "a.json", "a", "a.safetensors"])
def test_other_files_are_nobodys(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert candidates(tmp_path / name) == {}


def test_a_saved_model_is_a_folder_with_its_graph(tmp_path: Path) -> None:
    assert candidates(tmp_path) == {}
    (tmp_path / "saved_model.pb").write_bytes(b"x")
    assert list(candidates(tmp_path)) == ["tensorflow"]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import torch", ["pytorch"]),
        ("from torch.nn import Module", ["pytorch"]),
        ("def f():\n    import torch", ["pytorch"]),
        ("try:\n    import xgboost\nexcept ImportError: ...", ["sklearn"]),
        ("import numpy as np\nfrom sklearn.tree import X", ["sklearn"]),
        ("import tensorflow as tf", ["tensorflow"]),
        ("import equinox", ["jax"]),
        ("import torch, sklearn", ["pytorch", "sklearn"]),
        ("from . import torch", []),
        ("x = 'import torch'", []),
        ("def", []),
    ],
)
def test_python_is_recognised_by_what_it_imports(code: str, found: list[str], tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(code)
    assert list(candidates(tmp_path / "m.py", "f")) == found


def test_what_runs_code_when_loaded_is_named(tmp_path: Path) -> None:
    executes = FRAMEWORKS["pytorch"].executes
    assert executes(whole_module(tmp_path / "whole.pt"), None) == "a pickled PyTorch module"
    assert executes(archive(tmp_path / "odd.pt", {"code/x": b""}), None) == "a pickled PyTorch module"
    assert executes(torchscript(tmp_path / "script.pt"), None) is None
    (tmp_path / "legacy.pt").write_bytes(b"\x80\x02.")
    assert executes(tmp_path / "legacy.pt", None) == "a pickled PyTorch module"
    assert FRAMEWORKS["sklearn"].executes(tmp_path / "a.joblib", None) == "a joblib pickle"
    assert FRAMEWORKS["sklearn"].executes(tmp_path / "a.skops", None) is None
    assert FRAMEWORKS["onnx"].executes(tmp_path / "a.onnx", None) is None


def test_weights_are_told_from_whole_modules_without_loading_them(tmp_path: Path) -> None:
    assert is_state_dict(state_dict(tmp_path / "weights.pt"))
    assert not is_state_dict(whole_module(tmp_path / "whole.pt"))
    assert not is_state_dict(torchscript(tmp_path / "script.pt"))
    assert not is_state_dict(archive(tmp_path / "broken.pt", {"data.pkl": b"\xff\xff"}))
    assert "torch" not in sys.modules


@pytest.mark.parametrize(
    ("model", "opset", "order"),
    [
        ({"source": "m.py:Net"}, 17, ("torchscript", "dynamo")),
        ({"source": "m.py:Net"}, 18, ("dynamo", "torchscript")),
        ({"source": "m.py:Net"}, 28, ("dynamo", "torchscript")),
        ({"source": "m.py:Net", "opset": "auto"}, 17, ("torchscript",)),
        ({"source": "m.py:Net", "exporter": "dynamo"}, 11, ("dynamo",)),
        ({"source": "m.pt2"}, 11, ("dynamo",)),
        ({"source": "m.pt"}, 18, ("torchscript",)),
        ({"source": "m.pt", "trust": True}, 18, ("dynamo", "torchscript")),
    ],
)
def test_the_exporter_that_writes_the_opset_itself_comes_first(
    model: dict[str, object], opset: int, order: tuple[str, ...]
) -> None:
    tried, reason = exporters(Model.model_validate(model), opset)
    assert tried == order
    assert reason


def test_a_framework_is_listed_under_its_name() -> None:
    assert list(FRAMEWORKS) == ["pytorch", "tensorflow", "sklearn", "jax", "mxnet", "onnx"]
    assert all(framework.name == name for name, framework in FRAMEWORKS.items())
