from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.report.gfm import cell, chart_label, code, html_code, marker, prose
from onnx_convert.report.text import visible

from .rendered import Structure, hostile_text


@given(hostile_text)
def test_code_is_one_code_span_with_nothing_around_it(text: str) -> None:
    seen = Structure(f"before {code(text)} after")
    assert seen.tags == ["p []", "/p"]
    assert "".join(seen.prose).strip() == "before  after"


@given(hostile_text)
def test_prose_is_a_paragraph_without_references_whatever_it_says(text: str) -> None:
    seen = Structure(f"before {prose(text)} after")
    assert seen.tags == ["p []", "/p"]
    assert seen.references() == []


@given(st.lists(hostile_text, min_size=1, max_size=5))
def test_cells_make_a_row_of_as_many_cells(texts: list[str]) -> None:
    head = "|" + "a|" * (2 * len(texts))
    row = "| " + " | ".join(cell(form(text)) for text in texts for form in (code, prose)) + " |"
    seen = Structure(f"{head}\n{head.replace('a', '-')}\n{row}\n")
    assert seen.tags.count("td []") == 2 * len(texts)
    assert seen.tags.count("tr []") == 2
    assert seen.references() == []


@given(hostile_text)
def test_code_in_our_own_html_adds_no_element(text: str) -> None:
    seen = Structure(f"<details><summary>{html_code(text)}</summary>\n\n</details>\n")
    assert seen.tags == ["details []", "summary []", "/summary", "/details"]


@given(hostile_text)
def test_no_hidden_comment_can_be_planted(text: str) -> None:
    assert "<!--" not in code(text) + prose(text) + html_code(text)
    assert "-->" not in code(text) + prose(text) + html_code(text)


@given(hostile_text)
def test_chart_labels_are_letters_digits_and_a_few_signs(text: str) -> None:
    assert set(chart_label(text)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._+-")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the model has 3 layers in training mode", "the model has 3 layers in training mode"),
        ("layer `bn1` is in training mode", "layer `bn1` is in training mode"),
        ("see models/cnn.py:12.", "see `models/cnn.py:12`."),
        ("ping @octocat about org/repo#3", "ping `@octocat` about `org/repo#3`"),
        ("commit deadbeef is bad", "commit `deadbeef` is bad"),
        ("a * b * c", "a `*` b `*` c"),
        ("max abs 3.1e-06, shape (4, 10)", "max abs 3.1e-06, shape (4, 10)"),
        ("a<b>c</b> <i>", "`a<b>c</b> <i>`"),
        ("", ""),
    ],
)
def test_plain_words_stay_prose_and_the_rest_becomes_code(text: str, expected: str) -> None:
    assert prose(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", "`x`"),
        ("a`b", "``a`b``"),
        ("`a`", "`` `a` ``"),
        ("", "` `"),
        ("a\nb", "`a b`"),
        ("<!-- x", "`<!\u2010\u2010 x`"),
    ],
)
def test_a_code_span_is_fenced_by_more_backticks_than_it_holds(text: str, expected: str) -> None:
    assert code(text) == expected


@given(st.text(alphabet="ab|`\\ ", max_size=30))
def test_what_a_code_span_shows_is_the_text(text: str) -> None:
    class Shown(Structure):
        shown = ""

        def handle_data(self, data: str) -> None:
            if "code" in self._inside:
                self.shown += data

    assert Shown(f"before {code(text)} after").shown == (visible(text) or " ")


@given(st.text())
def test_a_marker_is_one_comment_whatever_the_check_is_called(name: str) -> None:
    seen = Structure(f"text\n\n{marker(name)}\n")
    assert len(seen.comments) == 1
    assert seen.tags == ["p []", "/p"]


def test_markers_differ_by_check_name() -> None:
    assert marker() == "<!-- onnx-convert-action -->"
    assert marker("gpu -- nightly") == "<!-- onnx-convert-action: gpu %2D%2D nightly -->"
