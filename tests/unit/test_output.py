"""The output folder: a cached row's files appear all of them or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from onnx_convert.output import OutputFolder
from onnx_convert.plan import Row, make_plan
from onnx_convert.spec.load import load


@pytest.fixture
def row(tmp_path: Path) -> Row:
    (tmp_path / "net.onnx").touch()
    spec = tmp_path / "onnx-convert.toml"
    spec.write_text('spec-version = 1\n[models.net]\nsource = "net.onnx"\n')
    (row,) = make_plan(load(spec, root=tmp_path))
    return row


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    kept = tmp_path / "kept"
    (kept / "providers").mkdir(parents=True)
    (kept / "net.onnx").write_bytes(b"a model")
    (kept / "providers" / "cpu.json").write_text("{}")
    return kept


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_cached_row_takes_the_place_of_what_an_earlier_run_left(tmp_path: Path, row: Row, kept: Path) -> None:
    output = OutputFolder(tmp_path / "out")
    (output.models / "net").mkdir()
    (output.models / "net" / "trace.txt").touch()
    output.restore(row, kept)
    assert names(output.root) == {"models/net/net.onnx", "models/net/providers/cpu.json"}
    assert sorted(path.name for path in output.root.iterdir()) == ["models"]


def test_files_that_cannot_all_be_copied_leave_what_was_there(tmp_path: Path, row: Row, kept: Path) -> None:
    output = OutputFolder(tmp_path / "out")
    output.restore(row, kept)
    (kept / "gone").symlink_to("nowhere")
    (kept / "net.onnx").write_bytes(b"another")
    with pytest.raises(OSError, match="gone"):
        output.restore(row, kept)
    assert (output.models / "net" / "net.onnx").read_bytes() == b"a model"
    assert sorted(path.name for path in output.root.iterdir()) == ["models"]


def test_what_a_killed_run_was_copying_goes_when_the_next_begins(tmp_path: Path) -> None:
    output = OutputFolder(tmp_path / "out")
    (output.root / ".restoring" / "net").mkdir(parents=True)
    output.begin()
    assert sorted(path.name for path in output.root.iterdir()) == ["models"]
