"""Diagnostics look like a compiler's, and carry nothing to the terminal but visible characters."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.report.model import Diagnostic
from onnx_convert.spec.problem import Problem
from onnx_convert.spec.render import cells, lines_of, render


def problem(line: int | None = 2, column: int | None = 1, length: int = 6, **more: str) -> Problem:
    message, hint = more.get("message", 'unknown key "optset"'), more.get("hint", "did you mean `opset`?")
    return Problem("OCA104", "error", message, hint, more.get("file", "onnx-convert.toml"), line, column, length)


def test_the_offending_text_is_underlined_with_its_remedy_below() -> None:
    assert render(problem(), lines_of("[models.m]\noptset = 17\n")) == (
        'error[OCA104]: unknown key "optset"\n'
        " --> onnx-convert.toml:2:1\n"
        "  |\n"
        "2 | optset = 17\n"
        "  | ^^^^^^\n"
        "  = help: did you mean `opset`?"
    )


def test_the_gutter_is_as_wide_as_the_line_number() -> None:
    shown = render(problem(line=100), lines_of("\n" * 99 + "optset = 17")).split("\n")
    assert [line.index(mark) for line, mark in zip(shown[1:], ("-->", "|", "|", "|", "="), strict=True)] == [
        3,
        4,
        4,
        4,
        4,
    ]


def test_without_a_place_only_the_file_is_named() -> None:
    shown = render(problem(line=None, column=None, hint=""), {})
    assert shown == 'error[OCA104]: unknown key "optset"\n--> onnx-convert.toml'


def test_a_diagnostic_of_the_report_is_shown_at_its_column() -> None:
    diagnostic = Diagnostic(code="OCA104", severity="warning", message="odd", file="a.toml", line=1, column=3)
    assert render(diagnostic, {1: "abcd"}).endswith("1 | abcd\n  |   ^")


@pytest.mark.parametrize(
    ("line", "column", "length", "text", "mark"),
    [
        ("\ta = 1", 2, 1, "    a = 1", "    ^"),
        ('"漢字" = 1', 1, 4, '"漢字" = 1', "^^^^^^"),
        ('"漢字" = 1', 8, 1, '"漢字" = 1', "         ^"),
        ("e\u0301 = 1", 6, 1, "e\u0301 = 1", "    ^"),
        ('a = "\x1b[2J"', 1, 1, 'a = "\\x1b[2J"', "^"),
        ("a = 1", 6, 1, "a = 1", "     ^"),
    ],
)
def test_the_mark_stands_under_the_text(line: str, column: int, length: int, text: str, mark: str) -> None:
    shown = render(problem(line=1, column=column, length=length), {1: line}).split("\n")
    assert shown[3:5] == [f"1 | {text}", f"  | {mark}"]


def test_a_long_line_is_cut_around_the_column() -> None:
    line = "a" * 500 + "HERE" + "b" * 500
    text, mark = render(problem(line=1, column=501, length=4), {1: line}).split("\n")[3:5]
    assert len(text) < 120
    assert text[mark.index("^") : mark.rindex("^") + 1] == "HERE"
    assert text.startswith("1 | ...")
    assert text.endswith("...")


def test_colour_is_only_added() -> None:
    lines = {2: "optset = 17"}
    coloured = render(problem(), lines, colour=True)
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(problem(), lines)


@given(st.text(max_size=300), st.text(max_size=50), st.integers(1, 320), st.integers(1, 320))
def test_nothing_invisible_reaches_the_terminal(line: str, message: str, column: int, length: int) -> None:
    line = line.replace("\n", "")
    shown = render(problem(1, column, length, message=message, hint=message, file=message or "f"), {1: line})
    assert not {unicodedata.category(c) for c in shown.replace("\n", "")} & {"Cc", "Cf", "Cs"}
    assert shown.count("\n") == 4 + bool(message)


@given(st.text("abc", max_size=20))
def test_plain_text_takes_one_cell_a_character(text: str) -> None:
    assert cells(text) == len(text)
