"""Model code that attacks inside the action's container, as GitHub's runner starts it."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import engine
from tests.e2e.attacks import stage as stages
from tests.e2e.attacks.catalogue import ATTACKS, Attack
from tests.e2e.attacks.stage import Stage
from tests.e2e.engine import Step

pytestmark = [pytest.mark.container, pytest.mark.timeout(1800)]
INSIDE = tuple(attack for attack in ATTACKS if attack.container)
PLACES = {
    "env": "/github/file_commands/env",
    "output": "/github/file_commands/output",
    "path": "/github/file_commands/path",
    "summary": "/github/file_commands/step_summary",
    "event": "/github/workflow/event.json",
    "temp": "/github/runner_temp",
    "home": "/github/home",
    "docker": "/var/run/docker.sock",
    "out": "/github/workspace/onnx-convert-out",
    "cache": "/github/workspace/.cache/onnx-convert",
    "shadow": "/etc/shadow",
    "readable": "/etc/passwd",
}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-attacks-"))
    folder.chmod(0o755)
    stage = stages.build(folder, INSIDE, PLACES, loot="/loot")
    (folder / "workflow").mkdir()
    (folder / "home").chmod(0o755)
    shutil.copy(stage.runner / "event.json", folder / "workflow")
    engine.give(stage.repository, engine.RUNNER)
    yield stage
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def step(client: str, stage: Stage) -> Iterator[Step]:
    folder = stage.folder
    with stages.listen(folder / "docker.sock") as docker:
        (folder / "docker.sock").chmod(0o666)
        mounts = {
            folder / "workflow": "/github/workflow",
            folder / "temp": "/github/runner_temp",
            folder / "home": "/github/home",
            folder / "docker.sock": PLACES["docker"],
            stage.loot: "/loot",
        }
        job = {"GITHUB_EVENT_PATH": PLACES["event"], "INPUT_TOKEN": stages.SECRET}
        yield engine.run_image(client, stage.repository, folder / "commands", job, mounts=mounts)
        with pytest.raises(BlockingIOError):
            docker.accept()


@pytest.fixture(scope="module")
def rows(step: Step, stage: Stage) -> dict[str, Any]:
    assert step.code == 1, step.log
    report = json.loads((stage.repository / step.outputs["report"]).read_text())
    return {row["name"]: row for row in report["models"]}


@pytest.mark.parametrize("attack", INSIDE, ids=lambda attack: attack.name)
def test_an_attack_is_contained_and_its_row_says_so(rows: dict[str, Any], attack: Attack) -> None:
    stages.judge(rows[attack.name], attack)


def test_other_models_are_whole(rows: dict[str, Any]) -> None:
    assert [rows[name]["status"] for name in ("good-first", "good-last")] == ["passed", "passed"]


def test_the_fence_is_whole_in_the_container(step: Step) -> None:
    assert "OCA010" not in step.log
    assert "any user of this runner" not in step.log


def test_nothing_of_others_was_written(step: Step, stage: Stage) -> None:
    commands = {path.name: path.read_text() for path in (stage.folder / "commands").iterdir()}
    assert (commands["env"], commands["path"], commands["state"]) == ("", "", "")
    assert "STOLEN" not in "".join(commands.values()) + step.log
    assert (stage.repository / "open/victim.txt").read_text() == "victim"
    assert list(stage.loot.iterdir()) == []


def test_no_token_reached_the_log_the_summary_or_a_file(step: Step, stage: Stage) -> None:
    written = [path for path in (stage.repository / "onnx-convert-out").rglob("*") if path.is_file()]
    assert stages.SECRET not in step.log + step.summary
    assert [path for path in written if stages.SECRET.encode() in path.read_bytes()] == []


def test_what_a_model_says_is_no_command_of_the_job(step: Step) -> None:
    assert not re.findall(r"^\s*::(set-output|add-mask|stop-commands)", step.log, re.MULTILINE)
    assert not re.findall(r"^\s*##\[", step.log, re.MULTILINE)


def test_what_was_closed_for_the_run_is_as_before(step: Step, stage: Stage) -> None:
    assert step.outputs
    closed = (stage.repository / ".git", stage.folder / "workflow", stage.folder / "home", stage.folder / "temp")
    assert [oct(path.stat().st_mode & 0o777) for path in closed] == ["0o755"] * 4
    assert os.stat(stage.folder / "docker.sock").st_mode & 0o777 == 0o666  # noqa: PTH116 - of a socket
