"""A whole run from the inside: what runs beside what, and what is tried when the first way is not right."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
from onnx import parser

from onnx_convert import machine
from onnx_convert.environments import default_root
from onnx_convert.pipeline import Edges, Options, Run
from onnx_convert.plan import make_plan
from onnx_convert.report.model import ModelReport, Report
from onnx_convert.spec.load import load

pytestmark = pytest.mark.integration

MODELS = ("first", "second", "third")
RELU = '<ir_version: 8, opset_import: ["": 17]> g (float[batch, 2] x) => (float[batch, 2] y) { y = Relu(x) }'

ENCODER = """
import torch

class Encoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        layer = torch.nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
        self.layers = torch.nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, tokens):
        return self.layers(tokens)
"""


class Watcher:
    """Keeps what it is told, in order."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    def message(self, text: str) -> None:
        """Not of interest."""

    def update(self, model: str, stage: str, detail: str | None = None) -> None:
        with self._lock:
            self.seen.append((model, stage))

    def finish(self, model: str, row: ModelReport) -> None:
        """Not of interest: rows are done in the main thread, whenever it comes to it."""


@pytest.fixture
def repository() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="onnx-convert-pipeline-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        onnx.save(parser.parse_model(RELU), folder / "relu.onnx")
        tables = "".join(f'[models.{name}]\nsource = "relu.onnx"\nbenchmark = false\n' for name in MODELS)
        (folder / "onnx-convert.toml").write_text(f"spec-version = 1\n{tables}")
        yield folder


def run(repository: Path, available: int) -> tuple[Report, Watcher]:
    loaded, watcher = load(repository / "onnx-convert.toml", root=repository), Watcher()
    options = Options(out=repository / "out", environments=default_root(os.environ), results=None, jobs=len(MODELS))
    edges = Edges(os.environ, machine.describe(), None, memory=lambda: available)
    return Run(loaded, make_plan(loaded), options, edges, watcher).execute(), watcher


def test_without_memory_for_two_rows_one_runs_at_a_time_and_the_others_wait(repository: Path) -> None:
    report, watcher = run(repository, available=1)
    assert {row.name: row.status for row in report.models} == dict.fromkeys(MODELS, "passed")
    assert all(row.worker_seconds > 0 and row.peak_memory_bytes for row in report.models)
    seen = watcher.seen
    assert sum(stage == "wait" for _, stage in seen) == len(MODELS) - 1
    working = [model for model, stage in seen if stage != "wait"]
    assert working == sorted(working, key=working.index)


def test_with_memory_for_all_rows_none_waits(repository: Path) -> None:
    _, watcher = run(repository, available=10**12)
    assert not [model for model, stage in watcher.seen if stage == "wait"]


def test_where_an_exporter_freezes_a_dimension_the_next_one_is_tried_and_the_report_says_so(repository: Path) -> None:
    (repository / "encoder.py").write_text(ENCODER)
    table = 'source = "encoder.py:Encoder"\ninputs.tokens = { shape = ["batch", "length", 32] }\nbenchmark = false\n'
    (repository / "onnx-convert.toml").write_text(f"spec-version = 1\n[models.encoder]\n{table}")
    (row,) = run(repository, available=10**12)[0].models
    assert (row.status, row.artifact and row.artifact.opsets["ai.onnx"]) == ("passed", 17), row.diagnostics
    assert row.export is not None
    assert row.export.exporter == "dynamo"
    (attempt,) = row.export.attempts
    assert attempt.exporter == "torchscript (opset 17)"
    assert "right only at length=" in attempt.reason


class Impatient(Watcher):
    """Interrupts the run, as a signal does, when a model's measurement begins."""

    def __init__(self, model: str) -> None:
        super().__init__()
        self._model = model

    def update(self, model: str, stage: str, detail: str | None = None) -> None:
        if (model, stage) == (self._model, "benchmark"):
            raise KeyboardInterrupt


def test_what_was_not_measured_to_the_end_is_not_taken_from_the_cache_but_measured(repository: Path) -> None:
    spec = repository / "onnx-convert.toml"
    spec.write_text(spec.read_text().replace("benchmark = false", "benchmark = { seconds = 0.1 }"))
    loaded = load(spec, root=repository)
    options = Options(repository / "out", default_root(os.environ), repository / "results")
    edges = Edges(os.environ, machine.describe(), None)
    broken = Run(loaded, make_plan(loaded), options, edges, Impatient("second")).execute()
    assert not broken.complete
    assert [row.status for row in broken.models] == ["passed", "skipped", "skipped"], broken.models[0].diagnostics
    whole = Run(loaded, make_plan(loaded), options, edges, Watcher()).execute()
    assert whole.complete
    assert [(row.status, row.cached, len(row.benchmark)) for row in whole.models] == [
        ("passed", True, 2),
        ("passed", False, 2),
        ("passed", False, 2),
    ]
    assert whole.machine.conditions is not None
    assert whole.machine.conditions.seconds > 0
    assert {"numpy", "onnx", "onnxruntime"} <= whole.machine.versions.keys()
    assert all("onnxruntime" in one.versions for row in whole.models for one in row.benchmark)
