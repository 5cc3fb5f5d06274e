"""Two models beside each other while they are measured."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from onnx_convert.report.model import LatencyComparison
from onnx_convert.report.versus import LiveComparison, latency_table
from onnx_convert.stages.results import Progress

from . import sample

SLOWER = LatencyComparison(
    provider="cpu",
    verdict="slower",
    ratio=1.05,
    ci=(1.04, 1.06),
    base_ms=sample.latency(1.2),
    head_ms=sample.latency(1.26),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def watched(environ: dict[str, str], stream: io.StringIO, name: str = "b.onnx") -> str:
    with LiveComparison(environ, stream=stream) as live:
        live.message("building")
        live.begin(name, "cpu", "latency")
        live.progress(name, "cpu", Progress(verdict="slower", ratio=1.1, epochs=3, seconds=2.5))
        if live._live:
            live._live.refresh()
        live.finish(name, SLOWER)
    return stream.getvalue()


def shown(table: object) -> str:
    console = Console(width=100, color_system=None)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


@pytest.mark.parametrize("environ", [{"CI": "true"}, {"GITHUB_ACTIONS": "true"}])
def test_in_a_job_each_stage_and_each_result_is_a_line(environ: dict[str, str]) -> None:
    assert watched(environ, Terminal()).splitlines() == [
        "building",
        "b.onnx: latency on cpu",
        "b.onnx: slower on cpu +5.0 % [+4.0 %, +6.0 %]",
    ]


def test_off_a_terminal_there_are_lines_too() -> None:
    assert watched({}, io.StringIO()).count("\n") == 3


def test_on_a_terminal_the_estimate_so_far_is_in_the_table() -> None:
    text = watched({"TERM": "xterm"}, Terminal())
    assert "+10.0 %" in text
    assert "latency: slower so far, 2.5 s" in text


def test_a_name_cannot_be_a_workflow_command() -> None:
    text = watched({"CI": "true"}, io.StringIO(), "::error::x\n::error::y")
    assert not any(line.startswith("::") for line in text.splitlines())


def test_what_is_expected_waits() -> None:
    stream = Terminal()
    with LiveComparison({"TERM": "xterm"}, stream=stream) as live:
        live.expect([("iris", "cpu"), ("tiny", "cpu")])
        live.begin("iris", "cpu", "parity")
        text = shown(live._table())
    assert text.count("waiting") == 1
    assert "parity" in text


def test_a_result_shows_medians_change_and_verdict() -> None:
    (line,) = shown(latency_table([("b.onnx", SLOWER)])).splitlines()[2:]
    assert line.split() == ["cpu", "1.20", "ms", "1.26", "ms", "+5.0", "%", "[+4.0", "%,", "+6.0", "%]", "slower"]


def test_rows_are_named_where_there_are_several() -> None:
    text = shown(latency_table([("iris", SLOWER), ("tiny", SLOWER)]))
    assert "iris" in text
    assert "tiny" in text


def test_what_has_no_number_has_its_reason() -> None:
    found = LatencyComparison(provider="cuda", verdict="inconclusive", reason="no device")
    assert "inconclusive: no device" in shown(latency_table([("b.onnx", found)]))
