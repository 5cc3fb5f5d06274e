"""Samples at thresholds: what differs there is counted and named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnx_convert.workers.artifact import boundary
from onnx_convert.workers.artifact.metrics import Tolerance
from onnx_convert.workers.protocol import Job

POINTS = [{"feature": "age", "threshold": 1.5, "value": value} for value in (1.4, 1.5, 1.6)]


class Answers:
    """A session that answers with what it was given."""

    inputs = ("x",)

    def __init__(self, **outputs: Any) -> None:
        self.outputs = tuple(outputs)
        self._answers = [np.asarray(values) for values in outputs.values()]

    def run(self, feeds: Mapping[str, Any]) -> list[Any]:
        assert list(feeds) == ["x"]
        return self._answers


def job(tmp_path: Path, **outputs: Any) -> Job:
    folder = tmp_path / "0000"
    folder.mkdir()
    np.save(folder / "in0.npy", np.zeros((3, 1), np.float32))
    for position, values in enumerate(outputs.values()):
        np.save(folder / f"out{position}.npy", np.asarray(values))
    given = {"folder": str(tmp_path), "batches": [POINTS]}
    names = [{"name": name} for name in outputs]
    return Job(tmp_path, {"boundary": given, "inputs": [{"name": "x"}], "outputs": names})


def found(job: Job, session: Any) -> list[tuple[str, str]]:
    return [(one["code"], one["message"]) for one in boundary.problems(job, session, lambda _: Tolerance())]


def test_without_samples_nothing_is_said(tmp_path: Path) -> None:
    assert found(Job(tmp_path, {}), Answers()) == []


def test_samples_that_agree_are_told_with_their_number(tmp_path: Path) -> None:
    same = {"label": [0, 0, 1], "score": np.array([[0.1], [0.1], [0.9]], np.float32)}
    [(code, message)] = found(job(tmp_path, **same), Answers(**same))
    assert code == "OCA277"
    assert "3 samples on and one float step beside 1 thresholds" in message


def test_a_flip_is_counted_once_and_named_with_its_place(tmp_path: Path) -> None:
    expected = {"label": [0, 0, 1], "score": np.array([0.1, 0.1, 0.9], np.float32)}
    actual = {"label": [0, 1, 1], "score": np.array([0.1, 0.9, 0.9], np.float32)}
    [(code, message)] = found(job(tmp_path, **expected), Answers(**actual))
    assert code == "OCA343"
    assert "1 go another way" in message
    assert "age = 1.5 at the threshold 1.5: label 1 instead of 0" in message


@pytest.mark.parametrize(("value", "code"), [(0.90001, "OCA277"), (0.95, "OCA343")])
def test_numbers_flip_beyond_the_tolerance_only(tmp_path: Path, value: float, code: str) -> None:
    expected = {"variable": np.array([[0.1], [0.1], [0.9]], np.float32)}
    actual = {"variable": np.array([[0.1], [0.1], [value]], np.float32)}
    assert found(job(tmp_path, **expected), Answers(**actual))[0][0] == code


def test_words_are_compared_as_words(tmp_path: Path) -> None:
    expected = {"label": np.array(["a", "b", "b"])}
    actual = {"label": np.array(["a", "a", "b"], dtype=object)}
    assert "label 'a' instead of 'b'" in found(job(tmp_path, **expected), Answers(**actual))[0][1]
