"""A worker's result file, read as hostile data into typed values."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from onnx_convert.diagnostics import entries
from onnx_convert.isolation import hostile
from onnx_convert.isolation.values import Failure
from onnx_convert.workers.protocol import DEPTH_LIMIT, RESULT_LIMIT, TEXT_LIMIT

if TYPE_CHECKING:
    from pathlib import Path

_NOTES = 1_000
_READS = 20_000
_OPSETS = 1_000
_SURROGATE = re.compile("[\ud800-\udfff]")


class LyingResultError(Exception):
    """A result file is not of the agreed form; the message says where."""


@dataclass(frozen=True, slots=True)
class WorkerError:
    """The error that ended a worker.

    `code` is None for one it did not expect; `place` is `path:line`; `opset` the lowest at which it would not arise.
    """

    code: str | None
    type: str
    message: str
    hint: str | None
    place: str | None
    opset: int | None = None


@dataclass(frozen=True, slots=True)
class WorkerResult:
    """What a worker wrote: either its result or its error."""

    result: dict[str, Any] | None
    error: WorkerError | None
    notes: tuple[Failure, ...]
    reads: tuple[str, ...]


def read_result(out: Path) -> WorkerResult:
    """The result in out/result.json. Raises LyingResultError and HostileFileError."""
    return parse(hostile.read(out, "result.json", RESULT_LIMIT))


def parse(data: bytes) -> WorkerResult:
    """A result from its bytes. Raises LyingResultError."""
    top = read_object(data, "the result")
    notes = tuple(_note(each) for each in _list(top, "notes", _NOTES))
    reads = tuple(sorted({_relative(each) for each in _list(top, "reads", _READS)}))
    if top.get("ok") is True:
        return WorkerResult(_dict(top.get("result"), "`result`"), None, notes, reads)
    if top.get("ok") is False:
        return WorkerResult(None, _error(top.get("error")), notes, reads)
    raise LyingResultError("`ok` is neither true nor false")


def read_object(data: bytes, what: str) -> dict[str, Any]:
    """A JSON object from its bytes. Raises LyingResultError.

    Nesting is bounded and text is valid Unicode afterwards: lone surrogates, which JSON can carry and UTF-8 cannot,
    become U+FFFD.
    """
    try:
        value = json.loads(data)
    except RecursionError:
        raise LyingResultError("it nests too deep") from None
    except ValueError as error:
        raise LyingResultError(f"it is not JSON: {error}") from None
    return _dict(_clean(value, DEPTH_LIMIT), what)


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict | list) and depth == 0:
        raise LyingResultError(f"it nests deeper than {DEPTH_LIMIT}")
    if isinstance(value, dict):
        return {_clean(key, depth): _clean(each, depth - 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_clean(each, depth - 1) for each in value]
    return value


def _error(value: Any) -> WorkerError:
    error = _dict(value, "`error`")
    return WorkerError(
        code=None if error.get("code") is None else _code(error),
        type=_text(error, "type", "`error`"),
        message=_text(error, "message", "`error`"),
        hint=_optional(error, "hint"),
        place=_optional(error, "place"),
        opset=_opset(error),
    )


def _opset(error: dict[str, Any]) -> int | None:
    opset = error.get("opset")
    if opset is not None and not (isinstance(opset, int) and 0 < opset < _OPSETS):
        raise LyingResultError("`opset` of `error` is not an opset")
    return opset


def _note(value: Any) -> Failure:
    note = _dict(value, "a note")
    return Failure(_code(note), _text(note, "message", "a note"), _optional(note, "hint"))


def _code(value: dict[str, Any]) -> str:
    code = value.get("code")
    if not isinstance(code, str) or code not in entries():
        raise LyingResultError(f"{str(code)[:100]!r} is not a code of the catalogue")
    return code


def _relative(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 4096 or "\0" in value:
        raise LyingResultError("`reads` holds something that is not a path")
    if value.startswith("/") or ".." in value.split("/"):
        raise LyingResultError("`reads` holds a path outside the repository")
    return value


def _dict(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise LyingResultError(f"{where} is not an object")
    return value


def _list(value: dict[str, Any], key: str, limit: int) -> list[Any]:
    found = value.get(key, [])
    if not isinstance(found, list) or len(found) > limit:
        raise LyingResultError(f"`{key}` is not a list of at most {limit:,}")
    return found


def _text(value: dict[str, Any], key: str, where: str) -> str:
    found = value.get(key)
    if not isinstance(found, str):
        raise LyingResultError(f"`{key}` of {where} is not text")
    return found[:TEXT_LIMIT]


def _optional(value: dict[str, Any], key: str) -> str | None:
    return None if value.get(key) is None else _text(value, key, "the result")
