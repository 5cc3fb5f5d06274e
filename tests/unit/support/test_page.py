from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support import results
from tests.support.fragments import FRAMEWORKS
from tests.support.page import opsets, render
from tests.support.results import Cell, Peer, Results, Together
from tests.unit.support.test_results import PEER

PAGE = Path(__file__).parents[3] / "docs" / "support.md"


def cell(opset: int | None, **more: Any) -> Cell:
    return Cell(**{"model": "jax-block", "opset": opset, "simplify": True, "status": "passed", **more})


def red(opset: int, code: str = "OCA309", **more: Any) -> Cell:
    return cell(opset, status="error", code=code, reason=f"cannot be brought to opset {opset} | really", **more)


def a_page(*cells: Cell, runs: tuple[Together, ...] = (), peers: tuple[Peer, ...] = ()) -> str:
    one = Results(
        framework="jax",
        started="now",
        machine="m",
        versions={"jax": "0.10.2"},
        forms={"jax-block": "transformer block"},
        cells=cells,
    )
    return render({"jax": one}, runs, peers)


def test_neighbouring_opsets_with_the_same_end_are_together_and_what_was_not_run_is_not_said() -> None:
    assert opsets([cell(13), cell(14), cell(17), red(18), cell(19)]) == (
        "13–14, 17 ✓, 18 [OCA309](#what-does-not-pass), 19 ✓"  # noqa: RUF001 - the page's own dash
    )
    assert opsets([cell(None)]) == "auto ✓"
    assert opsets([]) == "–"  # noqa: RUF001


def test_a_model_is_one_row_with_its_form_exporter_nodes_worst_error_and_seconds() -> None:
    page = a_page(
        cell(13, exporter="jax2onnx", max_abs=2e-6, max_rel=1e-3, seconds=9.0),
        cell(
            17,
            exporter="jax2onnx",
            max_abs=1e-6,
            max_rel=5e-3,
            seconds=1.25,
            nodes=40,
            nodes_before=90,
            simplification="kept",
        ),
        cell(17, simplify=False, exporter="jax2onnx", max_abs=0.0, seconds=1.15, nodes=90, simplification="off"),
    )
    assert (
        "| transformer block | `jax-block` | jax2onnx | 13, 17 ✓ | 17 ✓ | 90 → 40 | 2.0e-06 | 5.0e-03 | 1.2 |" in page
    )
    assert "| [JAX](#jax) | 1 | 1 of 1 | 3 of 3 | jax 0.10.2 |" in page
    assert "Nothing: every row passes." in page


def test_a_red_row_stays_with_its_reason_once_for_all_its_opsets_and_cannot_break_the_table() -> None:
    page = a_page(cell(17), red(18), red(19), red(18, simplify=False))
    assert (
        "| `jax-block` | 18, 19 | yes | [OCA309](diagnostics/OCA309.md) | cannot be brought to opset N `¦` really |"
        in page
    )
    assert "| `jax-block` | 18 | no |" in page


def test_the_errors_of_rows_that_fail_are_not_the_worst_error_of_those_that_pass() -> None:
    page = a_page(cell(17, max_abs=1e-6), red(18, code="OCA501", max_abs=5.0))
    assert "| 1.0e-06 |" in page


def test_a_peers_pass_rate_is_beside_ours_and_what_differs_is_listed() -> None:
    page = a_page(cell(17), peers=(Peer.model_validate(PEER),))
    assert "| jax2onnx 0.10 | 2 | 1 (50%) | 2 (100%) |" in page
    differs, every = page.split("<details>")[-2:]
    assert "| `b` | [OCA301](diagnostics/OCA301.md) | – | passed | no operator |" in differs  # noqa: RUF001
    assert "| `a` |" not in differs
    assert "| `a` | passed |" in every


def test_a_run_of_everything_has_its_wall_time_beside_that_of_its_workers() -> None:
    run = Together(
        started="now",
        machine="a machine, 2 cores",
        opset=17,
        jobs=2,
        models=41,
        frameworks=6,
        rows=43,
        good=40,
        seconds=200.4,
        worker_seconds=380.2,
        peak_memory_bytes=2_500_000_000,
    )
    said = "| 17 | 41 of 6 frameworks | 40 of 43 | 2 | 200 s | 380 s | 2.5 GB | a machine, 2 cores |"
    assert said in a_page(cell(17), runs=(run,))


def test_the_page_of_the_repository_is_what_its_results_say() -> None:
    known = results.load()
    ordered = {name: known[name] for name in FRAMEWORKS if name in known}
    assert PAGE.read_text("utf-8") == render(ordered, results.load_together(), results.peers()), (
        "run python -m tests.support --render"
    )
