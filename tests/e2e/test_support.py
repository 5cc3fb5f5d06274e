"""The support matrix: models of all six frameworks, in one spec and one run at opset 17, as docs/support.md has it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from onnx_convert.frameworks.registry import FRAMEWORKS
from onnx_convert.report.model import ModelReport, Report
from tests.support import fragments, harness, results

pytestmark = [pytest.mark.integration, pytest.mark.timeout(3600)]
ASKED = 17
UNRECOGNISED = {"OCA030", "OCA200", "OCA300"}
"""Codes that only say that something failed: no reason for a row of this spec to be red."""


@pytest.fixture(scope="module")
def parts() -> tuple[fragments.Fragment, ...]:
    return fragments.read()


@pytest.fixture(scope="module")
def report(parts: tuple[fragments.Fragment, ...]) -> Iterator[Report]:
    with harness.repository(parts) as root, tempfile.TemporaryDirectory() as out:
        yield harness.convert(root, fragments.join(parts, opsets=[ASKED]), Path(out), ("--no-cache",))


@pytest.fixture(scope="module")
def own_opsets(parts: tuple[fragments.Fragment, ...]) -> dict[str, int | str]:
    """What each model asks for that has to ask for an opset of its own, such as an existing ONNX file."""
    models = {name: model for part in parts for name, model in part.models.items()}
    return {name: model["opset"] for name, model in models.items() if "opset" in model}


def explained(row: ModelReport) -> bool:
    errors = {one.code for one in row.diagnostics if one.severity == "error" or row.status == "skipped"}
    return bool(errors) and not any(code in UNRECOGNISED or code.startswith("OCA9") for code in errors)


def test_one_run_holds_at_least_forty_models_of_all_six_frameworks(report: Report) -> None:
    assert report.complete
    assert {row.framework for row in report.models} == set(FRAMEWORKS)
    assert len({results.cell_of(row, simplify=True).model for row in report.models}) >= 40


def test_every_row_passed_or_is_explained(report: Report) -> None:
    silent = {row.name: row.diagnostics for row in report.models if row.status != "passed" and not explained(row)}
    assert not silent


def test_a_row_that_passed_has_the_opset_that_was_asked_for(report: Report, own_opsets: dict[str, int | str]) -> None:
    got = {row.name: row.artifact.opsets["ai.onnx"] for row in report.models if row.artifact}
    asked = {name: own_opsets.get(name.partition("+")[0], ASKED) for name in got}
    passed = {row.name for row in report.models if row.status == "passed" and asked[row.name] != "auto"}
    assert {name: got[name] for name in passed} == {name: asked[name] for name in passed}


def test_the_support_page_says_of_each_model_what_happened(
    report: Report, parts: tuple[fragments.Fragment, ...]
) -> None:
    known = {cell.key: (cell.status, cell.code) for one in results.load().values() for cell in one.cells}
    now = {
        cell.key: (cell.status, cell.code) for cell in (results.cell_of(row, simplify=True) for row in report.models)
    }
    assert now == {key: known.get(key) for key in now}, "run python -m tests.support"
