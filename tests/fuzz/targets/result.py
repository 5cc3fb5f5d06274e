"""The result file of a worker: a value of its kind or a lie, and in it only text that can be written down again."""

from __future__ import annotations

import json

from onnx_convert.isolation.results import LyingResultError
from onnx_convert.isolation.results import parse as read
from onnx_convert.stages import results
from onnx_convert.stages.results import LyingWorkerError, parse
from tests.fuzz import documents, texts

KINDS = [
    getattr(results, name)
    for name in dir(results)
    if (name.endswith("Result") and not name.startswith("_")) or name == "Measurement"
]
_TENSOR = {"name": "x", "dtype": "float32", "shape": ["batch", 3, None]}
_FACTS = {"opsets": {"ai.onnx": 17}, "ir_version": 8, "nodes": 5, "operators": {"Conv": 2}, "bytes": 100}
_CASE = {"provider": "cpu", "dims": {"batch": 4}, "output": "y", "max_abs": 0.1, "sqnr_db": "inf", "passed": True}
_LATENCY = {"median": 1.0, "p90": 2.0, "p99": 3.0, "ci95": [0.9, 1.1], "quantiles": [0.5, 1.0, 3.0]}
SEEDS = [
    {
        "ok": True,
        "result": _FACTS
        | {"inputs": [_TENSOR], "outputs": [_TENSOR], "problems": [{"code": "OCA353", "message": "no"}]},
    },
    {
        "ok": True,
        "result": {"status": "compared", "cases": [_CASE], "blame": {"stage": "export", "node": "n"}, "worst_case": 0},
    },
    {
        "ok": True,
        "result": _LATENCY | {"effective": {"CPUExecutionProvider": 1.0}, "threads": 2, "versions": {"a": "1"}},
    },
    {
        "ok": True,
        "result": {"status": "measured", "verdict": "slower", "ratio": 1.1, "ci": [1.0, 1.2], "model": _LATENCY},
    },
    {
        "ok": True,
        "result": {"external": ["a.data"]},
        "reads": ["a.py"],
        "notes": [{"code": "OCA361", "message": "m", "hint": "h"}],
    },
    {
        "ok": False,
        "error": {"code": "OCA351", "type": "E", "message": "m", "hint": None, "place": "a.py:1", "opset": 13},
    },
]
structured = documents.st.tuples(documents.st.sampled_from(SEEDS), documents.edits).map(
    lambda both: documents.to_json(documents.edited(*both))
)
mutate = documents.mutate
TOKENS = ('"\\ud800"', "NaN", "-Infinity", "1e999", "[" * 40, "..", "/etc", "\\u0000", *texts.TOKENS[:8])


def one(data: bytes) -> None:
    try:
        found = read(data)
    except LyingResultError as error:
        str(error).encode()
        return
    assert (found.result is None) != (found.error is None)
    json.dumps([found.result, [(note.message, note.hint) for note in found.notes]], ensure_ascii=False).encode()
    for path in found.reads:
        assert not path.startswith("/")
        assert ".." not in path.split("/")
    for kind in KINDS if found.result is not None else ():
        try:
            parse(kind, found.result)
        except LyingWorkerError as error:
            str(error).encode()
