"""What MXNet's errors say: one sentence out of a C++ traceback."""

from __future__ import annotations

import re

from onnx_convert.workers.original.failures import shorten

_WHERE = re.compile(r"(\[\d\d:\d\d:\d\d\] )?(\.\./)?(src|include)/\S+:\d+: ")
_OPERATOR = re.compile(r"Error in operator ([^:\s]+): ")


def sentence(error: BaseException) -> str:
    """The message without Python's and C++'s places."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = next((line for line in lines if "Error: " in line or "Check failed" in line), lines[0] if lines else "")
    return shorten(_WHERE.sub("", said).removeprefix("MXNetError: "))


def operator(error: BaseException) -> tuple[str, str] | None:
    """The node that an error names and what is wrong with it; None if it names none."""
    said = sentence(error)
    found = _OPERATOR.search(said)
    return (found[1], said[found.end() :]) if found else None
