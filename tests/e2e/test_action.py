"""The action as a workflow uses it: `uses: ./`, run by act in real containers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e import engine

pytestmark = [pytest.mark.container, pytest.mark.timeout(1800)]
HERE = Path(__file__).parent
RUNNER_IMAGE = "docker.io/library/debian:bookworm-slim"


@pytest.fixture(scope="module")
def repository(client: str, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The action and models in one repository; its image is already in the engine's layers."""
    folder = tmp_path_factory.mktemp("act") / "repository"
    shutil.copytree(project, folder, symlinks=True)
    shutil.rmtree(folder / ".github/workflows")
    shutil.copytree(HERE / "workflows", folder / ".github/workflows")
    shutil.copytree(HERE / "project", folder, dirs_exist_ok=True)
    spec = (HERE / "project/onnx-convert.toml").read_text()
    (folder / "typo.toml").write_text(spec.replace("source =", "sorce =", 1))
    engine.commit(folder)
    engine.give(folder, engine.RUNNER)
    return folder


def run(repository: Path, workflow: str, *options: str) -> subprocess.CompletedProcess[str]:
    act = engine.act()
    if act is None:
        pytest.skip("act is not installed or has no socket of an engine")
    return subprocess.run(
        [
            *(act, "pull_request", "--rm", "--pull=false", "--network", "host", "--bind"),
            *("--workflows", f".github/workflows/{workflow}.yml", "--platform", f"ubuntu-latest={RUNNER_IMAGE}"),
            *options,
        ],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_workflow_gets_outputs_summary_annotations_and_the_exit_code(repository: Path) -> None:
    ended = run(repository, "convert")
    log = ended.stdout + ended.stderr
    assert ended.returncode == 1, log
    assert "outcome=failure conclusion=failure report=onnx-convert-out/report.json output-dir=onnx-convert-out" in log
    assert "exit with `FAILURE`: 1" in log
    assert re.search(r"Summary - .*broken", log, re.DOTALL)
    spec = repository / "onnx-convert.toml"
    marked = re.findall(r"::error file=onnx-convert\.toml,line=(\d+)", log)
    assert marked, log
    assert all(
        engine.line_of(spec, "models.broken") <= int(line) < engine.line_of(spec, "models.thief") for line in marked
    )
    owners = {path.lstat().st_uid for path in (repository / "onnx-convert-out").rglob("*")}
    assert owners == {engine.RUNNER}


def test_a_misspelt_key_ends_the_step_with_an_annotation(repository: Path) -> None:
    ended = run(repository, "typo")
    log = ended.stdout + ended.stderr
    assert ended.returncode == 1, log
    assert "outcome=failure conclusion=failure" in log
    assert f"::error file=typo.toml,line={engine.line_of(repository / 'typo.toml', 'sorce')}," in log
    assert "exit with `FAILURE`: 2" in log


def test_a_pull_request_is_compared_with_the_commit_of_the_event(repository: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(repository, checkout, symlinks=True)
    shutil.rmtree(checkout / "onnx-convert-out", ignore_errors=True)
    engine.give(checkout, 0)
    base = engine.commit(checkout)
    (checkout / "notes.md").write_text("nothing that a model reads")
    head = engine.commit(checkout)
    engine.give(checkout, engine.RUNNER)
    payload = {"pull_request": {"number": 7, "base": {"sha": base, "ref": "main"}, "head": {"sha": head}}}
    (tmp_path / "event.json").write_text(json.dumps(payload))
    ended = run(checkout, "compare", "--eventpath", str(tmp_path / "event.json"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    report = json.loads((checkout / "onnx-convert-out/report.json").read_text())
    assert report["baseline"]["commit"] == base, report["diagnostics"]
    (row,) = report["models"]
    assert row["comparison"]["status"] == "identical"
    owners = {path.lstat().st_uid for path in (checkout / ".git").rglob("*")}
    assert owners == {engine.RUNNER}
