"""A pull request in a real git repository: what changed is told from what did not, and only that is worked on."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from onnx_convert.environments import default_root
from tests.e2e import command

pytestmark = pytest.mark.integration

WIDTH = 256
ATTEMPTS = 4
DEFAULTS = """spec-version = 1

[gates]
max-size-increase = "50%"

[defaults]
benchmark = { providers = ["cpu"], seconds = 0.2, threads = 1 }
"""
ONNX = '\n[models.{name}]\nsource = "{name}.onnx"\n'
LONGER = 'benchmark = { providers = ["cpu"], seconds = 5, threads = 1 }\n'
PYTHON = """
[models.net]
source = "net.py:Net"
inputs.x = { shape = ["batch", 8] }

[models.iris]
framework = "sklearn"
source = "iris.py:fitted"
inputs.x = { shape = ["batch", 4] }
"""
NET = """import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(8, 3)

    def forward(self, x):
        return self.layer(x).relu()
"""
IRIS = """from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression


def fitted():
    return LogisticRegression(max_iter=500).fit(*load_iris(return_X_y=True))
"""


def write_model(path: Path, layers: int, seed: int, rows: int = 64) -> None:
    """A chain of equal layers, whose time is their number: each multiplies `rows` rows by a matrix of its own."""
    random = np.random.default_rng(seed)
    weights = [random.normal(0, WIDTH**-0.5, (WIDTH, WIDTH)).astype(np.float32) for _ in range(layers)]
    nodes, name = [], "x"
    for number in range(layers):
        nodes.append(helper.make_node("MatMul", [name, f"w{number}"], [f"m{number}"]))
        nodes.append(helper.make_node("Relu", [f"m{number}"], [name := f"y{number}"]))
    graph = helper.make_graph(
        nodes,
        "chain",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows, WIDTH])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [rows, WIDTH])],
        [numpy_helper.from_array(weight, f"w{number}") for number, weight in enumerate(weights)],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


@dataclass(frozen=True)
class PullRequest:
    """The pull request as a job on a runner has it: a shallow clone of its head, the base branch's commit, a cache.

    `base` is its merge base; the results of that commit are in the cache, as a run of the branch leaves them.
    """

    checkout: Path
    target: str
    base: str
    cache: Path

    @property
    def temporary(self) -> Path:
        return self.checkout.parent / "tmp"

    def run(self, *arguments: str) -> command.Ended:
        usual = ("--cache-dir", str(self.cache), "--baseline", self.target)
        return command.run(self.checkout, *usual, *arguments, TMPDIR=str(self.temporary))


def git(folder: Path, *arguments: str) -> str:
    options = ("-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *options, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(folder: Path, message: str) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def write_base(folder: Path) -> None:
    (folder / "net.py").write_text(NET)
    (folder / "iris.py").write_text(IRIS)
    for seed, name in enumerate(("untouched", "removed", "old-name")):
        write_model(folder / f"{name}.onnx", 2, seed)
    write_model(folder / "slowed.onnx", 20, 10)
    write_model(folder / "quickened.onnx", 20, 11)
    models = "".join(ONNX.format(name=name) for name in ("untouched", "removed", "old-name", "slowed", "quickened"))
    (folder / "onnx-convert.toml").write_text(DEFAULTS + PYTHON + models)


def write_change(folder: Path) -> None:
    """One of four layers more in one model, fewer in another; one gone, one renamed, one new."""
    write_model(folder / "slowed.onnx", 24, 10)
    write_model(folder / "quickened.onnx", 14, 11)
    (folder / "removed.onnx").unlink()
    (folder / "old-name.onnx").rename(folder / "new-name.onnx")
    write_model(folder / "fresh.onnx", 3, 20)
    spec = (folder / "onnx-convert.toml").read_text().replace(ONNX.format(name="removed"), "")
    for name in ("slowed", "quickened"):
        spec = spec.replace(ONNX.format(name=name), ONNX.format(name=name) + LONGER)
    (folder / "onnx-convert.toml").write_text(spec.replace("old-name", "new-name") + ONNX.format(name="fresh"))


@pytest.fixture(scope="module")
def pull_request() -> Iterator[PullRequest]:
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-e2e-"))
    folder.chmod(0o755)
    cache, upstream = folder / "cache", folder / "upstream"
    cache.mkdir()
    for name in ("environments", "layers", "locks"):
        shared = default_root(os.environ) / name
        shared.mkdir(parents=True, exist_ok=True)
        (cache / name).symlink_to(shared)
    upstream.mkdir()
    git(upstream, "init", "-q")
    write_base(upstream)
    base = commit(upstream, "models")
    branch = command.run(upstream, "--cache-dir", str(cache))
    assert branch.code == 0, branch.output
    write_model(upstream / "untouched.onnx", 4, 99)
    target = commit(upstream, "the branch goes on: what it changed is not the pull request's doing")
    git(upstream, "switch", "-q", "-c", "change", base)
    write_change(upstream)
    commit(upstream, "a change")
    git(folder, "clone", "-q", "--depth=1", "--branch=change", f"file://{upstream}", "checkout")
    (folder / "tmp").mkdir()
    yield PullRequest(folder / "checkout", target, base, cache)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def ended(pull_request: PullRequest) -> command.Ended:
    """The run of the pull request, with what it wrote kept from the runs after it."""
    made = pull_request.run()
    kept = pull_request.checkout.parent / "kept-out"
    shutil.copytree(made.out, kept)
    return replace(made, out=kept)


def clear(pull_request: PullRequest, ended: command.Ended, name: str) -> command.Ended:
    """The run, or the model done again for as long as the noise of a busy machine hides its change, as it may."""
    for _ in range(ATTEMPTS):
        if verdict(ended, name) != "inconclusive":
            break
        ended = pull_request.run("--no-cache", "--model", name)
    return ended


def comparison(ended: command.Ended, name: str) -> dict[str, Any]:
    found = ended.row(name)["comparison"]
    assert found is not None, ended.output
    return dict(found)


def verdict(ended: command.Ended, name: str) -> str:
    (latency,) = comparison(ended, name)["latency"]
    return str(latency["verdict"])


def test_the_base_is_the_merge_base_fetched_into_the_shallow_clone(
    pull_request: PullRequest, ended: command.Ended
) -> None:
    assert ended.report["baseline"]["kind"] == "commit"
    assert ended.report["baseline"]["commit"] == pull_request.base, ended.output
    assert pull_request.base != pull_request.target


@pytest.mark.parametrize("name", ["untouched", "net", "iris"])
def test_an_untouched_model_is_identical_and_not_converted(ended: command.Ended, name: str) -> None:
    assert comparison(ended, name)["status"] == "identical"
    assert verdict(ended, name) == "identical"
    assert ended.row(name)["cached"]
    assert not (ended.out / "baseline" / name).exists()


def test_a_model_made_a_fifth_slower_is_slower_and_fails_the_gate(
    pull_request: PullRequest, ended: command.Ended
) -> None:
    ended = clear(pull_request, ended, "slowed")
    assert verdict(ended, "slowed") == "slower", comparison(ended, "slowed")
    assert comparison(ended, "slowed")["latency"][0]["ratio"] > 1.05
    assert comparison(ended, "slowed")["operators"] == {"MatMul": [20, 24], "Relu": [20, 24]}
    assert "OCA650" in ended.codes("slowed")
    assert ended.code == 1, ended.output
    assert ended.report["conclusion"] == "failure"
    assert [row["name"] for row in ended.report["models"] if row["status"] != "passed"] == ["slowed"]
    comment = (ended.out / "comment.md").read_text()
    assert comment.index("slower") < comment.index("|"), "the verdict comes before the table"


def test_a_faster_model_is_told_and_fails_nothing(pull_request: PullRequest, ended: command.Ended) -> None:
    again = pull_request.run("--model", "quickened", "--model", "untouched")
    again = clear(pull_request, again, "quickened")
    assert verdict(again, "quickened") == "faster", comparison(again, "quickened")
    assert again.code == 0, again.output
    assert again.report["conclusion"] == "success"
    assert ended.row("quickened")["status"] == "passed"


def test_a_renamed_model_is_matched_by_its_digest(ended: command.Ended) -> None:
    found = comparison(ended, "new-name")
    assert (found["status"], found["base"]) == ("identical", "old-name")


def test_a_new_and_a_deleted_model_are_listed(ended: command.Ended) -> None:
    assert comparison(ended, "fresh")["status"] == "new"
    assert ended.report["baseline"]["deleted"] == ["removed"]


def test_the_comment_names_what_is_new_gone_and_renamed(ended: command.Ended) -> None:
    comment = (ended.out / "comment.md").read_text()
    assert "**New:** `fresh`" in comment
    assert "**Deleted:** `removed`" in comment
    assert "**Renamed:** `old-name` → `new-name`" in comment


def test_nothing_is_left_in_the_checkout_nor_beside_it(pull_request: PullRequest, ended: command.Ended) -> None:
    assert ended.report
    assert git(pull_request.checkout, "status", "--porcelain") == ""
    assert git(pull_request.checkout, "worktree", "list").count("\n") == 0
    assert list(pull_request.temporary.iterdir()) == []


def test_without_a_cache_what_is_unchanged_is_not_converted_for_the_base(pull_request: PullRequest) -> None:
    ended = pull_request.run("--no-cache", "--no-benchmark", "--model", "iris", "--model", "new-name")
    assert ended.code == 0, ended.output
    for name in ("iris", "new-name"):
        assert not ended.row(name)["cached"]
    assert comparison(ended, "iris")["status"] == "identical"
    assert not (ended.out / "baseline").exists()


def test_the_output_of_the_branch_is_a_base_as_well(pull_request: PullRequest) -> None:
    earlier = pull_request.checkout.parent / "upstream-out"
    models = ("--model", "slowed", "--model", "untouched")
    ended = pull_request.run("--no-benchmark", "--baseline", str(earlier), *models)
    assert ended.code == 0, ended.output
    assert ended.report["baseline"]["kind"] == "folder"
    assert comparison(ended, "untouched")["status"] == "identical"
    assert comparison(ended, "slowed")["operators"] == {"MatMul": [20, 24], "Relu": [20, 24]}
    assert not (ended.out / "baseline").exists()


def test_history_that_cannot_be_had_is_said_and_the_models_are_judged_without(pull_request: PullRequest) -> None:
    git(
        pull_request.checkout.parent,
        "clone",
        "-q",
        "--depth=1",
        "--branch=change",
        "file://" + str(pull_request.checkout.parent / "upstream"),
        "alone",
    )
    alone = PullRequest(
        pull_request.checkout.parent / "alone", pull_request.target, pull_request.base, pull_request.cache
    )
    git(alone.checkout, "remote", "set-url", "origin", "file:///nowhere")
    ended = alone.run("--no-benchmark", "--model", "untouched")
    assert ended.code == 0, ended.output
    (warning,) = [one for one in ended.report["diagnostics"] if one["code"] == "OCA640"]
    assert "fetch-depth: 0" in warning["message"]
    assert ended.row("untouched")["comparison"] is None
    assert "OCA640" in ended.output
