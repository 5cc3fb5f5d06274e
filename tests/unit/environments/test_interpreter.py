"""The interpreter that environments are made from."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from onnx_convert.environments import interpreter


@pytest.fixture
def running() -> Path:
    return Path(sys._base_executable).resolve()  # type: ignore[attr-defined]  # CPython has it


def test_without_other_users_it_is_the_running_one(monkeypatch: pytest.MonkeyPatch, running: Path) -> None:
    monkeypatch.setattr(interpreter, "available", lambda: "not root")
    assert interpreter.choose({}) == (running, f"{sys.version_info[0]}.{sys.version_info[1]}")


def test_where_jobs_become_other_users_it_is_one_that_they_can_reach(
    monkeypatch: pytest.MonkeyPatch, running: Path
) -> None:
    monkeypatch.setattr(interpreter, "available", lambda: None)
    path, version = interpreter.choose({"PATH": "/nowhere::/usr/bin"})
    assert interpreter.obstacle(path) is None or path == running
    assert tuple(map(int, version.split("."))) >= interpreter.OLDEST


def test_where_they_can_reach_none_it_is_the_running_one(monkeypatch: pytest.MonkeyPatch, running: Path) -> None:
    monkeypatch.setattr(interpreter, "available", lambda: None)
    monkeypatch.setattr(interpreter, "obstacle", lambda path: path)
    assert interpreter.choose({"PATH": "/usr/bin"})[0] == running


def test_what_is_no_interpreter_is_not_one(tmp_path: Path) -> None:
    false = tmp_path / "python3"
    false.write_text("#!/bin/sh\necho nonsense\n")
    false.chmod(0o755)
    assert interpreter._look(false) is None
    assert interpreter._look(tmp_path / "missing") is None
