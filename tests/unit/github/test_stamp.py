from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.github.context import Context, Pull, Trigger
from onnx_convert.github.stamp import Stamp, read_stamp, shown, stamp_of, text_of
from onnx_convert.report.gfm import marker
from onnx_convert.report.markdown import comment
from tests.unit.report import sample
from tests.unit.report.rendered import Structure, hostile_text

HEAD = "0123456789abcdef" * 2 + "01234567"
STAMP = Stamp("0a" * 16, run=42, attempt=3, head=HEAD)
BODY = f"### All is well\n\n{marker('gpu', str(STAMP))}\n"

names = st.text(max_size=80)
stamps = st.builds(
    Stamp,
    st.text("0123456789abcdef", min_size=32, max_size=32),
    st.integers(0, 10**18 - 1),
    st.integers(0, 10**6 - 1),
    st.sampled_from(["", HEAD, HEAD + HEAD[:24]]),
)


@given(names, stamps)
def test_a_stamp_is_read_as_it_was_written(name: str, stamp: Stamp) -> None:
    body = f"text\n\n{marker(name, str(stamp))}\n"
    assert read_stamp(body, name) == stamp
    assert Structure(body).tags == ["p []", "/p"]
    assert len(Structure(body).comments) == 1


@given(names, names, stamps)
def test_a_comment_of_another_check_name_is_not_ours(name: str, other: str, stamp: Stamp) -> None:
    assert (read_stamp(f"text\n\n{marker(name, str(stamp))}", other) is None) == (name != other)


def test_a_name_that_looks_like_a_stamp_is_a_name() -> None:
    forged = f"gpu; {STAMP}"
    assert read_stamp(f"text\n{marker(forged)}", "gpu") is None
    assert read_stamp(f"text\n{marker(forged)}", forged) == Stamp()


def test_a_name_of_any_length_and_any_characters_has_a_short_marker() -> None:
    assert len(marker("x" * 100_000, str(STAMP)).encode()) < 512
    assert marker("x" * 100_000) != marker("x" * 100_001)
    assert marker("\udcff") == "<!-- onnx-convert-action: %3F -->"


@pytest.mark.parametrize(
    "body",
    [BODY, BODY.replace("\n", "\r\n"), BODY.strip(), f"\n\n{BODY}  \r\n"],
    ids=["as it was sent", "with CRLF", "trimmed", "with space"],
)
def test_a_comment_is_known_again_however_it_comes_back(body: str) -> None:
    assert read_stamp(body, "gpu") == STAMP
    assert shown(body) == "### All is well"
    assert text_of(body) == text_of(BODY)


@pytest.mark.parametrize(
    "body",
    [
        "",
        marker("gpu")[:-1],
        f"{marker('gpu', str(STAMP))}\n\nand more",
        f"> {marker('gpu', str(STAMP))}",
        BODY.replace("run=42.3", "run=-42.3"),
        BODY.replace("run=42.3", "run=" + "9" * 19 + ".3"),
        BODY.replace("0a0a", "0a"),
        BODY.replace("gpu", "gpus"),
        BODY.replace(" -->", "; more -->"),
    ],
    ids=["none", "cut", "not last", "quoted", "negative", "huge", "short", "longer", "more"],
)
def test_a_marker_that_is_not_ours_is_none(body: str) -> None:
    assert read_stamp(body, "gpu") is None


def test_a_marker_without_a_stamp_is_ours_and_older_than_any() -> None:
    assert read_stamp(f"text\n\n{marker('gpu')}\n", "gpu") == Stamp()


@given(hostile_text)
def test_nothing_in_a_report_can_be_read_as_a_stamp_of_it(text: str) -> None:
    forged = marker("gpu", str(replace(STAMP, run=10**17)))
    body = comment(sample.hostile(f"{text}\n{forged}\n"), check_name="gpu", stamp=str(STAMP))
    assert read_stamp(body, "gpu") == STAMP
    assert body.count("<!-- onnx") == 1


def test_a_later_run_and_a_later_attempt_are_after_an_earlier_one() -> None:
    assert replace(STAMP, run=43, attempt=1).after(STAMP)
    assert replace(STAMP, attempt=4).after(STAMP)
    assert not STAMP.after(STAMP)
    assert not STAMP.after(replace(STAMP, run=100))


def test_a_run_that_nobody_knows_is_neither_before_nor_after() -> None:
    assert not Stamp().after(STAMP)
    assert not STAMP.after(Stamp())


CONTEXT = Context("o/r", run_id="42", run_attempt="3", sha="f" * 40, pull=Pull(7, HEAD, "o/r", fork=False))


def test_the_stamp_of_a_pull_request_names_its_run_and_its_head_and_not_its_merge_commit() -> None:
    assert stamp_of(CONTEXT, "0a" * 16) == STAMP


def test_a_report_of_a_run_before_is_as_old_as_that_run() -> None:
    trigger = Trigger(41, "pull_request", "b" * 40, "main", "fork", "fork/r", attempt=2)
    found = stamp_of(replace(CONTEXT, pull=None, trigger=trigger), "")
    assert (found.run, found.attempt, found.head) == (41, 2, "b" * 40)


def test_what_the_environment_says_is_not_believed_to_be_numbers_and_hashes() -> None:
    odd = Context("o/r", run_id="4 -->", run_attempt="1" * 30, sha="main -->")
    assert stamp_of(odd, "") == Stamp()
