"""What a Python file defines and imports is read, however it is nested, and nothing in it is run."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from onnx_convert.spec.python_file import PythonFile, PythonFileError, read


def facts(folder: Path, text: str) -> PythonFile:
    path = folder / "model.py"
    path.write_text(text)
    return read.__wrapped__(path)


def test_names_of_the_top_level_and_imports_of_all_levels_are_found(tmp_path: Path) -> None:
    found = facts(tmp_path, "import torch\nif x:\n  class A:\n    def m(self): import jax\nelse:\n  b = c = 1\n")
    assert found == PythonFile(frozenset({"torch", "A", "b", "c"}), frozenset({"torch", "jax"}), open=False)


@pytest.mark.parametrize("count", [900, 1_500, 2_500])
def test_a_thousand_branches_are_read_or_refused(tmp_path: Path, count: int) -> None:
    text = "if a: pass\n" + "elif a: pass\n" * count + "else: last = 1\n"
    found = None
    with suppress(PythonFileError):  # where Python's own parser goes no deeper
        found = facts(tmp_path, text)
    assert found is None or found.names == {"last"}
    assert found or count > 900
