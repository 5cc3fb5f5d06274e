"""Bounds on what a worker prints and says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.isolation.output import BoundedLog, Phases

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
    phases = Phases()
    for piece in (b"lo", b"ad\nexp", b"ort\n"):
        phases.add(piece)
    assert phases.current == "export"


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_noise_never_becomes_a_phase_nor_costs_memory(pieces: list[bytes]) -> None:
    phases = Phases()
    for piece in pieces:
        phases.add(piece.replace(b"\n", b"!\n"))
        assert len(phases._rest) < 60
    assert phases.current == "start"
