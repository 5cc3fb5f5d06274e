"""How long a model is expected to take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from onnx_convert.plan import make_plan
from onnx_convert.report.write import write_json
from onnx_convert.scale.durations import Durations, estimate, reports_in, seconds_of
from tests.unit.report.sample import report, row
from tests.unit.scale.sample import on_gpu, providers, shard, spec

if TYPE_CHECKING:
    from pathlib import Path


def test_a_row_takes_what_it_took() -> None:
    known = Durations.of([report((row("a", seconds=12.5),))])
    assert known.on("cpu")["a"] == 12.5


def test_a_later_report_is_believed_before_an_earlier_one_in_any_order() -> None:
    old = report((row("a", seconds=10.0), row("b", seconds=7.0)), started="2026-11-01T00:00:00+00:00")
    new = report((row("a", seconds=20.0),), started="2026-11-02T00:00:00+00:00")
    for reports in ([old, new], [new, old]):
        assert Durations.of(reports).on("cpu") == {"a": 20.0, "b": 7.0}


def test_a_cached_row_has_its_first_duration_and_a_report_is_believed_before_the_cache() -> None:
    kept = [row("a", seconds=30.0), row("b", seconds=40.0)]
    known = Durations.of([report((row("a", seconds=10.0, cached=True),))], kept)
    assert known.on("cpu") == {"a": 10.0, "b": 40.0}


@pytest.mark.parametrize("status", ["skipped", "error"])
def test_a_row_that_was_not_done_to_its_end_says_nothing(status: str) -> None:
    assert Durations.of([report((row("a", status=status, seconds=0.1),))]).on("cpu") == {}


def test_what_a_gpu_leg_took_is_for_gpu_legs_and_elsewhere_only_where_nothing_else_is_known() -> None:
    cpu = shard(1, 2, ("b",), rows=(row("b", seconds=50.0),), providers=("cpu",))
    gpu = shard(2, 2, ("b", "c"), rows=(on_gpu("b", seconds=5.0), on_gpu("c", seconds=6.0)), providers=("tensorrt",))
    known = Durations.of([cpu, gpu])
    assert known.on("cpu") == {"b": 50.0, "c": 6.0}
    assert known.on("gpu") == {"b": 5.0, "c": 6.0}


def test_an_unknown_row_takes_what_is_usual_for_its_model_then_its_framework_then_all(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import torch\n\n\ndef build():\n    return torch.nn.Linear(4, 3)\n")
    onnx = dict.fromkeys(("a", "b", "c"), "") | {"d": "opset = [15, 17]\nframework = 'onnx'"}
    rows = make_plan(spec(tmp_path, onnx))
    torch = make_plan(spec(tmp_path, {"t": "framework = 'pytorch'"}))
    known = {"a": 10.0, "b": 30.0, "d+opset15": 100.0}
    expected = seconds_of([*rows, *torch], known)
    assert expected["d+opset17"] == 100.0
    assert expected["c"] == 30.0  # the median of 10, 30 and 100
    assert expected["t"] == 30.0


def test_where_nothing_is_known_the_declared_measuring_time_and_the_files_decide(tmp_path: Path) -> None:
    short, long = (
        'benchmark = { seconds = 1, providers = ["cpu"] }',
        'benchmark = { seconds = 60, providers = ["cpu"] }',
    )
    rows = make_plan(spec(tmp_path, {"a": short, "b": long, "c": "benchmark = false", "d": providers("cpu", "cuda")}))
    a, b, c, d = map(estimate, rows)
    assert c < a < d < b
    assert b - a == pytest.approx(2 * 59)  # on the CPU and natively
    (tmp_path / "net.onnx").write_bytes(bytes(20_000_000))
    assert estimate(rows[0]) > a


def test_reports_are_found_in_files_output_folders_and_folders_of_those(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_json(report((row(name),)), tmp_path / name)
    single = tmp_path / "one" / "report.json"
    found = list(reports_in([tmp_path, single, tmp_path / "one", tmp_path / "nowhere"]))
    names = [one if isinstance(one, str) else one.models[0].name for one in found]
    assert names[:4] == ["one", "two", "one", "one"]
    assert "nowhere" in names[4]


def test_a_file_that_is_no_report_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("{}")
    write_json(report((row("one"),)), tmp_path / "sub")
    first, second = reports_in([tmp_path])
    assert isinstance(first, str)
    assert "is not a report" in first
    assert not isinstance(second, str)
