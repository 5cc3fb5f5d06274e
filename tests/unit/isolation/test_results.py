"""Reading result files that may be lies."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.isolation.results import LyingResultError, WorkerResult, parse
from onnx_convert.isolation.values import Failure

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)
KEYS = ["ok", "result", "error", "notes", "reads"]


def test_a_good_result_is_its_values() -> None:
    data = {"ok": True, "result": {"a": [1, None]}, "notes": [{"code": "OCA026", "message": "m"}], "reads": ["b", "a"]}
    found = parse(json.dumps(data).encode())
    assert found == WorkerResult({"a": [1, None]}, None, (Failure("OCA026", "m", None),), ("a", "b"))


def test_an_error_is_its_parts() -> None:
    error = {"code": None, "type": "ValueError", "message": "m", "hint": None, "place": "m.py:3"}
    found = parse(json.dumps({"ok": False, "error": error}).encode())
    assert found.result is None
    assert found.error is not None
    assert (found.error.type, found.error.message, found.error.place) == ("ValueError", "m", "m.py:3")


@pytest.mark.parametrize(("written", "read"), [(16, 16), (None, None)])
def test_an_error_may_say_at_which_opset_it_would_not_arise(written: object, read: int | None) -> None:
    error = {"code": "OCA301", "type": "WorkerError", "message": "m", "opset": written}
    found = parse(json.dumps({"ok": False, "error": error}).encode()).error
    assert found is not None
    assert found.opset == read


@pytest.mark.parametrize("lie", [0, -1, "16", 16.5, 10**9])
def test_an_opset_that_is_none_is_a_lie(lie: object) -> None:
    error = {"code": "OCA301", "type": "WorkerError", "message": "m", "opset": lie}
    with pytest.raises(LyingResultError, match="opset"):
        parse(json.dumps({"ok": False, "error": error}).encode())


@given(st.binary())
def test_any_bytes_are_a_result_or_a_lie(data: bytes) -> None:
    with contextlib.suppress(LyingResultError):
        parse(data)


@given(st.dictionaries(st.sampled_from(KEYS), values))
def test_any_json_is_a_result_or_a_lie_and_its_text_is_valid(value: object) -> None:
    try:
        found = parse(json.dumps(value).encode())
    except LyingResultError:
        return
    repr(found).encode("utf-8")


def test_lone_surrogates_are_replaced() -> None:
    found = parse(rb'{"ok": true, "result": {"\ud800": "a\udfffb"}}')
    assert found.result == {"\ufffd": "a\ufffdb"}


@pytest.mark.parametrize("depth", [32, 100, 100_000])
def test_deep_nesting_is_a_lie(depth: int) -> None:
    data = b'{"ok": true, "result": {"x": ' + b"[" * depth + b"]" * depth + b"}}"
    with pytest.raises(LyingResultError, match="nests"):
        parse(data)


@pytest.mark.parametrize("path", ["/etc/passwd", "../up", "a/../../b", "a\0b", 3, "x" * 5000])
def test_reads_outside_the_repository_are_a_lie(path: object) -> None:
    with pytest.raises(LyingResultError, match="reads"):
        parse(json.dumps({"ok": True, "result": {}, "reads": [path]}).encode())


@pytest.mark.parametrize("code", ["OCA999", "x", None, 3])
def test_a_note_with_a_code_that_nobody_knows_is_a_lie(code: object) -> None:
    with pytest.raises(LyingResultError, match="catalogue"):
        parse(json.dumps({"ok": True, "result": {}, "notes": [{"code": code, "message": "m"}]}).encode())
