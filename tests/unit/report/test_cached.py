"""The table that says why models were done again."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from onnx_convert.report.cached import show_cache
from onnx_convert.report.model import ModelReport

from .sample import report, row


def shown(*rows: ModelReport, looked: bool = True) -> list[list[str]]:
    stream = io.StringIO()
    show_cache(report(rows), looked=looked, console=Console(file=stream, width=120))
    return [line.rstrip().split(maxsplit=1) for line in stream.getvalue().splitlines()[2:] if line.strip()]


def test_each_model_has_a_line_with_what_was_done_and_why() -> None:
    changed = row("wine").model_copy(update={"not_cached": ("models/shared.py changed",)})
    assert shown(row("iris", cached=True), changed) == [
        ["iris", "used        nothing changed that it depends on"],
        ["wine", "done again  models/shared.py changed"],
    ]


def test_several_reasons_have_a_line_each_and_more_than_six_are_counted() -> None:
    changed = row("wine").model_copy(update={"not_cached": tuple(f"file-{number} changed" for number in range(9))})
    lines = shown(changed)
    assert len(lines) == 7
    assert lines[-1] == ["and", "3 more"]


def test_without_a_cache_that_is_the_reason() -> None:
    assert shown(row("wine"), looked=False) == [["wine", "done again  --no-cache"]]


@pytest.mark.parametrize("name", ["::error::all is lost", "\x1b[2J", "two\nlines", "[red]markup[/red]"])
def test_a_file_that_a_model_named_can_do_nothing(name: str) -> None:
    stream = io.StringIO()
    rows = (row("wine").model_copy(update={"not_cached": (f"{name} changed",)}),)
    show_cache(report(rows), looked=True, console=Console(file=stream, width=24))
    text = stream.getvalue()
    assert "\x1b" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
