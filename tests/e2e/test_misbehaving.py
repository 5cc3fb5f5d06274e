"""Models that misbehave: each ends its own row with a diagnostic of its own, and the other rows are whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from onnx_convert.environments import Environments, default_root
from onnx_convert.report.model import Report
from tests.e2e import command

pytestmark = pytest.mark.integration
HERE = Path(__file__).parent / "misbehaving"

ENDED = {
    "raises": "OCA200",
    "raises-on-import": "OCA200",
    "exits": "OCA200",
    "exits-at-once": "OCA021",
    "segfaults": "OCA020",
    "loops": "OCA022",
    "eats-memory": "OCA023",
    "forks": "OCA024",
    "interrupts": "OCA030",
    "recurses": "OCA200",
    "closes-everything": "OCA030",
    "is-no-module": "OCA203",
    "lacks-arguments": "OCA202",
    "lies": "OCA901",
    "truncates-the-model": "OCA351",
    "dict-of-lists": "OCA217",
    "stays-in-training": "OCA221",
    "embeds": "OCA215",
    "out-of-range": "OCA214",
    "too-few-inputs": "OCA211",
    "complex": "OCA217",
    "output-count": "OCA216",
    "weights-missing": "OCA207",
    "weights-unexpected": "OCA207",
    "weights-misshapen": "OCA207",
    "weights-truncated": "OCA206",
    "torchscript-truncated": "OCA115",
    "onnx-garbage": "OCA204",
    "pickle-without-trust": "OCA115",
    "unfitted": "OCA226",
    "homemade": "OCA307",
}
"""Models that have no artifact, and why."""

DIFFERENT = {"random": "OCA220", "data-dependent": "OCA304", "baked-batch": "OCA510"}
"""Models whose artifact differs from them, and what is said beside it."""

CONVERTED = {
    "good-first": None,
    "leaves-a-daemon": "OCA026",
    "prints-commands": None,
    "prints-gigabytes": "OCA027",
    "hangs-in-a-thread": None,
    "nan": "OCA502",
    "constant": "OCA502",
    "good-last": None,
}
"""Models that pass, and what is said of them."""


@pytest.fixture(scope="module")
def repository() -> Iterator[Path]:
    # Open to other users, as a checkout is: pytest's own folders are not.
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-e2e-"))
    folder.chmod(0o755)
    repository = folder / "repository"
    shutil.copytree(HERE, repository, ignore=shutil.ignore_patterns("__pycache__"))
    python = Environments(default_root(os.environ), environ=os.environ, say=print).get("pytorch").python
    subprocess.run([python, "make.py", "."], cwd=repository, check=True)
    yield repository
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def ended(repository: Path) -> command.Ended:
    return command.run(repository, "--no-cache")


def test_the_run_ends_with_the_code_of_a_failed_gate(ended: command.Ended) -> None:
    assert ended.code == 1, ended.output
    assert ended.report["conclusion"] == "failure"


def test_every_model_has_its_row(ended: command.Ended) -> None:
    known = {*ENDED, *DIFFERENT, *CONVERTED, "writes-to-the-repository", "kills-its-parent"}
    assert {row["name"] for row in ended.report["models"]} == known


@pytest.mark.parametrize(("name", "code"), ENDED.items())
def test_a_model_that_cannot_be_converted_ends_its_row_with_a_diagnostic(
    ended: command.Ended, name: str, code: str
) -> None:
    row = ended.row(name)
    assert row["status"] == "error"
    assert row["artifact"] is None
    assert code in ended.codes(name), row["diagnostics"]
    assert all(one["line"] and one["hint"] for one in row["diagnostics"])


@pytest.mark.parametrize(("name", "code"), DIFFERENT.items())
def test_a_model_whose_artifact_differs_fails_parity(ended: command.Ended, name: str, code: str) -> None:
    row = ended.row(name)
    assert (row["status"], row["parity"]["status"]) == ("failed", "failed")
    assert {"OCA501", code} <= ended.codes(name)
    script = ended.out / "models" / name / "repro" / "repro.py"
    shown = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stderr) == (1, "")
    assert "Mismatched elements" in shown.stdout or "the model does not run" in shown.stdout


@pytest.mark.parametrize(("name", "code"), CONVERTED.items())
def test_the_other_rows_are_whole(ended: command.Ended, name: str, code: str | None) -> None:
    row = ended.row(name)
    assert row["status"] == "passed", row["diagnostics"]
    assert (ended.out / row["artifact"]["path"]).stat().st_size == row["artifact"]["bytes"]
    assert [one["status"] for one in row["benchmark"]] == ["measured", "measured"]
    assert code is None or code in ended.codes(name)


@pytest.mark.parametrize("name", ["writes-to-the-repository", "kills-its-parent"])
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run model code as another user")
def test_what_another_user_may_not_do_is_refused(ended: command.Ended, repository: Path, name: str) -> None:
    assert ended.row(name)["status"] == "error"
    assert "PermissionError" in ended.row(name)["diagnostics"][0]["message"]
    assert not (repository / "planted.py").exists()


def test_nothing_that_a_model_prints_is_a_command_of_the_job(ended: command.Ended) -> None:
    commands = [line for line in ended.output.splitlines() if line.lstrip().startswith(("::", "##["))]
    assert not [line for line in commands if "set-output" in line or "mask" in line or "planted" in line]


def test_no_process_is_left(ended: command.Ended, repository: Path) -> None:
    left = [
        path.name
        for path in Path("/proc").iterdir()
        if path.name.isdigit() and str(repository).encode() in _cwd(path).encode()
    ]
    assert not left


def test_no_token_and_no_trace_reaches_the_output(ended: command.Ended) -> None:
    written = [path for path in ended.out.rglob("*") if path.is_file() and path.suffix in {".txt", ".json", ".md"}]
    everything = ended.output + "".join(path.read_text("utf-8", "replace") for path in written)
    assert "s3cret" not in everything
    assert "Traceback" not in ended.output
    assert not list(ended.out.rglob("trace.txt"))


def test_the_report_is_valid(ended: command.Ended) -> None:
    assert Report.model_validate(ended.report).complete


def _cwd(process: Path) -> str:
    try:
        return str((process / "cwd").readlink())
    except OSError:
        return ""
