"""The locks pin what the project asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())
ASKED = {
    "core": PYPROJECT["project"]["dependencies"],
    "dev": [*PYPROJECT["project"]["dependencies"], *PYPROJECT["dependency-groups"]["dev"]],
    "build": [*PYPROJECT["build-system"]["requires"], *PYPROJECT["dependency-groups"]["build"]],
}


def pins(name: str) -> dict[str, str]:
    text = (PROJECT / f"requirements/{name}.lock").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ASKED)
def test_everything_asked_for_is_pinned_at_a_version_that_was_asked_for(name: str) -> None:
    pinned = pins(name)
    for requirement in map(Requirement, ASKED[name]):
        assert requirement.name in pinned
        assert pinned[requirement.name] in requirement.specifier, requirement


@pytest.mark.parametrize("name", ASKED)
def test_every_pin_has_a_hash_and_none_names_a_place(name: str) -> None:
    text = (PROJECT / f"requirements/{name}.lock").read_text()
    assert "://" not in text
    for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in block, block


def test_developers_test_against_what_users_run() -> None:
    assert pins("core").items() <= pins("dev").items()
