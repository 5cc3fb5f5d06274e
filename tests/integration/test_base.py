"""A run against the commit before it: what is recognised, what is converted, and what is said of each row."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import parser

from onnx_convert import machine
from onnx_convert.baseline.values import Base, CommitBase, FolderBase, NoBase
from onnx_convert.environments import default_root
from onnx_convert.pipeline import Edges, Options, Run
from onnx_convert.plan import make_plan
from onnx_convert.report.model import Comparison, ModelReport, Report
from onnx_convert.report.write import read
from onnx_convert.spec.load import load

pytestmark = pytest.mark.integration

SCALER = """
import numpy as np
from sklearn.preprocessing import StandardScaler
from shared import SPREAD

def make():
    return StandardScaler().fit(np.arange(8.0).reshape(4, 2) * SPREAD)
"""
BEFORE = ("same", "changed", "half", "old", "gone", "mended")
AFTER = ("same", "changed", "half", "moved", "new", "mended")

SECONDS = {"changed": 1}
"""What a comparison takes to have an interval."""
VARIANTS = dict.fromkeys(("same", "half"), 'variants = ["fp16"]\n')


def graph(*operators: str) -> onnx.ModelProto:
    lines, last = [], "x"
    for position, operator in enumerate(operators):
        name = "y" if position == len(operators) - 1 else f"t{position}"
        lines.append(f"{name} = {operator}({last})")
        last = name
    signature = "(float[batch, 64] x) => (float[batch, 64] y)"
    return parser.parse_model(f'<ir_version: 8, opset_import: ["": 17]> g {signature} {{ {" ".join(lines)} }}')


def write_spec(folder: Path, names: tuple[str, ...], scaler: str = "scaler") -> None:
    tables = [
        f'[models.{name}]\nsource = "{name}.onnx"\nsimplify = false\n'
        f"benchmark = {{ seconds = {SECONDS.get(name, 0.2)} }}\n" + VARIANTS.get(name, "")
        for name in names
    ]
    features = 'inputs.features = { shape = ["batch", 2] }\nbenchmark = false\n'
    tables.append(f'[models.{scaler}]\nframework = "sklearn"\nsource = "scaler.py:make"\n{features}')
    gates = '[gates]\nmax-latency-increase = "10000%"\nmax-size-increase = "10000%"\n'
    (folder / "onnx-convert.toml").write_text("spec-version = 1\n" + gates + "\n".join(tables))


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


class Watcher:
    """Ends the run when a stage begins, as Ctrl-C does."""

    def __init__(self, until: str | None) -> None:
        self._until = until

    def message(self, text: str) -> None:
        """Not of interest."""

    def update(self, model: str, stage: str, detail: str | None = None) -> None:
        if stage == self._until:
            raise KeyboardInterrupt

    def finish(self, model: str, row: ModelReport) -> None:
        """Not of interest."""


@dataclass(frozen=True)
class Place:
    """A repository whose first commit is checked out beside it."""

    head: Path
    worktree: Path
    cache: Path

    def run(self, out: str, *only: str, base: Base | None, until: str | None = None, **options: Any) -> Report:
        loaded = load(self.head / "onnx-convert.toml", root=self.head)
        chosen = Options(self.head / out, default_root(os.environ), **{"results": None, "benchmark": False} | options)
        edges = Edges(os.environ, machine.describe(), None)
        return Run(loaded, make_plan(loaded, only=only), chosen, edges, Watcher(until), base).execute()

    @property
    def base(self) -> CommitBase:
        earlier = load(self.worktree / "onnx-convert.toml", root=self.worktree)
        return CommitBase("c0ffee5", "c0ffee5" * 5, earlier, make_plan(earlier))

    def converted(self, out: str) -> set[str]:
        """The rows of the base that workers had to do with."""
        logs = self.head / out / "baseline"
        return {path.name for path in logs.iterdir()} if logs.is_dir() else set()


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="onnx-convert-base-") as made:
        root = Path(made)
        root.chmod(0o755)
        head = root / "repository"
        head.mkdir()
        for name in BEFORE:
            onnx.save(graph("Relu", "Abs", "Neg"), head / f"{name}.onnx")
        onnx.save(graph("Abs", "Sigmoid"), head / "old.onnx")
        (head / "mended.onnx").write_bytes(b"no model")
        (head / "scaler.py").write_text(SCALER)
        (head / "shared.py").write_text("SPREAD = 1.0\n")
        write_spec(head, BEFORE)
        git(head, "init", "--quiet")
        git(head, "add", ".")
        git(head, "commit", "--quiet", "--message", "before")
        git(head, "worktree", "add", "--quiet", "--detach", str(root / "worktree"))
        (head / "old.onnx").rename(head / "moved.onnx")
        (head / "gone.onnx").unlink()
        for name in ("changed", "half"):
            onnx.save(graph("Relu", "Abs", "Sigmoid", "Neg"), head / f"{name}.onnx")
        onnx.save(graph("Tanh"), head / "new.onnx")
        onnx.save(graph("Relu"), head / "mended.onnx")
        write_spec(head, AFTER)
        yield Place(head, root / "worktree", root / "cache")


@pytest.fixture(scope="module")
def report(place: Place) -> Report:
    return place.run("out", base=place.base, benchmark=True)


def row(report: Report, name: str) -> ModelReport:
    return next(one for one in report.models if one.name == name)


def compared(report: Report, name: str) -> Comparison:
    found = row(report, name).comparison
    assert found is not None, row(report, name).diagnostics
    return found


def test_what_did_not_change_is_identical_and_not_converted_at_the_base(place: Place, report: Report) -> None:
    for name in ("same", "same+fp16", "scaler"):
        assert compared(report, name).status == "identical"
        assert name not in place.converted("out")
    (latency,) = compared(report, "same").latency
    assert (latency.provider, latency.verdict, latency.ratio) == ("cpu", "identical", None)


def test_what_changed_is_converted_at_the_base_and_measured_in_turn_with_it(place: Place, report: Report) -> None:
    found = compared(report, "changed")
    assert (found.status, found.baseline, found.nodes) == ("compared", "c0ffee5", (3, 4))
    assert found.operators == {"Sigmoid": (0, 1)}
    assert found.opsets == {}
    assert found.size_ratio is not None
    assert found.size_ratio > 1
    assert found.parity == (0.0, 0.0)
    assert [one.provider for one in found.latency] == ["cpu"]
    assert found.latency[0].verdict != "identical"
    assert found.latency[0].ratio is not None, found.latency[0].reason
    assert (place.head / "out" / "baseline" / "changed").is_dir()


def test_a_variant_is_compared_with_the_same_variant_of_the_base(report: Report) -> None:
    found = compared(report, "half+fp16")
    before, after = found.nodes or (0, 0)
    assert (found.status, after - before) == ("compared", 1)
    assert [one.provider for one in found.latency] == ["cpu"]


def test_a_renamed_model_is_matched_by_its_digest(report: Report) -> None:
    found = compared(report, "moved")
    assert (found.status, found.base) == ("identical", "old")


def test_new_and_deleted_models_are_told(report: Report) -> None:
    assert compared(report, "new").status == "new"
    assert report.baseline is not None
    assert (report.baseline.kind, report.baseline.deleted) == ("commit", ("gone",))


def test_a_base_that_cannot_be_converted_is_said_and_fails_nothing(report: Report) -> None:
    found = compared(report, "mended")
    assert (found.status, row(report, "mended").status) == ("failed", "passed")
    assert found.reason
    assert "OCA653" in {one.code for one in row(report, "mended").diagnostics}
    assert report.conclusion == "success"


def test_a_file_that_the_model_imports_counts_as_the_model(place: Place) -> None:
    shared = place.head / "shared.py"
    before = shared.read_text()
    shared.write_text("SPREAD = 2.0\n")
    try:
        found = compared(place.run("shared", "scaler", base=place.base), "scaler")
    finally:
        shared.write_text(before)
    assert found.status == "compared"
    assert found.nodes is not None
    assert found.nodes[0] == found.nodes[1]


def test_a_model_that_only_has_another_name_is_recognised_without_a_conversion(place: Place) -> None:
    write_spec(place.head, AFTER, scaler="standard")
    try:
        found = place.run("named", "standard", base=place.base)
    finally:
        write_spec(place.head, AFTER)
    assert (compared(found, "standard").status, compared(found, "standard").base) == ("identical", "scaler")
    assert "scaler" not in place.converted("named")
    assert found.baseline is not None
    assert "scaler" not in found.baseline.deleted


def test_the_cache_knows_what_a_row_is_against_which_base(place: Place) -> None:
    pushed = replace(place, head=place.worktree).run("pushed", base=None, results=place.cache)
    assert {one.name for one in pushed.models if one.status != "passed"} == {"mended"}
    first = place.run("first", base=place.base, results=place.cache)
    assert place.converted("first") == {"mended"}, "the push had filled the cache"
    again = place.run("second", base=place.base, results=place.cache)
    assert place.converted("second") == set(), "what cannot be converted is known to be so"
    known = {"same": "identical", "scaler": "identical", "changed": "compared", "moved": "identical", "new": "new"}
    known["mended"] = "failed"
    assert {name: row(again, name).cached for name in known} == dict.fromkeys(known, True)
    for report in (first, again):
        assert [one.code for one in row(report, "mended").diagnostics] == ["OCA653"]
        assert {name: compared(report, name).status for name in known} == known
    alone = place.run("alone", base=None, results=place.cache)
    assert all(one.cached and one.comparison is None for one in alone.models)
    assert alone.baseline is None


def test_an_interrupt_while_the_base_is_converted_loses_no_row(place: Place) -> None:
    found = place.run("interrupted", "changed", "same", base=place.base, until="baseline", jobs=1)
    assert (found.complete, found.conclusion) == (False, "failure")
    assert row(found, "changed").artifact is not None
    assert (place.head / "interrupted" / "models" / "changed" / "changed.onnx").is_file()


def test_an_earlier_output_folder_is_a_base_by_its_digests(place: Place, report: Report) -> None:
    earlier = FolderBase("out", place.head / "out", read(place.head / "out" / "report.json"))
    again = place.run("third", *AFTER, base=earlier)
    assert {compared(again, name).status for name in AFTER} == {"identical"}
    (place.head / "out" / "models" / "same" / "same.onnx").write_bytes(b"another")
    found = compared(place.run("fourth", "same", base=earlier), "same")
    assert (found.status, "not the file" in (found.reason or "")) == ("failed", True)
    assert report.baseline is not None


def test_without_the_base_that_was_asked_for_the_run_goes_on_and_says_so(place: Place) -> None:
    again = place.run("fifth", "same", base=NoBase("main", "the clone is shallow"))
    assert (again.conclusion, again.baseline and again.baseline.reason) == ("success", "the clone is shallow")
    assert [one.code for one in again.diagnostics if one.code.startswith("OCA64")] == ["OCA640"]
    assert all(one.comparison is None for one in again.models)
