"""action.yml, the entrypoint and the README say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from entrypoint.call import call

PROJECT = Path(__file__).resolve().parents[2]
ACTION: dict[str, Any] = YAML(typ="safe").load(PROJECT / "action.yml")
SOURCES = "\n".join(path.read_text() for path in sorted((PROJECT / "entrypoint").glob("*.py")))


def test_every_input_is_read_and_every_input_that_is_read_is_declared() -> None:
    assert set(re.findall(r'_input\(environ, "([a-z-]+)"\)', SOURCES)) == set(ACTION["inputs"])


def test_the_defaults_of_the_action_are_those_of_the_entrypoint(tmp_path: Path) -> None:
    workspace = {"GITHUB_WORKSPACE": str(tmp_path)}
    declared = {f"INPUT_{name.upper()}": one["default"] for name, one in ACTION["inputs"].items()}
    assert call(workspace | declared) == call(workspace)


def test_every_output_is_set_and_every_output_that_is_set_is_declared() -> None:
    assert set(re.findall(r'^            "([a-z-]+)": ', SOURCES, re.MULTILINE)) == set(ACTION["outputs"])


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_every_input_and_output_says_what_it_is(kind: str) -> None:
    assert all(len(one["description"]) > 20 for one in ACTION[kind].values())


@pytest.mark.parametrize("name", [*ACTION["inputs"], *ACTION["outputs"]])
def test_the_readme_names_every_input_and_output(name: str) -> None:
    assert f"`{name}`" in (PROJECT / "README.md").read_text()


def test_the_action_runs_the_dockerfiles_last_target_from_its_own_source() -> None:
    assert ACTION["runs"] == {"using": "docker", "image": "Dockerfile"}
    targets = re.findall(r"^FROM \S+ AS (\w+)", (PROJECT / "Dockerfile").read_text(), re.MULTILINE)
    assert targets[-1] == "full"
