"""Bounds on what a worker prints and says."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.isolation.output import BoundedLog, Events
from onnx_convert.workers.protocol import PHASES, PROGRESS_LIMIT, Job

chunks = st.lists(st.binary(max_size=40), max_size=40)


@given(chunks, st.integers(0, 60))
def test_the_first_and_last_half_are_kept_whatever_the_pieces(pieces: list[bytes], limit: int) -> None:
    log, whole, half = BoundedLog(limit), b"".join(pieces), limit // 2
    for piece in pieces:
        log.add(piece)
    if len(whole) <= 2 * half:
        assert log.left_out == 0
        assert log.text() == whole.decode("utf-8", "backslashreplace")
    else:
        assert log.left_out == len(whole) - 2 * half
        gap = f"\n[... {log.left_out:,} bytes left out ...]\n".encode()
        tail = whole[-half:] if half else b""
        assert log.text() == (whole[:half] + gap + tail).decode("utf-8", "backslashreplace")


def test_bytes_that_are_not_text_are_shown_as_numbers() -> None:
    log = BoundedLog(100)
    log.add(b"caf\xc3\xa9 \xff")
    assert log.text() == "café \\xff"


def test_a_phase_is_known_however_it_arrives() -> None:
    events = Events()
    for piece in (b"lo", b"ad\nexp", b"ort\n"):
        events.add(piece)
    assert events.phase == "export"


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_noise_never_becomes_a_phase_nor_progress(pieces: list[bytes]) -> None:
    events = Events()
    for piece in pieces:
        events.add(piece.replace(b"\n", b"!\n").replace(b"{", b"("))
    assert events.phase == "start"
    assert events.progress() is None


@given(st.lists(st.binary(min_size=1, max_size=3 * PROGRESS_LIMIT), max_size=6))
def test_a_line_without_end_costs_no_memory(pieces: list[bytes]) -> None:
    events = Events()
    for piece in pieces:
        events.add(piece)
        assert len(events._rest) <= PROGRESS_LIMIT + 1


def test_of_progress_the_last_report_is_heard_and_only_once() -> None:
    events = Events()
    events.add(b'measure\n{"ratio": 1.0}\n{"rat')
    events.add(b'io": 1.1, "epochs": 3}\n')
    assert events.phase == "measure"
    assert events.progress() == {"ratio": 1.1, "epochs": 3}
    assert events.progress() is None


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'{"ratio": ', id="cut off"),
        pytest.param(b'{"a": ' * 60 + b"1" + b"}" * 60, id="nested"),
        pytest.param(b'{"a":' + b"[" * 1500 + b"]" * 500 + b"}", id="nested beyond the parser"),
        pytest.param(b'{"a": "' + b"x" * PROGRESS_LIMIT + b'"}', id="long"),
        pytest.param(b'{"a": "\xff"}', id="not UTF-8"),
        pytest.param(b"[1]", id="a list"),
    ],
)
def test_a_report_of_another_form_is_not_heard(line: bytes) -> None:
    events = Events()
    events.add(line + b"\n")
    assert events.progress() is None
    events.add(b'{"ratio": 1.0}\n')
    assert events.progress() == {"ratio": 1.0}


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=30) | st.integers() | st.floats(allow_nan=False)))
def test_what_a_job_reports_arrives_unless_it_is_too_long(values: dict[str, object]) -> None:
    reading, writing = os.pipe()
    try:
        job, events = Job(Path("/nowhere"), {}, events=writing), Events()
        job.progress(values)
        job.phase(PHASES[-1])
        events.add(os.read(reading, 2 * PROGRESS_LIMIT))
        assert events.phase == PHASES[-1]
        line = json.dumps(values).encode() + b"\n"
        assert events.progress() == (values if len(line) <= PROGRESS_LIMIT else None)
    finally:
        os.close(reading)
        os.close(writing)


def test_a_job_nobody_listens_to_reports_to_nobody() -> None:
    Job(Path("/nowhere"), {}).progress({"ratio": 1.0})
