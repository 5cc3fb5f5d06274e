from __future__ import annotations

from pathlib import Path

import pytest

from onnx_convert.workers.original.failures import LINE_LIMIT, both_ends, describe, guarded
from onnx_convert.workers.protocol import WorkerError


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("\n  one line\n", "one line"),
        ("in user code:\n\n  File a.py\n\nValueError: wrong\n", "in user code: … File a.py ValueError: wrong"),
        ("first\nsecond\nthird\nfourth", "first … third fourth"),
    ],
)
def test_of_a_long_message_both_ends_are_shown(text: str, shown: str) -> None:
    assert both_ends(text) == shown


def test_endless_lines_are_cut() -> None:
    assert len(both_ends("\n".join(["x" * 10_000] * 9))) < 2 * LINE_LIMIT + 10


def test_an_unknown_exception_has_the_code_of_what_was_done_and_keeps_its_cause(tmp_path: Path) -> None:
    with pytest.raises(WorkerError) as caught, guarded("OCA300", "the exporter `x`", tmp_path):
        raise RuntimeError("begin\nmiddle\nend")
    assert caught.value.code == "OCA300"
    assert caught.value.message == "the exporter `x` raised RuntimeError: begin … middle end"
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_an_exception_that_cannot_be_printed_is_named(tmp_path: Path) -> None:
    class Odd(Exception):  # noqa: N818 - a user's
        def __str__(self) -> str:
            raise ValueError

    assert describe(Odd(), tmp_path) == "Odd"
