"""The quickstart, as README has it: every file of the contract, a second run that does nothing, an interrupted one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import jsonschema
import onnx
import pytest

from tests.e2e import command

pytestmark = pytest.mark.integration
PROJECT = Path(__file__).resolve().parents[2]
MODELS = ("tiny-cnn", "recommender", "iris", "edges")


def test_a_first_run_writes_every_file_and_a_second_one_does_nothing(repository: Path, cache: str) -> None:
    first = command.run(repository, "--cache-dir", cache)
    assert first.code == 0, first.output
    schema = json.loads((PROJECT / "schema" / "report.schema.json").read_text())
    jsonschema.validate(first.report, schema)
    for name in ("report.json", "comment.md", "report.html", "junit.xml"):
        assert (first.out / name).stat().st_size > 500, name
    for name in MODELS:
        row = first.row(name)
        assert (row["status"], row["opset"], row["cached"]) == ("passed", 17, False)
        assert row["parity"]["status"] == "passed"
        assert {one["provider"]: one["status"] for one in row["benchmark"]} == {"cpu": "measured", "native": "measured"}
        path = first.out / "models" / name / f"{name}.onnx"
        onnx.checker.check_model(path, full_check=True)
        manifest = json.loads((path.parent / "manifest.json").read_text())
        assert manifest["files"][row["artifact"]["path"]] == sha256(path.read_bytes()).hexdigest()

    second = command.run(repository, "--cache-dir", cache)
    assert second.code == 0, second.output
    assert all(row["cached"] for row in second.report["models"])
    before, after = (
        [{**row, "cached": None, "not_cached": None} for row in run.report["models"]] for run in (first, second)
    )
    assert before == after

    source = repository / "models" / "cnn.py"
    source.write_text(source.read_text() + "\n# touched\n")
    third = command.run(repository, "--cache-dir", cache, "--explain-cache")
    assert {row["name"] for row in third.report["models"] if not row["cached"]} == {"tiny-cnn"}
    assert third.row("tiny-cnn")["not_cached"] == ["models/cnn.py changed"]
    assert "models/cnn.py changed" in third.output


def test_an_interrupted_run_reports_what_was_finished(repository: Path, cache: str) -> None:
    spec = repository / "onnx-convert.toml"
    slow = (
        '\n[models.slow]\nframework = "pytorch"\nsource = "models/slow.py:model"\ninputs.x = { shape = ["batch", 4] }\n'
    )
    spec.write_text(spec.read_text() + slow)
    (repository / "models" / "slow.py").write_text("import time\n\n\ndef model():\n    time.sleep(600)\n")
    out = repository.parent / "out"
    arguments = ["run", "--model", "edges", "--model", "slow", "--no-benchmark"]
    process = subprocess.Popen(
        [sys.executable, "-m", "onnx_convert", *arguments, "--out", str(out), "--cache-dir", cache],
        cwd=repository,
        env=command.environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 300
    while "edges" not in _converted(out) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    report = json.loads((out / "report.json").read_text())
    rows = {row["name"]: row for row in report["models"]}
    assert not report["complete"]
    assert rows["edges"]["status"] == "passed"
    assert rows["slow"]["status"] in {"error", "skipped"}
    assert "Traceback" not in output


def _converted(out: Path) -> set[str]:
    return {path.parent.name for path in out.glob("models/*/*.onnx")}
