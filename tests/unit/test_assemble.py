from __future__ import annotations

from pathlib import Path

import pytest

from onnx_convert import assemble
from onnx_convert.plan import make_plan
from onnx_convert.report.model import ModelReport, Status
from onnx_convert.spec.load import load
from onnx_convert.stages.values import Finding

SPEC = """spec-version = 1

[models.net]
source = "net.onnx"
simplify = "onnxslim"
"""


def test_the_log_that_a_hint_names_is_the_rows_own(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").touch()
    (tmp_path / "onnx-convert.toml").write_text(SPEC)
    loaded = load(tmp_path / "onnx-convert.toml", root=tmp_path)
    (row,) = make_plan(loaded)
    found = assemble.place(loaded, row, Finding("OCA300", "the exporter raised"), "error")
    assert "models/net/log.txt" in found.hint


def test_a_cached_finding_points_at_its_key_in_todays_spec(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").touch()
    spec = tmp_path / "onnx-convert.toml"
    spec.write_text(SPEC)
    loaded = load(spec, root=tmp_path)
    (row,) = make_plan(loaded)
    found = assemble.place(loaded, row, Finding("OCA402", "undone", key="simplify"), "warning")
    assert (found.key, found.line) == ("simplify", 5)

    spec.write_text("# a comment that was added\n" + SPEC)
    cached = ModelReport(name="net", framework="onnx", opset=17, status="passed", diagnostics=(found,))
    (moved,) = assemble.replaced(load(spec, root=tmp_path), row, cached).diagnostics
    assert moved.line == 6


@pytest.mark.parametrize(("status", "so_far"), [("passed", "skipped"), ("failed", "failed"), ("error", "error")])
def test_a_row_that_is_not_measured_to_the_end_is_not_done_unless_it_failed(
    tmp_path: Path, status: Status, so_far: Status
) -> None:
    (tmp_path / "net.onnx").touch()
    (tmp_path / "onnx-convert.toml").write_text(SPEC)
    loaded = load(tmp_path / "onnx-convert.toml", root=tmp_path)
    (row,) = make_plan(loaded)
    found = assemble.unfinished(loaded, row, ModelReport(name="net", framework="onnx", opset=17, status=status))
    (said,) = found.diagnostics
    assert (found.status, said.code, said.severity) == (so_far, "OCA902", "error")
