"""Rows in the result cache: a comparison is found with its own base only."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from onnx_convert.cache import Entry, ResultCache
from onnx_convert.environments import Environments
from onnx_convert.kept import KeptRows
from onnx_convert.plan import Row, make_plan
from onnx_convert.report.model import Artifact, Comparison, Diagnostic, Export, LatencyComparison, ModelReport
from onnx_convert.spec.load import LoadedSpec, load
from onnx_convert.stages.results import CheckResult
from onnx_convert.stages.values import Exported, OnnxFile, Reference

BASE, OTHER = "a" * 40, "b" * 40
ARTIFACT = Artifact(path="models/net/net.onnx", bytes=1, sha256="0", opsets={}, ir_version=8, nodes=1)
PASSED = ModelReport(name="net", framework="onnx", opset=17, status="passed", artifact=ARTIFACT)
UNCHANGED = (LatencyComparison(provider="cpu", verdict="unchanged", ratio=1.0),)


class Place:
    """A repository of one model, and a cache."""

    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path / "repository"
        self.root.mkdir()
        (self.root / "net.onnx").write_bytes(b"a model")
        (self.root / "onnx-convert.toml").write_text('spec-version = 1\n[models.net]\nsource = "net.onnx"\n')
        self.files = tmp_path / "out" / "net"
        self.files.mkdir(parents=True)
        environments = Environments(tmp_path / "environments", environ=os.environ, say=print)
        self.kept = KeptRows(ResultCache(tmp_path / "cache"), environments, {"cpu": "this one"})
        self.loaded: LoadedSpec = load(self.root / "onnx-convert.toml", root=self.root)
        self.row: Row
        (self.row,) = make_plan(self.loaded)

    def store(self, report: ModelReport, against: str | None = None) -> None:
        facts = CheckResult(opsets={}, ir_version=8, nodes=1, operators={}, inputs=(), outputs=(), bytes=1)
        file = OnnxFile(self.root / "net.onnx", (), facts)
        reference = Reference(self.root, (), (), (), {}, None)
        exported = Exported(17, file, reference, Export(exporter="onnx"), ())
        self.kept.store(self.loaded, self.row, exported, report, self.files, measured=True, against=against)

    def find(self, against: str | None = None, *, measured: bool = True) -> Entry | None:
        return self.kept.find(self.loaded, self.row, measured=measured, against=against)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def compared(status: str, latency: tuple[LatencyComparison, ...] = ()) -> ModelReport:
    comparison = Comparison.model_validate({"baseline": "aaaaaaa", "status": status, "latency": latency})
    return PASSED.model_copy(update={"comparison": comparison})


def test_a_row_is_found_with_what_it_read(place: Place) -> None:
    place.store(PASSED)
    found = place.find()
    assert found is not None
    assert (found.row, found.reads) == (PASSED, {"net.onnx"})
    assert place.find(measured=False) is None


def test_a_compared_row_is_found_with_its_own_base_and_alone_without_the_comparison(place: Place) -> None:
    place.store(compared("compared", UNCHANGED), BASE)
    found, alone = place.find(BASE), place.find()
    assert found is not None
    assert alone is not None
    assert found.row.comparison is not None
    assert found.row.comparison.latency == UNCHANGED
    assert alone.row == PASSED
    assert place.find(OTHER) is None


@pytest.mark.parametrize("status", ["identical", "new", "failed"])
def test_what_is_known_without_measuring_is_found_out_anew(place: Place, status: str) -> None:
    place.store(compared(status), BASE)
    assert place.find(BASE) is None
    alone = place.find()
    assert alone is not None
    assert alone.row == PASSED


def test_a_row_that_only_the_base_failed_is_well_alone(place: Place) -> None:
    slower = Diagnostic(code="OCA650", severity="error", message="20% slower than aaaaaaa")
    failed = compared("compared").model_copy(update={"status": "failed", "diagnostics": (slower,)})
    place.store(failed, BASE)
    alone = place.find()
    assert place.find(BASE) is None
    assert alone is not None
    assert alone.row == PASSED


def test_a_row_that_failed_by_itself_is_not_kept(place: Place) -> None:
    wrong = Diagnostic(code="OCA501", severity="error", message="it differs")
    place.store(compared("compared").model_copy(update={"status": "failed", "diagnostics": (wrong,)}), BASE)
    assert (place.find(BASE), place.find()) == (None, None)
