"""Rows of two output folders, matched by name, their artifacts by digest."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from onnx_convert.compare.files import CallError
from onnx_convert.compare.folders import match
from onnx_convert.report.model import Artifact
from onnx_convert.report.write import write_json
from tests.unit.report import sample


def output(folder: Path, **rows: bytes | None) -> Path:
    """An output folder with these rows and their models; None where a conversion failed."""
    models = []
    for name, content in rows.items():
        path = folder / "models" / name / f"{name}.onnx"
        path.parent.mkdir(parents=True)
        if content is None:
            models.append(sample.row(name, artifact=None, status="error"))
            continue
        path.write_bytes(content)
        relative = str(path.relative_to(folder))
        sha256 = hashlib.sha256(content).hexdigest()
        artifact = Artifact(path=relative, bytes=len(content), sha256=sha256, opsets={}, ir_version=8, nodes=1)
        models.append(sample.row(name, artifact=artifact))
    write_json(sample.report(tuple(models)), folder)
    return folder


def test_rows_are_matched_by_name_in_the_heads_order(tmp_path: Path) -> None:
    base = output(tmp_path / "a", old=b"1", one=b"2", two=b"3")
    head = output(tmp_path / "b", two=b"4", new=b"5", one=b"2")
    found = match(base, head)
    assert [(one.name, one.base, one.head) for one in found.both] == [
        (name, base / f"models/{name}/{name}.onnx", head / f"models/{name}/{name}.onnx") for name in ("two", "one")
    ]
    assert [row.name for row in found.new] == ["new"]
    assert found.deleted == ("old",)


def test_a_file_that_is_not_the_one_its_report_tells_of_is_not_used(tmp_path: Path) -> None:
    base, head = output(tmp_path / "a", one=b"1"), output(tmp_path / "b", one=b"2")
    (head / "models/one/one.onnx").write_bytes(b"3")
    (one,) = match(base, head).both
    assert one.base == base / "models/one/one.onnx"
    assert one.head == "models/one/one.onnx is not the file that its report tells of"


def test_a_row_without_an_artifact_says_so(tmp_path: Path) -> None:
    (one,) = match(output(tmp_path / "a", one=None), output(tmp_path / "b", one=b"2")).both
    assert one.base == "one has no artifact there"


@pytest.mark.parametrize("content", [None, "{}", "[" * 10_000, "\0"])
def test_a_folder_without_a_report_is_a_wrong_call(tmp_path: Path, content: str | None) -> None:
    base = output(tmp_path / "a", one=b"1")
    (tmp_path / "b").mkdir()
    if content is not None:
        (tmp_path / "b" / "report.json").write_text(content)
    with pytest.raises(CallError) as wrong:
        match(base, tmp_path / "b")
    assert wrong.value.finding.code == "OCA660"
    assert wrong.value.finding.message.startswith(f"{tmp_path / 'b'} is no output folder: ")
