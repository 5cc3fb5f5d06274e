from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.github.annotations import MESSAGE_LIMIT, TITLE_LIMIT, Annotation, annotations_of
from tests.unit.report import sample
from tests.unit.report.rendered import hostile_text


def annotated(**more: Any) -> Annotation:
    found = sample.diagnostic(**({"message": "it differs", "hint": "look"} | more))
    (one,) = annotations_of(sample.report((sample.row(diagnostics=(found,)),)))
    return one


def test_a_finding_is_on_its_line_with_message_and_remedy() -> None:
    one = annotated(file="models/onnx-convert.toml", line=12, severity="warning")
    assert (one.path, one.start_line, one.end_line) == ("models/onnx-convert.toml", 12, 12)
    assert one.annotation_level == "warning"
    assert one.message == "tiny-cnn: it differs\nlook"
    assert one.title.startswith("OCA501 ")


def test_a_finding_without_a_place_is_on_the_first_line_of_the_spec() -> None:
    one = annotated(line=9)
    assert (one.path, one.start_line) == (sample.report().spec, 1)


@pytest.mark.parametrize("file", ["/etc/passwd", "../x.toml", "a/../../x", "", "a\nb", "\U0001f4a5.toml"])
def test_a_place_outside_the_repository_is_told_in_words(file: str) -> None:
    one = annotated(file=file, line=3)
    assert (one.path, one.start_line) == (sample.report().spec, 1)
    assert one.message.startswith("tiny-cnn: ")


def test_the_worst_come_first_and_each_but_once() -> None:
    note, error = sample.diagnostic(message="n", severity="note"), sample.diagnostic(message="e")
    rows = (sample.row("a", diagnostics=(note, error, error)), sample.row("b", diagnostics=(error,)))
    found = annotations_of(sample.report(rows, diagnostics=(note,)))
    assert [one.message.split("\n")[0] for one in found] == ["a: e", "b: e", "n", "a: n"]


@given(hostile_text, hostile_text, hostile_text | st.none(), st.integers(-(2**63), 2**63 - 1) | st.none())
def test_whatever_a_finding_says_github_takes_it(message: str, hint: str, file: str | None, line: int | None) -> None:
    one = annotated(message=message * 50, hint=hint, file=file, line=line)
    path = PurePosixPath(one.path)
    assert not path.is_absolute()
    assert ".." not in path.parts
    assert one.start_line == one.end_line >= 1
    assert 0 < len(one.title) <= TITLE_LIMIT
    assert 0 < len(one.message) <= MESSAGE_LIMIT
    text = json.dumps(asdict(one), ensure_ascii=False)
    assert max(text) <= "\uffff"
    assert len(one.message.encode()) < 64_000
