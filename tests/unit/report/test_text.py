from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.report.text import one_line, shorten, visible, visible_lines

HOSTILE = st.text(st.characters(codec=None))


@given(HOSTILE)
def test_a_visible_line_has_only_characters_that_can_be_seen_and_encoded(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert not {unicodedata.category(one) for one in shown} & {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


@given(HOSTILE)
def test_visible_lines_keep_their_number(text: str) -> None:
    assert len(visible_lines(text).split("\n")) == max(1, len(text.splitlines()))


@given(HOSTILE, st.integers(min_value=8, max_value=60))
def test_one_line_keeps_to_its_limit(text: str, limit: int) -> None:
    assert len(one_line(text, limit)) <= limit


def test_escapes_say_which_character_it_was() -> None:
    assert visible("a\x1b[31m\u202e\U000e0041\ud800") == r"a\x1b[31m\u202e\U000e0041\ud800"


def test_text_is_shortened_in_the_middle() -> None:
    assert shorten("a" * 50 + "b" * 50, 20) == "a" * 11 + " … " + "b" * 6


def test_text_that_fits_is_left_alone() -> None:
    assert shorten("grüße", 5) == "grüße"
