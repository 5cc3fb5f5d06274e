"""A first spec names what is there, in order, and passes `check` as far as it is active."""

from __future__ import annotations

from pathlib import Path

import tomli

from onnx_convert.spec.check import problems
from onnx_convert.spec.draft import draft
from onnx_convert.spec.load import load
from tests.unit.frameworks.archives import state_dict, torchscript

NET = """\
import torch
from torch import nn

class Block(nn.Module): ...

class TinyNet(nn.Module):
    def __init__(self, classes, *, width, depth=2):
        self.block = Block()

class Helper: ...
"""


def repository(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def uncommented(spec: str) -> str:
    return "\n".join(
        line.removeprefix("# ") if line.startswith(("# [", "# source", "# inputs", "# args", "# trust")) else line
        for line in spec.split("\n")
    )


def test_models_that_need_nothing_more_are_active_and_pass_the_check(tmp_path: Path) -> None:
    root = repository(tmp_path, {"b/net.onnx": b"\x08", "a/net.onnx": b"\x08", "c/NET.onnx": b"\x08", "p.skops": b"PK"})
    path = root / "onnx-convert.toml"
    path.write_text(draft(root))
    spec = load(path)
    assert {name: table["source"] for name, table in spec.models.items()} == {
        "net": "a/net.onnx",
        "net-2": "b/net.onnx",
        "NET-3": "c/NET.onnx",
        "p": "p.skops",
    }
    assert problems(spec) == ()


def test_modules_that_nothing_uses_are_proposed_with_what_they_require(tmp_path: Path) -> None:
    spec = draft(repository(tmp_path, {"net.py": NET}))
    assert tomli.loads(spec).get("models") is None
    models = tomli.loads(uncommented(spec))["models"]
    assert list(models) == ["tiny-net"]
    assert models["tiny-net"]["source"] == "net.py:TinyNet"
    assert list(models["tiny-net"]["args"]) == ["classes", "width"]


def test_once_uncommented_what_was_proposed_passes_the_check(tmp_path: Path) -> None:
    root = repository(tmp_path, {"net.py": NET, "tree.joblib": b"\x80\x04."})
    torchscript(root / "script.pt")
    path = root / "onnx-convert.toml"
    path.write_text(uncommented(draft(root)))
    spec = load(path)
    assert list(spec.models) == ["tiny-net", "script", "tree"]
    assert problems(spec) == ()


def test_checkpoints_caches_and_pointers_are_no_models(tmp_path: Path) -> None:
    lfs = b"version https://git-lfs.github.com/spec/v1\n"
    hidden = {f"{name}/a.onnx": b"\x08" for name in (".git", ".venv", "node_modules", "onnx-convert-out")}
    root = repository(tmp_path, {**hidden, "l.onnx": lfs, "empty.onnx": b"", "broken.py": "import torch\nclass"})
    state_dict(root / "weights.pt")
    assert "a.onnx" not in draft(root)
    assert "No model was found" in draft(root)


def test_names_are_valid_whatever_the_files_are_called(tmp_path: Path) -> None:
    names = ["q\"uo'te.onnx", "con.onnx", "ümläut.onnx", "...onnx", "a b.onnx", "x\ny.onnx"]
    root = repository(tmp_path, dict.fromkeys(names, b"\x08"))
    path = root / "onnx-convert.toml"
    path.write_text(draft(root), "utf-8")
    models = load(path).models
    assert {table["source"] for table in models.values()} == {name for name in names if "\n" not in name}
