"""How a job ended, in a sentence."""

from __future__ import annotations

import pytest

from onnx_convert.isolation.endings import duration, failure_of, failure_of_error, notes_of, size
from onnx_convert.isolation.output import BoundedLog
from onnx_convert.isolation.results import WorkerError
from onnx_convert.isolation.supervision import Ending
from onnx_convert.isolation.values import Failure, Limits

LIMITS = Limits(seconds=900, memory_bytes=2 * 10**9)


def ending(reason: str = "exit", status: int | None = 0, phase: str = "export", **others: int) -> Ending:
    values = {"left": 0, "peak_bytes": 10**8, "seconds": 1.0, "log": BoundedLog(100), **others}
    return Ending(started=True, reason=reason, status=status, phase=phase, **values)  # type: ignore[arg-type]  # a table of values


@pytest.mark.parametrize(
    ("reason", "status", "message"),
    [
        ("exit", 11, "it was ended by signal 11 (SIGSEGV) while exporting"),
        ("exit", 11 | 0x80, "it was ended by signal 11 (SIGSEGV) while exporting"),
        ("exit", 40, "it was ended by signal 40 (a real-time signal) while exporting"),
        ("exit", 3 << 8, "it ended its process with exit code 3 while exporting"),
        ("exit", 74 << 8, "the disk was full while it was exporting"),
        ("time", None, "it ran longer than 15 min while exporting (limit `timeout`)"),
        ("memory", None, "it needed more than 2 GB while exporting (limit `memory`)"),
        ("processes", None, "it started more than 256 processes while exporting"),
        ("closed", None, "the run was broken off while it was exporting"),
        ("lost", None, "its process was lost while exporting: the process that watched it was killed"),
    ],
)
def test_each_way_to_end_has_its_sentence(reason: str, status: int | None, message: str) -> None:
    failure = failure_of(ending(reason, status), LIMITS, finished=False)
    assert failure is not None
    assert failure.message == message


def test_a_kill_that_nobody_here_sent_is_the_systems_for_lack_of_memory() -> None:
    failure = failure_of(ending(status=9), LIMITS, finished=False)
    assert failure is not None
    assert failure.code == "OCA023"


def test_an_abort_close_to_the_memory_limit_is_for_lack_of_memory() -> None:
    near = failure_of(ending(status=6, peak_bytes=19 * 10**8), LIMITS, finished=False)
    far = failure_of(ending(status=6, peak_bytes=10**8), LIMITS, finished=False)
    assert near is not None
    assert far is not None
    assert (near.code, far.code) == ("OCA023", "OCA020")


def test_leaving_with_status_0_is_an_end_only_with_a_result() -> None:
    assert failure_of(ending(), LIMITS, finished=True) is None
    assert failure_of(ending(), LIMITS, finished=False) is not None


def test_an_error_with_a_code_is_that_codes_failure() -> None:
    error = WorkerError("OCA021", "WorkerError", "m", "h", None)
    assert failure_of_error(error, "load", LIMITS) == Failure("OCA021", "m", "h")


def test_running_out_of_memory_in_python_is_running_out_of_memory() -> None:
    error = WorkerError(None, "MemoryError", "", None, None)
    assert failure_of_error(error, "load", LIMITS).code == "OCA023"
    assert failure_of_error(error, "load", Limits(1)).message == "it ran out of memory while loading"


def test_processes_left_behind_are_noted_only_where_the_worker_left_by_itself() -> None:
    assert [note.code for note in notes_of(ending(left=2), LIMITS)] == ["OCA026"]
    assert notes_of(ending("time", None, left=2), LIMITS) == ()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.5, "0.5 s"), (90, "90 s"), (60, "1 min"), (900, "15 min"), (7200, "2 h")]
)
def test_durations_read_as_they_are_written(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (12, "12 bytes"),
        (2**20, "1.05 MB"),
        (512 * 10**6, "512 MB"),
        (1_500_000_000, "1.5 GB"),
        (4 * 10**12, "4,000 GB"),
    ],
)
def test_sizes_read_as_they_are_written(count: int, text: str) -> None:
    assert size(count) == text
