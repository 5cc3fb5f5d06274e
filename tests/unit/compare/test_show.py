"""What a person at a terminal is shown of a comparison."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from onnx_convert.compare.result import Result
from onnx_convert.compare.show import show
from onnx_convert.report.model import Baseline, Comparison, Diagnostic, LatencyComparison, Report, Verdict
from tests.unit.report import sample


def latency(verdict: Verdict = "unchanged", **more: Any) -> LatencyComparison:
    spread = tuple(sample.latency(1.0, seed=3).quantiles)
    measured = {"base_ms": sample.latency(1.2), "head_ms": sample.latency(1.21, seed=2), "spread": spread}
    values = {"provider": "cpu", "verdict": verdict, "ratio": 1.01, "ci": (1.0, 1.02)}
    return LatencyComparison(**{**values, **measured, **more})


def result(
    name: str = "b.onnx", *found: LatencyComparison, diagnostics: tuple[Diagnostic, ...] = (), **more: Any
) -> Result:
    comparison = Comparison(
        baseline="a.onnx",
        size_ratio=1.1,
        nodes=(5, 6),
        operators={"Relu": (1, 2), "Gelu": (0, 1)},
        latency=found or (latency(),),
        **more,
    )
    row = sample.row(name, comparison=comparison, diagnostics=diagnostics)
    base = sample.artifact("a.onnx").model_copy(update={"path": "[/bold]a.onnx"})
    return Result(row, base, ("batch",))


def shown(*results: Result, width: int = 80, **more: Any) -> str:
    stream = io.StringIO()
    values = {"conclusion": "success", "baseline": Baseline(name="a.onnx", kind="file"), "diagnostics": (), **more}
    report: Report = sample.report(tuple(one.row for one in results)).model_copy(update=values)
    show(report, results, Console(file=stream, width=width, color_system=None))
    return stream.getvalue()


def test_two_files_stand_beside_each_other_with_what_differs() -> None:
    lines = [line.split() for line in shown(result()).splitlines()]
    assert ["base", "head"] in lines
    assert ["Relu", "1", "2"] in lines
    assert ["Gelu", "0", "1"] in lines
    assert ["cpu", "1.20", "ms", "1.21", "ms", "+1.0", "%", "[+0.0", "%,", "+2.0", "%]", "unchanged"] in lines


def test_the_picture_follows_the_table_and_the_verdict_is_last() -> None:
    lines = shown(result()).rstrip().splitlines()
    assert any("█" in line for line in lines)
    assert lines[-1].startswith("✓ unchanged in ")


def test_sizes_that_were_chosen_are_said_with_the_option_that_chooses_others() -> None:
    assert "--dim batch=SIZE for others" in " ".join(shown(result()).split())


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (("faster",), "✓ faster"),
        (("unchanged", "inconclusive"), "? inconclusive, unchanged"),
        (("identical",), "✓ identical"),
    ],
)
def test_the_verdict_is_the_worst_first_and_an_open_one_is_no_success(verdicts: tuple[Verdict, ...], said: str) -> None:
    found = [latency(verdict, provider=f"p{number}") for number, verdict in enumerate(verdicts)]
    assert shown(result("b.onnx", *found)).splitlines()[-1].startswith(f"{said} in ")


def test_a_failure_says_which_gates_broke_and_what_helps() -> None:
    slow = sample.diagnostic("OCA650", "cpu: 12% slower than a.onnx", hint="look at the graph")
    text = shown(result("b.onnx", latency("slower"), diagnostics=(slow,)), conclusion="failure")
    assert "error OCA650 cpu: 12% slower than a.onnx" in text
    assert "  help: look at the graph" in text
    assert text.splitlines()[-1].startswith("✗ slower beyond the limit in ")


def test_rows_of_folders_are_in_one_table_and_those_of_one_side_are_listed() -> None:
    new = Result(sample.row("fresh", comparison=Comparison(baseline="a", status="new"), diagnostics=()))
    folders = Baseline(name="a", kind="folder", deleted=("gone",))
    text = shown(result("iris"), result("tiny"), new, baseline=folders)
    assert text.count("Verdict") == 1
    assert "only in the head: fresh" in text
    assert "only in the base: gone" in text
    assert "iris: parity" in text


@pytest.mark.parametrize("width", [40, 80])
def test_no_name_begins_a_line_as_a_command_or_moves_the_cursor(width: int) -> None:
    hostile = f"[/bold][red]{sample.HOSTILE}"
    found = latency(provider=hostile, reason=hostile)
    bad = sample.diagnostic("OCA501", hostile, hint=hostile)
    text = shown(result(hostile, found, diagnostics=(bad,)), width=width, conclusion="failure")
    assert "\x1b" not in text
    assert "[/bold]" in text
    assert not any(line.lstrip().startswith(("::", "##[")) for line in text.splitlines())
