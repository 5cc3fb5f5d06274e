"""A run killed while it measures: the report says what was done and what was not, and nothing is left running."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import parser

from onnx_convert.report.model import Report
from onnx_convert.workers.process import processes
from tests.e2e import command

pytestmark = pytest.mark.integration

GRAPH = '<ir_version: 8, opset_import: ["": 17]> g (float[batch, 2] x) => (float[batch, 2] y) {{ y = {}(x) }}'
MODELS = {"measured": 0.1, "being-measured": 300, "to-be-measured": 0.1}
"""Three models and the seconds that each is measured for, in the order of their measurement."""

IN_WORDS = ("comment.md", "report.html", "junit.xml")
SPEC = "spec-version = 1\n" + "".join(
    f'[models.{name}]\nsource = "relu.onnx"\nbenchmark = {{ seconds = {seconds} }}\n'
    for name, seconds in MODELS.items()
)


@pytest.fixture
def repository() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-e2e-"))
    folder.chmod(0o755)
    repository = folder / "repository"
    repository.mkdir()
    onnx.save(parser.parse_model(GRAPH.format("Relu")), repository / "relu.onnx")
    (repository / "onnx-convert.toml").write_text(SPEC)
    yield repository
    shutil.rmtree(folder)


Rows = dict[str, dict[str, Any]]


def start(repository: Path, until: Callable[[Rows], bool], *arguments: str) -> subprocess.Popen[str]:
    """A run, started in a folder in which an earlier one said that all is well, that has come to some state."""
    out = repository / "out"
    out.mkdir()
    for name in IN_WORDS:
        (out / name).write_text("All 3 models passed")
    process = subprocess.Popen(
        [sys.executable, "-m", "onnx_convert", "run", "--no-cache", "--out", str(out), *arguments],
        cwd=repository,
        env=command.environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 300
    while not until({row["name"]: row for row in report(repository).get("models", [])}):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def measures_the_second(rows: Rows) -> bool:
    return bool(rows) and rows["measured"]["status"] == "passed"


def report(repository: Path) -> dict[str, Any]:
    """report.json, valid by its schema; empty before there is one."""
    try:
        found = json.loads((repository / "out" / "report.json").read_text())
    except FileNotFoundError:
        return {}
    Report.model_validate(found)
    return dict(found)


def assert_tells_what_was_done(repository: Path) -> None:
    found = report(repository)
    assert (found["complete"], found["conclusion"]) == (False, "failure")
    rows = {row["name"]: row for row in found["models"]}
    assert {name: row["status"] for name, row in rows.items()} == {
        "measured": "passed",
        "being-measured": "skipped",
        "to-be-measured": "skipped",
    }
    for row in rows.values():
        assert (repository / "out" / row["artifact"]["path"]).stat().st_size == row["artifact"]["bytes"]
        assert row["parity"]["status"] == "passed"
    assert [one["provider"] for one in rows["measured"]["benchmark"]] == ["cpu", "native"]
    for name in ("being-measured", "to-be-measured"):
        assert rows[name]["benchmark"] == []
        (said,) = rows[name]["diagnostics"]
        assert (said["code"], said["file"]) == ("OCA902", "onnx-convert.toml")
        assert "converted, but not measured or compared to the end" in said["message"]


def started_by(process: subprocess.Popen[str]) -> set[tuple[int, str]]:
    """Every process below a run, by its number and when it began, which no later process shares."""
    below = {pid for pid in processes.descendants(process.pid) if processes.alive(pid)}
    return {(pid, began) for pid in below if (began := _began(pid))}


def left(before: set[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of them that still run a while after the end."""
    deadline = time.monotonic() + 20
    while (found := {one for one in before if _began(one[0]) == one[1]}) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def _began(pid: int) -> str | None:
    """The 22nd field of /proc/PID/stat: clock ticks from the machine's start to the process's."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return None


def test_a_run_killed_as_it_begins_leaves_a_report_of_every_model(repository: Path) -> None:
    process = start(repository, until=bool)
    process.kill()
    process.communicate()
    found = report(repository)
    assert (found["complete"], found["conclusion"]) == (False, "failure")
    assert {row["name"]: row["status"] for row in found["models"]} == dict.fromkeys(MODELS, "skipped")
    assert all([one["code"] for one in row["diagnostics"]] == ["OCA902"] for row in found["models"])


def test_a_run_killed_while_it_measures_leaves_a_report_that_says_so(repository: Path) -> None:
    process = start(repository, measures_the_second)
    time.sleep(1)  # into the measurement
    below = started_by(process)
    assert len(below) >= 3  # the template, its warden, the worker that measures
    process.kill()
    process.communicate()
    assert_tells_what_was_done(repository)
    assert not [name for name in IN_WORDS if (repository / "out" / name).exists()]
    assert not left(below)


@pytest.mark.parametrize("signals", [(signal.SIGTERM,), (signal.SIGINT, signal.SIGTERM)], ids=["TERM", "INT-TERM"])
def test_a_run_that_is_cancelled_says_so_in_every_file(repository: Path, signals: tuple[signal.Signals, ...]) -> None:
    process = start(repository, measures_the_second)
    time.sleep(1)
    below = started_by(process)
    for each in signals:  # a cancelled job of GitHub gets both
        process.send_signal(each)
        time.sleep(0.1)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert "Traceback" not in output
    assert_tells_what_was_done(repository)
    for name in IN_WORDS:
        text = (repository / "out" / name).read_text()
        assert "being-measured" in text
        assert "OCA902" in text
        assert "All 3 models passed" not in text
    assert not left(below)


def test_a_run_cancelled_while_it_compares_with_the_base_keeps_what_it_measured(repository: Path) -> None:
    spec = repository / "onnx-convert.toml"
    spec.write_text('spec-version = 1\n[models.net]\nsource = "relu.onnx"\nbenchmark = { seconds = 2 }\n')
    base = [sys.executable, "-m", "onnx_convert", "run", "--no-cache", "--no-benchmark", "--out", "base"]
    subprocess.run(base, cwd=repository, env=command.environ(), capture_output=True, check=True)
    onnx.save(parser.parse_model(GRAPH.format("Sigmoid")), repository / "relu.onnx")
    process = start(
        repository,
        lambda rows: bool(rows) and len(rows["net"]["benchmark"]) == 2,
        "--baseline",
        str(repository / "base"),
    )
    process.terminate()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    (row,) = report(repository)["models"]
    assert row["status"] == "skipped"
    assert [(one["provider"], one["latency_ms"]["median"] > 0) for one in row["benchmark"]] == [
        ("cpu", True),
        ("native", True),
    ]
    assert (row["comparison"]["status"], row["comparison"]["latency"]) == ("compared", [])
    assert "OCA902" in {one["code"] for one in row["diagnostics"]}
