from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from onnx_convert.diagnostics import diagnose
from onnx_convert.github.notes import LIMIT, notes
from onnx_convert.github.permission import CHECK, COMMENT, Permission
from onnx_convert.github.refusal import RefusedError
from onnx_convert.report.markdown import SUMMARY_LIMIT, summary
from onnx_convert.report.model import Report
from tests.unit.report import sample
from tests.unit.report.rendered import Structure, hostile_text

MIB = 2**20


def refusal(message: str = "could not post", permission: Permission | None = None) -> RefusedError:
    return RefusedError(diagnose("OCA702" if permission else "OCA700", message), permission)


def test_where_all_was_posted_there_is_nothing_to_say() -> None:
    assert notes([]) == ""
    assert notes([], hidden={}, fork=True) == ""


def test_the_lines_of_yaml_grant_all_that_is_missing() -> None:
    text = notes([refusal("could not post the comment", COMMENT), refusal("could not open the check", CHECK)])
    assert "- **OCA702** could not post the comment" in text
    assert "```yaml\npermissions:\n  contents: read\n  pull-requests: write\n  checks: write\n```" in text


def test_a_fault_that_no_permission_mends_has_no_yaml_and_says_what_to_do() -> None:
    text = notes([refusal("could not post the comment: it did not answer in time")])
    assert "yaml" not in text
    assert "To do: run the job again" in text


def test_a_fork_is_not_told_to_grant_what_it_cannot_have_but_the_way_by_a_second_workflow() -> None:
    text = notes([refusal("could not post the comment", COMMENT)], fork=True)
    assert "permissions:" not in text
    assert "`workflow_run`" in text
    assert "`mode: comment`" in text


def test_findings_without_an_annotation_are_counted() -> None:
    text = notes([], hidden={"error": 4, "note": 1})
    assert text == "\nAnnotations that are not shown on the spec's lines: 4 errors, 1 note more.\n"


@given(st.lists(hostile_text, min_size=1, max_size=3))
def test_what_github_said_can_neither_mention_nor_link_nor_break_the_list(texts: list[str]) -> None:
    seen = Structure(notes([refusal(f"x {text}") for text in texts]))
    assert seen.references() == []
    assert seen.tags == Structure(notes([refusal("x y")] * len(texts))).tags


REPORTS = (sample.report(), sample.hostile(sample.HOSTILE), sample.large(300, 2_000))


@settings(max_examples=20)
@given(
    st.sampled_from(REPORTS),
    st.lists(st.text(max_size=40).map(lambda text: text * 100), max_size=6),
    st.integers(1, 200),
    st.booleans(),
)
def test_a_summary_with_its_notes_is_never_more_than_github_takes(
    report: Report, messages: list[str], times: int, fork: bool
) -> None:
    added = notes([refusal(text, CHECK) for text in messages] * times, fork=fork, hidden={"error": 10**9})
    assert len(added.encode()) <= LIMIT
    assert len(_summary(REPORTS.index(report)).encode()) + len(added.encode()) < MIB


@cache
def _summary(index: int) -> str:
    return summary(REPORTS[index])


def test_what_no_longer_fits_is_counted() -> None:
    text = notes([refusal("x" * 700)] * 500)
    assert f"- and {500 - text.count('OCA700'):,} more" in text


def test_the_limits_leave_room_for_each_other() -> None:
    assert SUMMARY_LIMIT + LIMIT < MIB
