"""What has to lie beside an ONNX file, as its worker reads it."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, parser

from onnx_convert.workers.artifact.outline import main
from onnx_convert.workers.protocol import Job, WorkerError

TEXT = '<ir_version: 8, opset_import: ["": 17]> g (float[n] x) => (float[n] y) { y = Add(x, w) }'


def outline(path: Path) -> dict[str, list[str]]:
    return main(Job(path.parent, {"model": str(path)}))


def write(path: Path, *locations: str) -> Path:
    model = parser.parse_model(TEXT)
    for number, location in enumerate(locations):
        tensor = TensorProto(name=f"w{number or ''}", data_type=TensorProto.FLOAT, dims=[1])
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)
        model.graph.initializer.append(tensor)
    path.write_bytes(model.SerializeToString())
    return path


def test_a_file_that_holds_its_weights_needs_nothing_beside_it(tmp_path: Path) -> None:
    assert outline(write(tmp_path / "a.onnx")) == {"external": []}


def test_names_of_weights_are_told_once_and_as_they_are_written(tmp_path: Path) -> None:
    found = outline(write(tmp_path / "a.onnx", "b.data", "../etc/passwd", "b.data"))
    assert found == {"external": ["../etc/passwd", "b.data"]}


@pytest.mark.parametrize("data", [b"", b"not a model", parser.parse_model(TEXT).SerializeToString()[:-7]])
def test_what_is_no_model_is_said(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.onnx").write_bytes(data)
    with pytest.raises(WorkerError) as refused:
        outline(tmp_path / "a.onnx")
    assert refused.value.code == "OCA351"


@pytest.mark.parametrize("name", [b"Add", b"x"])
def test_a_name_that_is_no_utf_8_makes_it_no_model(tmp_path: Path, name: bytes) -> None:
    data = parser.parse_model(TEXT).SerializeToString()
    (tmp_path / "a.onnx").write_bytes(data.replace(name, b"\xff" + name[1:]))
    with pytest.raises(WorkerError, match="not UTF-8") as refused:
        outline(tmp_path / "a.onnx")
    assert refused.value.code == "OCA351"


def test_the_weights_themselves_need_not_be_there(tmp_path: Path) -> None:
    path = write(tmp_path / "a.onnx", "gone.data")
    with pytest.raises(onnx.checker.ValidationError):
        onnx.checker.check_model(str(path))
    assert outline(path) == {"external": ["gone.data"]}
