"""The workflows that we ship fit the action, ask for no more than they need, and run nothing that is not pinned."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from onnx_convert.github import permission

PROJECT = Path(__file__).resolve().parents[2]
OURS = ("org/onnx-convert-action@v1", "./.onnx-convert-action")
REUSABLE = "org/onnx-convert-action/.github/workflows/convert.yml@v1"
EXAMPLES = tuple(sorted((PROJECT / "examples/workflows").glob("*.yml")))
CONVERT = PROJECT / ".github/workflows/convert.yml"
SHIPPED = (*EXAMPLES, CONVERT)
EVERY = tuple(sorted({*SHIPPED, *(PROJECT / ".github/workflows").glob("*.yml")}))


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(path)
    return loaded


ACTION = load(PROJECT / "action.yml")
CALLED = load(CONVERT)["on"]["workflow_call"]


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = load(path)["jobs"]
    return found


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(path).values() for step in job.get("steps", [])]


def by_name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", SHIPPED, ids=by_name)
def test_a_workflow_gives_the_action_inputs_it_has_and_reads_outputs_it_has(path: Path) -> None:
    ours = [step for step in steps(path) if step.get("uses") in OURS]
    calls = [job for job in jobs(path).values() if job.get("uses") == REUSABLE]
    assert ours or calls
    assert {name for step in ours for name in step.get("with", {})} <= set(ACTION["inputs"])
    assert {name for job in calls for name in job.get("with", {})} <= set(CALLED["inputs"])
    named = "|".join(step["id"] for step in ours if "id" in step) or "none"
    read = re.findall(rf"steps\.(?:{named})\.outputs\.([a-z-]+)", path.read_text())
    assert set(read) <= set(ACTION["outputs"])


def test_the_reusable_workflows_inputs_are_the_actions_with_their_defaults() -> None:
    shared = {name: one["default"] for name, one in CALLED["inputs"].items() if name in ACTION["inputs"]}
    assert {"spec", "models", "baseline", "comment", "check-name", "artifact", "github-api-url"} <= set(shared)
    own = {name: one["default"] for name, one in ACTION["inputs"].items()}
    assert {name: value for name, value in shared.items() if str(value) != own[name]} == {"shards": 4}
    assert set(CALLED["outputs"]) <= set(ACTION["outputs"])


@pytest.mark.parametrize("path", EVERY, ids=by_name)
def test_nothing_is_granted_for_all_jobs(path: Path) -> None:
    assert load(path)["permissions"] == {}


def needed(job: dict[str, Any], events: set[str]) -> set[permission.Permission]:
    """What the action needs for what a job's steps ask of it, where these events start the workflow."""
    found: set[permission.Permission] = set()
    for step in job["steps"]:
        given = {**{name: one["default"] for name, one in ACTION["inputs"].items()}, **step.get("with", {})}
        if step.get("uses") not in OURS or given["mode"] == "plan":
            continue
        if given["mode"] == "publish":
            found |= {permission.RELEASE}
        elif given["mode"] == "comment":
            found |= {permission.COMMENT, permission.ARTIFACT}
        elif given["token"] and not given["shard"]:
            found |= {permission.CHECK} if events - {"release"} else set()
            found |= {permission.COMMENT} if events & {"pull_request", "workflow_call"} else set()
    return found


@pytest.mark.parametrize("path", SHIPPED, ids=by_name)
def test_a_job_may_do_what_its_steps_need_and_no_more(path: Path) -> None:
    for name, job in jobs(path).items():
        if "uses" in job:
            continue
        used = " ".join(step.get("uses", "") for step in job["steps"])
        expected = {"contents": "read"} if "actions/checkout@" in used else {}
        expected |= {one.key: one.level for one in needed(job, set(load(path)["on"]))}
        expected |= {"id-token": "write", "attestations": "write"} if "/attest-" in used else {}
        assert job["permissions"] == expected, name


@pytest.mark.parametrize("path", EXAMPLES, ids=by_name)
def test_a_caller_grants_what_the_reusable_workflow_asks_for(path: Path) -> None:
    asked = {one for job in jobs(CONVERT).values() for one in job["permissions"].items()}
    for job in jobs(path).values():
        if job.get("uses") == REUSABLE:
            assert set(job["permissions"].items()) == asked


def test_no_job_that_converts_for_a_release_may_write() -> None:
    converting = jobs(PROJECT / "examples/workflows/release.yml")["convert"]
    assert converting["permissions"] == {"contents": "read"}


def test_what_comments_for_forks_checks_nothing_out() -> None:
    (job,) = jobs(PROJECT / "examples/workflows/fork-comment.yml").values()
    assert [step["uses"] for step in job["steps"]] == ["org/onnx-convert-action@v1"]


def test_a_fork_is_commented_for_the_workflows_that_are_there() -> None:
    followed = load(PROJECT / "examples/workflows/fork-comment.yml")["on"]["workflow_run"]["workflows"]
    uploads = {
        load(path)["name"]
        for path in EXAMPLES
        if "pull_request" in load(path)["on"]
        and f"name: {ACTION['inputs']['artifact']['default']}\n" in path.read_text()
    }
    assert uploads == set(followed)


@pytest.mark.parametrize("path", EVERY, ids=by_name)
def test_what_others_wrote_is_pinned_by_commit_with_its_version_beside_it(path: Path) -> None:
    for use in re.findall(r"uses: (.+)", path.read_text()):
        if not use.startswith(("org/onnx-convert-action", "./", "$/")):
            assert re.fullmatch(r"actions/[a-z/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use), use


def test_an_action_has_one_version_in_all_workflows() -> None:
    text = "".join(path.read_text() for path in EVERY)
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"uses: (actions/[a-z-]+)\S*@(\S+ # \S+)", text):
        versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}
    assert "actions/checkout" in versions


@pytest.mark.parametrize("path", EVERY, ids=by_name)
def test_every_job_ends_by_itself_and_says_why_it_may_what_it_may(path: Path) -> None:
    for job in jobs(path).values():
        assert "uses" in job or "timeout-minutes" in job
    granted = re.findall(r"^ +(?:[a-z-]+): (?:read|write)\b(.*)$", path.read_text(), re.MULTILINE)
    assert granted
    assert all(reason.startswith(" # ") for reason in granted)


def test_the_examples_are_valid_for_github() -> None:
    schema = ("--builtin-schema", "vendor.github-workflows")
    command = [sys.executable, "-m", "check_jsonschema", *schema, *SHIPPED]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_released_image_is_named_by_the_release_workflow() -> None:
    release = PROJECT / ".github/workflows/release.yml"
    used = [job["uses"] for job in jobs(release).values() if "uses" in job]
    assert used == ["$/.github/workflows/ci.yml", "$/.github/workflows/image.yml"]
    assert 'python3 docker/pin_image.py "$VERSION" "$IMAGE"' in release.read_text()
