from __future__ import annotations

from dataclasses import replace

import pytest

from onnx_convert.github.comment import CommentMode, Draft, draft
from onnx_convert.github.conversation import Remark
from onnx_convert.github.gist import gist
from onnx_convert.github.stamp import Stamp, read_stamp
from onnx_convert.report.model import Report
from tests.unit.report import compared, sample

WELL = sample.report((sample.row(),))
SLOWER = sample.report((compared.row("a", compared.paired("cpu", "slower", 1.2)),))
FAILED = sample.report((sample.failing_parity(),))


@pytest.mark.parametrize(
    ("mode", "opens"),
    [
        ("always", [True, True, True]),
        ("changes", [False, True, True]),
        ("failures", [False, False, True]),
        ("never", [False, False, False]),
    ],
)
def test_what_is_worth_the_first_comment(mode: CommentMode, opens: list[bool]) -> None:
    assert [draft(report, Stamp(), mode).opens for report in (WELL, SLOWER, FAILED)] == opens


def test_a_draft_ends_with_its_stamp_and_without_a_line_end() -> None:
    stamp = Stamp(gist(WELL), run=3, attempt=1, head="a" * 40)
    text = draft(WELL, stamp, "always", "gpu").text
    assert read_stamp(text, "gpu") == stamp
    assert text == text.strip()


def said(by: Draft) -> Remark:
    return Remark(1, "IC_1", "https://example", by.text, by.stamp)


def drafted(report: Report, run: int, mode: CommentMode = "always", *, head: str = "a" * 40) -> Draft:
    return draft(report, Stamp(gist(report), run, 1, head), mode)


LONGER = WELL.model_copy(update={"seconds": 7.0})


@pytest.mark.parametrize("spoken", [False, True])
def test_a_later_run_replaces_an_earlier_one_and_never_the_other_way(spoken: bool) -> None:
    earlier, later = drafted(WELL, 1), drafted(FAILED, 2)
    assert later.replaces(said(earlier), spoken=spoken)
    assert not earlier.replaces(said(later), spoken=spoken)


def test_of_two_jobs_of_one_run_each_speaks_once() -> None:
    one, other = drafted(WELL, 1), drafted(LONGER, 1)
    assert other.replaces(said(one), spoken=False)
    assert not other.replaces(said(one), spoken=True)


def test_a_job_by_hand_speaks_once_whatever_run_was_before() -> None:
    by_hand = drafted(LONGER, 0)
    assert by_hand.replaces(said(drafted(WELL, 5)), spoken=False)
    assert not by_hand.replaces(said(drafted(WELL, 5)), spoken=True)


def test_what_readers_see_already_is_not_said_again_of_the_same_commit() -> None:
    assert not drafted(WELL, 2).replaces(said(drafted(WELL, 1)), spoken=False)
    assert drafted(WELL, 2, head="b" * 40).replaces(said(drafted(WELL, 1)), spoken=False)


def test_changes_says_another_gist_and_nothing_else() -> None:
    assert not drafted(LONGER, 2, "changes").replaces(said(drafted(WELL, 1)), spoken=False)
    assert drafted(FAILED, 2, "changes").replaces(said(drafted(WELL, 1)), spoken=False)
    old = replace(said(drafted(WELL, 1)), stamp=Stamp())
    assert drafted(LONGER, 2, "changes").replaces(old, spoken=False)
