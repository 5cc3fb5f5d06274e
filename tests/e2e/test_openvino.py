"""The quickstart on OpenVINO through both doors: every example right and measured, or with the reason why not."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from onnx_convert.environments import Environments, default_root
from tests.e2e import command

pytestmark = pytest.mark.integration
PROJECT = Path(__file__).resolve().parents[2]
DOORS = {"openvino": "OpenVINOExecutionProvider", "openvino-runtime": "openvino-runtime"}
NETWORKS = ("tiny-cnn", "recommender", "edges")


@pytest.fixture(scope="module")
def ended() -> Iterator[command.Ended]:
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-e2e-"))
    folder.chmod(0o755)
    repository = folder / "repository"
    shutil.copytree(PROJECT / "examples" / "quickstart", repository)
    spec = repository / "onnx-convert.toml"
    quick = '["cpu", "openvino", "openvino-runtime"], seconds = 0.2'
    spec.write_text(spec.read_text().replace('["cpu"], seconds = 2', quick))
    yield command.run(repository, "--no-cache")
    shutil.rmtree(folder)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_right_and_measured_and_all_of_it_ran_there(ended: command.Ended, name: str, door: str) -> None:
    row = ended.row(name)
    assert row["status"] == "passed", ended.output
    assert {case["passed"] for case in row["parity"]["cases"] if case["provider"] == door} == {True}
    (found,) = [one for one in row["benchmark"] if one["provider"] == door]
    assert (found["status"], found["effective"]) == ("measured", {DOORS[door]: 1.0})
    assert found["latency_ms"]["median"] > 0


@pytest.mark.parametrize(
    ("door", "status", "reason"),
    [
        ("openvino", "unavailable", "OpenVINOExecutionProvider took none of the nodes"),
        ("openvino-runtime", "failed", "ai.onnx.ml.TreeEnsembleClassifier"),
    ],
)
def test_trees_which_openvino_does_not_compute_have_its_reason_and_no_number(
    ended: command.Ended, door: str, status: str, reason: str
) -> None:
    (found,) = [one for one in ended.row("iris")["benchmark"] if one["provider"] == door]
    assert (found["status"], found["latency_ms"]) == (status, None)
    assert reason in found["reason"]
    assert not any(case["passed"] for case in ended.row("iris")["parity"]["cases"] if case["provider"] == door)


def test_what_only_openvino_does_otherwise_is_shown_outside_with_openvino(ended: command.Ended) -> None:
    environment = Environments(default_root(os.environ), environ=os.environ, say=print).get("openvino")
    script = ended.out / "models" / "iris" / "repro" / "repro.py"
    shown = subprocess.run([environment.python, script], capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stderr) == (1, "")
    assert "label: equal within" in shown.stdout
    assert "the model does not run" in shown.stdout.partition("OpenVINO")[2]


def test_what_a_listed_provider_cannot_do_fails_the_run(ended: command.Ended) -> None:
    assert ended.code == 1
    assert {"OCA601", "OCA602"} <= ended.codes("iris")
    assert [row["name"] for row in ended.report["models"] if row["status"] != "passed"] == ["iris"]
