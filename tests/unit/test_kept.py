"""Rows in the result cache: a comparison is found with its own base only."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from pathlib import Path

import pytest

from onnx_convert.cache import Entry, ResultCache
from onnx_convert.cache.store import NEVER_KEPT
from onnx_convert.environments import Environments
from onnx_convert.kept import MOST_READS, KeptRows
from onnx_convert.plan import Row, make_plan
from onnx_convert.report.model import Artifact, Comparison, Diagnostic, LatencyComparison, ModelReport
from onnx_convert.spec.load import LoadedSpec, load

SPEC = 'spec-version = 1\n[models.net]\nsource = "net.onnx"\n'
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
        self.files = tmp_path / "out" / "net"
        self.files.mkdir(parents=True)
        environments = Environments(tmp_path / "environments", environ=os.environ, say=print)
        self.cache, self.environments = ResultCache(tmp_path / "cache"), environments
        self.kept = KeptRows(self.cache, environments, {"cpu": "this one"})
        self.row: Row
        self.reload()

    def reload(self, spec: str = SPEC) -> None:
        (self.root / "onnx-convert.toml").write_text(spec)
        self.loaded: LoadedSpec = load(self.root / "onnx-convert.toml", root=self.root)
        (self.row,) = make_plan(self.loaded)

    def store(self, report: ModelReport, against: str | None = None, reads: Collection[str] = ()) -> None:
        self.kept.store(self.loaded, self.row, reads, report, self.files, measured=True, against=against)

    def find(self, against: str | None = None, *, measured: bool = True) -> Entry | None:
        return self.kept.find(self.loaded, self.row, measured=measured, against=against)

    def why(self) -> tuple[str, ...]:
        return self.kept.why_not(self.loaded, self.row, measured=True)


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


def test_a_comparison_without_a_verdict_is_made_again_while_the_row_alone_is_kept(place: Place) -> None:
    unknown = LatencyComparison(provider="cpu", verdict="inconclusive")
    place.store(compared("compared", (*UNCHANGED, unknown)), BASE)
    assert place.find(BASE) is None
    assert place.find() is not None


def test_a_row_that_read_more_files_than_are_told_is_not_kept(place: Place) -> None:
    place.store(PASSED, reads=[f"file-{number}" for number in range(MOST_READS)])
    assert place.find() is None


def test_why_a_row_is_not_found_is_said_of_the_spec_the_files_and_the_machine(place: Place) -> None:
    assert place.why() == (NEVER_KEPT,)
    place.store(PASSED)
    (place.root / "net.onnx").write_bytes(b"another model")
    assert place.why() == ("net.onnx changed",)
    place.reload(SPEC + "parity = { rtol = 0.1 }\n[gates]\nmax-latency-increase = 0.2\n")
    assert place.why() == (
        "gates, max_latency_increase: 0.05 → 0.2",
        "spec, parity.rtol: 0.001 → 0.1",
        "net.onnx changed",
    )
    place.reload()
    place.kept = KeptRows(place.cache, place.environments, {"cpu": "that one"})
    assert place.why() == ("machine, cpu: this one → that one", "net.onnx changed")


def test_a_row_of_a_spec_in_another_folder_is_another_row(place: Place) -> None:
    place.store(PASSED)
    (place.root / "sub").mkdir()
    (place.root / "sub" / "net.onnx").write_bytes(b"another model")
    (place.root / "sub" / "onnx-convert.toml").write_text(SPEC)
    place.loaded = load(place.root / "sub" / "onnx-convert.toml", root=place.root)
    (place.row,) = make_plan(place.loaded)
    assert place.find() is None
    assert place.why() == ("folder: . → sub",)


def test_that_a_row_of_a_commit_failed_is_known_for_that_commit_and_for_a_day(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Diagnostic(code="OCA301", severity="error", message="no such operator")
    failed = PASSED.model_copy(update={"status": "error", "artifact": None, "diagnostics": (wrong,)})
    place.kept.store_failed(place.loaded, place.row, BASE, failed, place.files)
    assert place.kept.find_failed(place.loaded, place.row, BASE) == failed
    assert place.kept.find_failed(place.loaded, place.row, OTHER) is None
    assert (place.find(), place.find(measured=False), place.why()) == (None, None, (NEVER_KEPT,))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 90_000)
    assert place.kept.find_failed(place.loaded, place.row, BASE) is None


def test_a_failure_that_may_be_the_machines_is_not_kept(place: Place) -> None:
    killed = Diagnostic(code="OCA023", severity="error", message="it ran out of memory")
    failed = PASSED.model_copy(update={"status": "error", "artifact": None, "diagnostics": (killed,)})
    place.kept.store_failed(place.loaded, place.row, BASE, failed, place.files)
    assert place.kept.find_failed(place.loaded, place.row, BASE) is None
