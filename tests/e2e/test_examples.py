"""The example workflows as users copy them, run by act with the image against the stand-in for GitHub's API.

Not a word of them is changed. `uses:` leads, by act's `--local-repository`, to this project with its image named as a
release names it, and to stand-ins for GitHub's own actions (tests/e2e/actions). GITHUB_API_URL leads to the stand-in.
What act does not do: `permissions`, `concurrency`, `timeout-minutes` of jobs, attestations.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from onnx_convert.report.write import to_json
from tests.e2e import engine
from tests.github_stand_in import StandIn
from tests.unit.report import sample

pytestmark = [pytest.mark.container, pytest.mark.timeout(1800)]
PROJECT = engine.PROJECT
RUNNER_IMAGE = "docker.io/library/debian:bookworm-slim"
SPEC = 'spec-version = 1\n\n[defaults]\nbenchmark = { seconds = 0.2 }\n\n[gates]\nmax-size-increase = "50%"\n'
MODELS = ("encoder", "ranker")
WIDTH = 64


def write_model(path: Path, layers: int) -> None:
    """A chain of matrix products, so that a layer more is a change that can be seen."""
    random = np.random.default_rng(layers)
    weights = [random.normal(0, WIDTH**-0.5, (WIDTH, WIDTH)).astype(np.float32) for _ in range(layers)]
    names = [*(f"y{number}" for number in range(layers - 1)), "scores"]
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", [before, f"w{number}"], [name])
            for number, (before, name) in enumerate(zip(["features", *names], names, strict=False))
        ],
        path.stem,
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", WIDTH])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", WIDTH])],
        [numpy_helper.from_array(weight, f"w{number}") for number, weight in enumerate(weights)],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


@dataclass(frozen=True)
class GitHub:
    """A repository with a pull request, and what act needs to run workflows in it: see tests/e2e/actions/README.md."""

    folder: Path
    api: StandIn
    base: str
    head: str

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    def run(self, workflow: str, event: str, payload: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        """Run one example workflow on an event, with the token of a job."""
        act = engine.act()
        if act is None:
            pytest.skip("act is not installed or has no socket of an engine")
        (self.folder / "event.json").write_text(json.dumps(payload))
        return subprocess.run(
            [
                *(act, event, "--rm", "--pull=false", "--network", "host", "--no-skip-checkout", "--no-cache-server"),
                *("--workflows", str(PROJECT / "examples/workflows" / f"{workflow}.yml")),
                *("--platform", f"ubuntu-latest={RUNNER_IMAGE}", "--eventpath", str(self.folder / "event.json")),
                *("--container-options", f"--volume={self.folder}:/stand-in", "--secret", "GITHUB_TOKEN"),
                *("--env", f"GITHUB_API_URL={self.api.api_url}", *replaced(self.folder / "action")),
            ],
            cwd=self.folder / "repository",
            env={**os.environ, "GITHUB_TOKEN": self.api.token()},
            capture_output=True,
            text=True,
            check=False,
        )

    def pull_request(self, number: int) -> dict[str, Any]:
        """The payload of the pull request's event."""
        here = {"full_name": self.api.repository}
        return {
            "number": number,
            "pull_request": {
                "number": number,
                "head": {"sha": self.head, "ref": "feature", "repo": here},
                "base": {"sha": self.base, "ref": "main", "repo": here},
            },
            "repository": here,
        }


def replaced(action: Path) -> list[str]:
    """act's options that lead what the workflows use to folders of this machine."""
    paths = [*(PROJECT / "examples/workflows").glob("*.yml"), PROJECT / ".github/workflows/convert.yml"]
    used = set(re.findall(r"uses: (actions/[a-z-]+)(?:/[a-z]+)?@(\w+)", "".join(path.read_text() for path in paths)))
    folders = {f"https://github.com/{name}@{ref}": PROJECT / "tests/e2e" / name for name, ref in sorted(used)}
    folders["https://github.com/org/onnx-convert-action@v1"] = action
    return [f"--local-repository={name}={folder}" for name, folder in folders.items()]


@pytest.fixture
def github(client: str, project: Path) -> Iterator[GitHub]:
    """A repository with two models, of which a pull request changes one."""
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-act-"))
    folder.chmod(0o755)  # model code runs as another user
    repository = folder / "repository"
    repository.mkdir()
    # A release needs no more of the project than this: its image has the rest.
    for name in ("action.yml", ".github/workflows/convert.yml"):
        (folder / "action" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(project / name, folder / "action" / name)
    action = folder / "action/action.yml"
    action.write_text(action.read_text().replace("image: Dockerfile", f"image: docker://{engine.IMAGE}"))
    (folder / "artifacts").mkdir()
    for name in MODELS:
        write_model(repository / f"{name}.onnx", 2)
    (repository / "onnx-convert.toml").write_text(SPEC + "".join(map(entry, MODELS)))
    base = engine.commit(repository)
    write_model(repository / "ranker.onnx", 4)
    head = engine.commit(repository)
    with StandIn(host="0.0.0.0") as api:
        origin = ["git", "remote", "add", "origin", f"https://github.com/{api.repository}.git"]
        subprocess.run(origin, cwd=repository, check=True)
        engine.give(repository, engine.RUNNER)
        yield GitHub(folder, api, base, head)
        assert not api.violations
    shutil.rmtree(folder)


def entry(name: str) -> str:
    return f'\n[models.{name}]\nsource = "{name}.onnx"\n'


def test_a_pull_request_gets_one_comment_however_often_it_runs_and_a_concluded_check(github: GitHub) -> None:
    pull = github.api.add_pull(head_sha=github.head, base_sha=github.base)
    for _ in range(2):
        ended = github.run("pull-request", "pull_request", github.pull_request(pull.number))
        log = ended.stdout + ended.stderr
        assert ended.returncode == 1, log  # ranker is larger by more than half
        assert github.api.token() not in log
    (comment,) = github.api.comments(pull.number)
    assert set(MODELS) <= set(re.findall(r"\w+", comment.body))
    (*_, check) = github.api.check_runs(github.head)
    assert {one.name for one in github.api.check_runs(github.head)} == {"onnx-convert"}
    assert {one.status for one in github.api.check_runs(github.head)} == {"completed"}
    assert check.conclusion == "failure"
    report = json.loads((github.artifacts / "onnx-convert/report.json").read_text())
    assert report["baseline"]["commit"] == github.base
    assert (github.artifacts / "onnx-convert-output/models/ranker/ranker.onnx").is_file()


def test_a_push_gets_a_check_and_no_comment(github: GitHub) -> None:
    github.api.add_commit(github.head)
    payload = {"ref": "refs/heads/main", "after": github.head, "repository": {"full_name": github.api.repository}}
    ended = github.run("push", "push", payload)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (check,) = github.api.check_runs(github.head)
    assert (check.status, check.conclusion) == ("completed", "success")
    assert not [one for one in github.api.requests if "/comments" in one.path]


def test_a_release_gets_models_manifests_cards_and_checksums(github: GitHub) -> None:
    release = github.api.add_release("v1.0", sha=github.head)
    payload = {
        "action": "published",
        "release": {"id": release.id, "tag_name": "v1.0"},
        "repository": {"full_name": github.api.repository},
    }
    files = {f"{name}.{kind}" for name in MODELS for kind in ("onnx", "manifest.json", "md")}
    ended = github.run("release", "release", payload)
    log = ended.stdout + ended.stderr
    assert ended.returncode == 0, log
    assert f"attested {len(files) + 1} subjects" in log
    assets = github.api.assets("v1.0")
    assert set(assets) == files | {"report.json", "SHA256SUMS"}
    sums = dict(line.split()[::-1] for line in assets["SHA256SUMS"].content.decode().splitlines())
    assert sums == {name: str(one.digest).removeprefix("sha256:") for name, one in assets.items() if name in sums}
    assert set(sums) == files | {"report.json"}


def test_a_forks_report_is_posted_by_the_second_workflow(github: GitHub) -> None:
    head, fork = "d" * 40, "stranger/models"
    pull = github.api.add_pull(head_sha=head, head_repository=fork)
    before = github.api.add_run(head_sha=head, head_branch=pull.head_branch, head_repository=fork)
    content = to_json(sample.report(commit=head)).encode()
    github.api.add_artifact(before.id, "onnx-convert", {"report.json": content})
    facts = {"id": before.id, "event": "pull_request", "head_sha": head, "head_branch": pull.head_branch}
    owner = {"full_name": fork, "owner": {"login": "stranger"}}
    here = {"full_name": github.api.repository}
    payload = {"workflow_run": {**facts, "head_repository": owner}, "repository": here}
    ended = github.run("fork-comment", "workflow_run", payload)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (comment,) = github.api.comments(pull.number)
    assert "OCA754" in comment.body


def test_a_matrix_is_planned_spread_joined_and_told_in_one_comment(github: GitHub) -> None:
    pull = github.api.add_pull(head_sha=github.head, base_sha=github.base)
    ended = github.run("matrix", "pull_request", github.pull_request(pull.number))
    log = ended.stdout + ended.stderr
    assert ended.returncode == 1, log  # ranker is larger by more than half
    (comment,) = github.api.comments(pull.number)
    assert set(MODELS) <= set(re.findall(r"\w+", comment.body))
    (check,) = github.api.check_runs(github.head)
    assert (check.status, check.conclusion) == ("completed", "failure")
    report = json.loads((github.artifacts / "onnx-convert/report.json").read_text())
    assert [row["name"] for row in report["models"]] == list(MODELS)
    assert len(report["legs"]) == len(MODELS)
    for name in MODELS:
        assert (github.artifacts / f"onnx-convert-output/models/{name}/{name}.onnx").is_file()
