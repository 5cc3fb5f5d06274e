"""Every known failure of a model has a test that provokes the real one: in a real worker, or with the real tool."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from onnx_convert.diagnostics import entries

TESTS = Path(__file__).parents[2]
REAL = ("integration", "e2e", "unit/workers", "unit/frameworks")
"""Where workers, or the parts of them that need no framework, meet real models and the real onnx and ONNX Runtime."""

OF_A_MODEL = re.compile(r"OCA[2-5]\d\d")


def provoked() -> dict[str, set[str]]:
    """The files of tests that name a code."""
    found: dict[str, set[str]] = defaultdict(set)
    for folder in REAL:
        for path in (TESTS / folder).rglob("*.py"):
            for code in re.findall(r"OCA\d{3}", path.read_text("utf-8")):
                found[code].add(path.relative_to(TESTS).as_posix())
    return found


PROVOKED = provoked()


@pytest.mark.parametrize("code", [code for code in entries() if OF_A_MODEL.fullmatch(code)])
def test_a_known_failure_of_a_model_is_provoked_by_a_test(code: str) -> None:
    assert PROVOKED[code]


def test_at_least_forty_are_known() -> None:
    assert sum(OF_A_MODEL.fullmatch(code) is not None for code in entries()) >= 40
