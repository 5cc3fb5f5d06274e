"""action.yml, the entrypoint and the README say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML

from entrypoint.inputs import INPUTS, inputs_of
from entrypoint.results import Output

PROJECT = Path(__file__).resolve().parents[2]
ACTION: dict[str, Any] = YAML(typ="safe").load(PROJECT / "action.yml")


def test_action_and_entrypoint_have_the_same_inputs_with_the_same_defaults() -> None:
    githubs = {"token": "${{ github.token }}", "github-api-url": "${{ github.api_url }}"}
    assert {name: one["default"] for name, one in ACTION["inputs"].items()} == {**INPUTS, **githubs}


def test_every_input_is_one_that_the_entrypoint_reads() -> None:
    inputs, found = inputs_of({}), {name.replace("-", "_") for name in INPUTS}
    assert found - {"token"} == {{"api_url": "github_api_url"}.get(name, name) for name in inputs.__slots__}


def test_the_outputs_are_those_that_the_entrypoint_sets() -> None:
    assert get_args(Output) == tuple(ACTION["outputs"])


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
