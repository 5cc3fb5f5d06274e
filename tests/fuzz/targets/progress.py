"""What a worker writes to its event pipe: bounded whatever it is, and the same however the pipe cuts it."""

from __future__ import annotations

import json

from onnx_convert.isolation.output import BoundedLog, Events
from onnx_convert.stages.results import LyingWorkerError, Progress, parse
from onnx_convert.workers.protocol import PHASES, PROGRESS_LIMIT
from tests.fuzz import documents, texts

SEED = {"verdict": "faster", "ratio": 0.9, "ci": [0.8, 0.95], "epochs": 3, "seconds": 1.5, "model": 1.0, "base": 1.1}
structured = documents.edits.map(
    lambda changes: b"measure\n" + documents.to_json(documents.edited(SEED, changes)) + b"\ncompare\n"
)
mutate = texts.mutate
TOKENS = ("\n", "{", "}", *PHASES, *SEED, "[[[[[[[[[[[[[[[[", '"\\ud800"', "NaN", "1e999", " " * 500)


def one(data: bytes) -> None:
    whole, parts, log = Events(), Events(), BoundedLog(64)
    whole.add(data)
    step = 1 + len(data) % 7
    for start in range(0, len(data), step):
        parts.add(data[start : start + step])
        log.add(data[start : start + step])
    assert parts.phase == whole.phase
    assert whole.phase in PHASES
    told = whole.progress()
    assert repr(told) == repr(parts.progress())
    assert whole.progress() is None
    assert len(log.text()) <= 4 * 64 + 40
    if told is not None:
        assert len(json.dumps(told, ensure_ascii=False).encode()) <= 6 * PROGRESS_LIMIT
        try:
            parse(Progress, told)
        except LyingWorkerError as error:
            str(error).encode()
