"""Every wrong spec is refused with its code, at its line, with a remedy, and nothing else is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from onnx_convert.diagnostics.spec import ENTRIES
from onnx_convert.spec.check import problems
from onnx_convert.spec.load import load
from onnx_convert.spec.problem import Problem, SpecError
from tests.unit.spec.wrong_specs import CASES, INPUTS, MODULE, SOURCE, Case, write


def found(path: Path) -> tuple[Problem, ...]:
    try:
        return problems(load(path))
    except SpecError as error:
        return error.problems


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_wrong_spec_is_refused_at_its_line_with_a_remedy(case: Case, tmp_path: Path) -> None:
    said = found(write(case, tmp_path))
    match = [one for one in said if one.code == case.code and one.line == case.line]
    assert match, said
    assert case.remedy in match[0].message + match[0].hint
    assert match[0].severity == "error"
    assert "\n" not in match[0].message


@pytest.mark.parametrize("spec", [SOURCE, MODULE + INPUTS], ids=["a file", "a module"])
def test_what_the_cases_start_from_is_right(spec: str, tmp_path: Path) -> None:
    assert found(write(Case("right", spec, "", None, ""), tmp_path)) == ()


def test_an_mxnet_symbol_may_have_its_weights_in_another_file(tmp_path: Path) -> None:
    spec = 'spec-version = 1\n[models.a]\nsource = "models/net-symbol.json"\nweights = "models/other.params"\n'
    path = write(Case("symbol", spec, "", None, ""), tmp_path)
    for name in ("net-symbol.json", "other.params"):
        (tmp_path / "models" / name).write_bytes(b"{}")
    assert found(path) == ()


def test_names_of_cases_are_unique_and_there_are_many() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60


def test_every_error_of_the_catalogue_has_a_case() -> None:
    errors = {entry.code for entry in ENTRIES if entry.severity == "error"}
    assert errors - {case.code for case in CASES} == {"OCA100"}  # no file at all: test_load


def test_all_errors_are_reported_at_once_in_order_of_lines(tmp_path: Path) -> None:
    spec = SOURCE + "optset = 1\ntrust = 1\n[models.x]\nsource = 3\nbenchmark = true\n"
    said = found(write(Case("many", spec, "", None, ""), tmp_path))
    assert [(one.line, one.code) for one in said] == [(4, "OCA104"), (5, "OCA105"), (7, "OCA105"), (8, "OCA106")]


def test_an_error_in_defaults_is_reported_once_where_it_is(tmp_path: Path) -> None:
    models = "".join(f'[models.{name}]\nsource = "models/net.onnx"\n' for name in "abc")
    spec = 'spec-version = 1\n[defaults]\nbenchmark.providers = ["cpu", "cpu"]\n' + models
    (said,) = found(write(Case("defaults", spec, "", None, ""), tmp_path))
    assert (said.code, said.line, said.column) == ("OCA122", 3, 31)
    assert said.models == ("a", "b", "c")
