"""Custom operators through the whole command, with a real library of operators: onnxruntime-extensions."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from onnx_convert.environments import Environments
from tests.e2e.command import Ended, run

pytestmark = pytest.mark.integration

MODELS = Path(__file__).parent / "models" / "custom_ops"
INVERSE = "ai.onnx.contrib::Inverse"


@pytest.fixture(scope="module")
def ended(environments: Environments) -> Iterator[Ended]:
    """One run of all models; the operators' library lies in the repository, as the spec demands."""
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-custom-ops-"))
    folder.chmod(0o755)
    repository = folder / "repository"
    shutil.copytree(MODELS, repository)
    needed = folder / "requirements.txt"
    needed.write_text("onnxruntime-extensions==0.15.2\n")
    (layer,) = environments.get("onnx", needed).layers
    (library,) = (layer / "onnxruntime_extensions").glob("*.so")
    shutil.copyfile(library, repository / "operators.so")
    yield run(repository)
    shutil.rmtree(folder)


def of_the_model(row: dict[str, Any]) -> list[dict[str, Any]]:
    """What was found of a row, without what noise there was on the machine."""
    return [one for one in row["diagnostics"] if not one["code"].startswith("OCA67")]


@pytest.mark.parametrize(("model", "opset"), [("library", 17), ("dynamo", 18)])
def test_a_library_brings_the_operators_to_every_stage(ended: Ended, model: str, opset: int) -> None:
    row = ended.row(model)
    assert (row["status"], of_the_model(row)) == ("passed", [])
    assert row["artifact"]["operators"][INVERSE] == 1
    assert row["artifact"]["opsets"] == {"ai.onnx": opset, "ai.onnx.contrib": 1}
    assert row["export"]["simplification"]["status"] == "kept"
    assert {case["provider"] for case in row["parity"]["cases"]} == {"cpu"}
    assert row["parity"]["status"] == "passed"


def test_what_has_a_library_is_measured(ended: Ended) -> None:
    assert {one["provider"]: one["status"] for one in ended.row("library")["benchmark"]} == {
        "cpu": "measured",
        "native": "measured",
    }


def test_python_classes_stand_in_for_a_library_and_the_row_says_so(ended: Ended) -> None:
    row = ended.row("reference")
    assert row["status"] == "passed"
    assert row["parity"]["status"] == "passed"
    assert {case["provider"] for case in row["parity"]["cases"]} == {"reference"}
    assert ended.codes("reference") == {"OCA395"}
    cpu, native = row["benchmark"]
    assert (cpu["status"], cpu["latency_ms"]) == ("unavailable", None)
    assert INVERSE in cpu["reason"]
    assert native["status"] == "measured"


def test_python_classes_that_compute_something_else_fail_parity(ended: Ended) -> None:
    row = ended.row("wrong-reference")
    assert (row["status"], row["parity"]["status"]) == ("failed", "failed")
    assert row["parity"]["blame"]["stage"] == "export"


def test_a_difference_is_shown_outside_with_the_library(ended: Ended, environments: Environments) -> None:
    assert ended.row("mistaken")["parity"]["blame"]["stage"] == "export"
    script = ended.out / "models/mistaken/repro/repro.py"
    shown = subprocess.run([environments.get("onnx").python, script], stdout=subprocess.PIPE, text=True, check=False)
    assert (shown.returncode, "Mismatched elements" in shown.stdout) == (1, True), shown.stdout


def test_with_neither_the_artifact_is_not_comparable(ended: Ended) -> None:
    row = ended.row("nobody")
    assert (row["status"], row["parity"]["status"]) == ("passed", "skipped")
    assert row["parity"]["reason"]
    assert ended.codes("nobody") == {"OCA392"}
    assert row["benchmark"][0]["status"] == "unavailable"


def test_an_operator_written_with_standard_ones_needs_no_library(ended: Ended) -> None:
    row = ended.row("standard")
    assert (row["status"], row["parity"]["status"], of_the_model(row)) == ("passed", "passed", [])


@pytest.mark.parametrize(
    ("model", "code", "words"),
    [
        ("no-library", "OCA393", "whitening.py cannot be loaded"),
        ("no-operator", "OCA396", "`NoSuchOperator` of the domain `ai.onnx.contrib`"),
        ("raises", "OCA390", "LookupError: no operator today (whitening.py:"),
        ("returns-a-list", "OCA391", "of type list"),
        ("no-classes", "OCA394", "'Inverse'"),
    ],
)
def test_what_is_wrong_with_the_operators_is_named(ended: Ended, model: str, code: str, words: str) -> None:
    said = [one for one in ended.row(model)["diagnostics"] if one["code"] == code]
    assert [words in one["message"] for one in said] == [True], ended.row(model)["diagnostics"]
