from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from onnx_convert.report.model import (
    Artifact,
    Case,
    Diagnostic,
    Export,
    Machine,
    ModelReport,
    Parity,
    Report,
    Simplification,
    Tool,
)
from tests.support import fragments, results
from tests.support.results import (
    Cell,
    Peer,
    Results,
    cell_of,
    load,
    load_together,
    merge,
    save,
    save_together,
    together,
)

PEER = {
    "peer": "jax2onnx",
    "version": "0.10",
    "rule": "all",
    "cases": 2,
    "ours": {"passed": 1},
    "theirs": {"passed": 2},
    "rows": [
        {"name": "a", "ours": "passed", "theirs": "passed", "worst": 1e-6},
        {"name": "b", "ours": "error", "code": "OCA301", "reason": "no operator", "theirs": "passed"},
    ],
}


def row(name: str, **more: Any) -> ModelReport:
    return ModelReport(**{"name": name, "framework": "jax", "opset": 17, "status": "passed", **more})


def case(**more: Any) -> Case:
    return Case(**{"provider": "cpu", "dims": {}, "output": "y", "passed": True, **more})


def a_results(*cells: Cell, forms: dict[str, str] | None = None) -> Results:
    return Results(framework="jax", started="now", machine="m", versions={}, forms=forms or {"a": "form"}, cells=cells)


@pytest.mark.parametrize(
    ("key", "variant", "model", "opset"),
    [
        ("a", "fp32", "a", 17),
        ("a+opset21", "fp32", "a", 21),
        ("a+fp16", "fp16", "a", 17),
        ("a+opset21+int8-dynamic", "int8-dynamic", "a", 21),
        ("a+fp16+opset21", "fp16", "a", 21),
    ],
)
def test_a_rows_key_says_which_model_and_opset_it_is(key: str, variant: str, model: str, opset: int) -> None:
    cell = cell_of(row(key, variant=variant), simplify=True)
    assert (cell.model, cell.variant, cell.opset) == (model, variant, opset)


def test_a_cell_has_the_worst_error_of_the_cpu_and_the_nodes_before_and_after() -> None:
    cases = (case(max_abs=1e-6, max_rel=0.5), case(max_abs=3e-6, max_rel=0.1), case(provider="cuda", max_abs=1.0))
    artifact = Artifact(
        path="a", bytes=1, sha256="0", opsets={"ai.onnx": 17}, ir_version=8, nodes=5, nodes_before_simplify=9
    )
    kept = Simplification(simplifier="onnxsim", status="kept")
    whole = row(
        "a",
        artifact=artifact,
        export=Export(exporter="dynamo", seconds=1.5, simplification=kept),
        parity=Parity(status="passed", rtol=1e-3, atol=1e-5, cases=cases),
    )
    cell = cell_of(whole, simplify=True)
    assert (cell.max_abs, cell.max_rel, cell.seconds) == (3e-6, 0.5, 1.5)
    assert (cell.nodes_before, cell.nodes, cell.simplification) == (9, 5, "kept")
    assert cell.good


def test_an_error_that_is_no_number_is_the_worst() -> None:
    parity = Parity(status="failed", rtol=0, atol=0, cases=(case(max_abs=1.0), case(max_abs=math.nan)))
    worst = cell_of(row("a", status="failed", parity=parity), simplify=True).max_abs
    assert worst is not None
    assert math.isnan(worst)


def test_a_cell_that_failed_has_the_code_and_first_line_of_its_first_error() -> None:
    said = (
        Diagnostic(code="OCA221", severity="warning", message="training"),
        Diagnostic(code="OCA301", severity="error", message="no operator `fft`\nmore"),
    )
    cell = cell_of(row("a", status="error", diagnostics=said), simplify=True)
    assert (cell.code, cell.reason, cell.good) == ("OCA301", "no operator `fft`", False)


def test_a_comparison_that_could_hardly_have_failed_is_not_good() -> None:
    vacuous = Diagnostic(code="OCA502", severity="warning", message="every expected value is the same")
    cell = cell_of(row("a", diagnostics=(vacuous,)), simplify=True)
    assert (cell.status, cell.code, cell.good) == ("passed", "OCA502", False)


def test_new_cells_replace_old_ones_and_models_that_are_gone_are_forgotten() -> None:
    def cell(model: str, opset: int, status: Any) -> Cell:
        return Cell(model=model, opset=opset, simplify=True, status=status)

    old = a_results(cell("a", 13, "passed"), cell("a", 17, "error"), cell("gone", 17, "passed"))
    both = merge(old, a_results(cell("a", 17, "passed")))
    assert [(one.model, one.opset, one.status) for one in both.cells] == [("a", 13, "passed"), ("a", 17, "passed")]


def test_results_are_the_same_after_a_file_of_a_line_a_cell(tmp_path: Path) -> None:
    kept = a_results(*(Cell(model="a", opset=n, simplify=True, status="passed", max_abs=math.inf) for n in (13, 14)))
    save(kept, tmp_path)
    assert load(tmp_path) == {"jax": kept}
    assert sum('"opset"' in line for line in (tmp_path / "jax.json").read_text().splitlines()) == 2


def test_a_run_of_everything_is_added_up_and_kept_for_each_number_of_jobs(tmp_path: Path) -> None:
    rows = (
        row("a", worker_seconds=2.0, peak_memory_bytes=10),
        row("a+fp16", variant="fp16", worker_seconds=3.0, peak_memory_bytes=30),
        row("b", framework="onnx", status="error", worker_seconds=1.0),
    )
    machine = Machine(cpu="c", cores=2, memory_bytes=1, platform="p", python="3")
    report = Report(
        tool=Tool(version="1"), conclusion="failure", machine=machine, spec="s", started="now", seconds=4.0, models=rows
    )
    run = together(report, opset=17, jobs=2)
    assert (run.models, run.frameworks, run.rows, run.good) == (2, 2, 3, 2)
    assert (run.seconds, run.worker_seconds, run.peak_memory_bytes) == (4.0, 6.0, 30)
    path = tmp_path / "together.json"
    for one in (run, run.model_copy(update={"jobs": 1}), run):
        save_together(one, path)
    assert [one.jobs for one in load_together(path)] == [1, 2]


def test_the_results_of_the_repository_are_of_models_that_it_has() -> None:
    known = {one.framework: one.forms for one in fragments.read()}
    for name, one in load().items():
        assert set(one.forms) <= set(known[name]), name


def test_a_peers_counts_are_those_of_its_rows() -> None:
    assert Peer.model_validate(PEER).ours.passed == 1
    with pytest.raises(ValidationError, match="add up"):
        Peer.model_validate({**PEER, "ours": {"passed": 2}})


def test_a_peers_case_that_did_not_pass_is_explained() -> None:
    silent = [PEER["rows"][0], {"name": "b", "ours": "error", "theirs": "passed"}]  # type: ignore[index]
    with pytest.raises(ValidationError, match="no code and reason: b"):
        Peer.model_validate({**PEER, "rows": silent})


@pytest.mark.parametrize("path", sorted((results.HERE / "peers").glob("*.json")), ids=lambda path: path.stem)
def test_every_peers_file_is_of_the_agreed_form(path: Path) -> None:
    assert Peer.model_validate(json.loads(path.read_text())).cases
