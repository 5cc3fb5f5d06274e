from __future__ import annotations

import io
from collections.abc import Mapping
from threading import Thread

from onnx_convert.report.live import LiveRun

from . import compared, sample


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Half a second passes at every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.5
        return self.now


def printed(environ: Mapping[str, str], stream: io.StringIO | None = None, hostile: str = "") -> str:
    stream = stream or io.StringIO()
    with LiveRun(environ, stream=stream, clock=Clock()) as live:
        live.message(f"building the environment {hostile}")
        live.update("iris", "export")
        live.update("iris", "export", "again")
        live.update("iris", "parity", hostile)
        live.finish("iris", sample.failing_parity("iris"))
    return stream.getvalue()


def test_off_a_terminal_every_change_of_stage_is_a_line() -> None:
    lines = printed({"CI": "true"}).rstrip().split("\n")
    assert [line.partition("] ")[2] for line in lines] == [
        "building the environment", "iris: export", "iris: parity", "✗ iris: failed (11 s)",
    ]  # fmt: skip


def test_there_are_no_folds_outside_github_actions() -> None:
    assert "::" not in printed({"CI": "true"})


def test_in_github_actions_a_finished_model_is_a_fold_with_what_was_found() -> None:
    text = printed({"CI": "true", "GITHUB_ACTIONS": "true"})
    fold = text[text.index("::group::✗ iris: failed") :]
    assert fold.rstrip().endswith("::endgroup::")
    for expected in (
        "export: ",
        "parity failed, worst: mask on cpu",
        "latency on cpu: 1.23 ms",
        "error OCA501",
        "help: set",
    ):
        assert expected in fold


def test_a_fold_says_why_a_model_was_done_again() -> None:
    stream = io.StringIO()
    live = LiveRun({"GITHUB_ACTIONS": "true"}, stream=stream)
    live.finish("iris", sample.row("iris").model_copy(update={"not_cached": ("models/shared.py changed",)}))
    assert "\ndone again: models/shared.py changed\n" in stream.getvalue()


def test_nothing_from_a_model_is_a_workflow_command() -> None:
    text = printed({"GITHUB_ACTIONS": "true"}, hostile="x\n::error::y\r::add-mask::z ##[group]w \x1b[2J")
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert [line.split("::")[1] for line in commands] == ["group", "endgroup"]
    assert "##[" not in text
    assert "\x1b" not in text


def test_a_hostile_row_makes_one_fold_of_plain_lines() -> None:
    stream = io.StringIO()
    live = LiveRun({"GITHUB_ACTIONS": "true"}, stream=stream)
    live.finish(sample.HOSTILE, sample.hostile().models[0])
    commands = [line for line in stream.getvalue().splitlines() if line.lstrip().startswith("::")]
    assert len(commands) == 2


def test_a_terminal_under_ci_is_not_live() -> None:
    assert "\x1b" not in printed({"CI": "1"}, Terminal())


def test_on_a_terminal_finished_models_stay_and_hostile_text_controls_nothing() -> None:
    text = printed({"TERM": "xterm"}, Terminal(), hostile="\x1b]0;title\x07")
    assert "✗ iris: failed (11 s)" in text
    assert "\x1b]0;" not in text


def test_threads_report_side_by_side_and_no_line_is_torn() -> None:
    stream = io.StringIO()
    live = LiveRun({"CI": "1"}, stream=stream)

    def work(name: str) -> None:
        for i in range(50):
            live.update(name, f"stage{i}")
        live.finish(name, sample.row(name))

    threads = [Thread(target=work, args=(f"model-{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = stream.getvalue().rstrip().split("\n")
    assert len(lines) == 8 * 51
    assert all(line.startswith("[") and line.count("model-") == 1 for line in lines)


def finished(environ: Mapping[str, str]) -> str:
    stream = io.StringIO()
    live = LiveRun(environ, stream=stream, clock=Clock())
    for row in compared.report().models:
        live.finish(row.name, row)
    return stream.getvalue().replace("\N{MINUS SIGN}", "-")


def test_a_finished_model_says_in_its_line_what_changed_against_the_base() -> None:
    lines = [line.partition("] ")[2] for line in finished({"CI": "true"}).rstrip().split("\n")]
    assert lines == [
        "✓ embedder: passed (11 s), identical",
        "✓ encoder: passed (11 s)",
        "✓ mixer: passed (11 s), cpu slower +2.1 ± 0.6 %",
        "✓ detector: passed (11 s), cpu faster -13.9 ± 0.5 %",
        "✗ tiny-cnn: failed (11 s), cpu slower +8.2 ± 0.6 %",
        "✓ classifier: passed (11 s), identical",
        "✓ iris: passed (11 s), new",
        "✓ tagger: passed (11 s), not compared",
    ]


def test_a_fold_says_what_differs_from_the_base() -> None:
    text = finished({"GITHUB_ACTIONS": "true"})
    for expected in (
        "against a1b2c3d: operators Conv 2 → 3, Cast 0 → 1",
        "against a1b2c3d: latency on cpu slower +8.2 % [+7.6 %, +8.8 %]",
        "against a1b2c3d: latency on openvino inconclusive +1.1 % [-3.6 %, +5.8 %] only ±7.0 % or more would show",
        "against a1b2c3d (old-classifier): identical",
        "against a1b2c3d: not compared: its conversion at a1b2c3d failed: OCA301 no exporter",
    ):
        assert expected in text
