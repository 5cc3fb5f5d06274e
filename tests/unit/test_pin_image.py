"""A released action.yml names the image by digest, and differs from the main branch's in nothing else."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from ruamel.yaml import YAML

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = PROJECT / "docker/pin_image.py"
ACTION = (PROJECT / "action.yml").read_text()
IMAGE = f"ghcr.io/org/onnx-convert-action@sha256:{'0123456789abcdef' * 4}"


def load() -> ModuleType:
    """The script as a module; its folder is no package, and has the name of one that may be installed."""
    spec = importlib.util.spec_from_file_location("pin_image", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PIN = load()


def test_a_released_action_names_the_image_by_its_digest() -> None:
    assert YAML(typ="safe").load(PIN.pinned(ACTION, IMAGE))["runs"] == {
        "using": "docker",
        "image": f"docker://{IMAGE}",
    }


def test_nothing_else_of_the_action_changes() -> None:
    before, after = ACTION.splitlines(), PIN.pinned(ACTION, IMAGE).splitlines()
    assert len(before) == len(after)
    assert [line for line, other in zip(before, after, strict=True) if line != other] == ["  image: Dockerfile"]


@pytest.mark.parametrize(
    "image",
    [
        "ghcr.io/org/onnx-convert-action:v1",
        "ghcr.io/org/onnx-convert-action",
        f"onnx-convert-action@sha256:{'0' * 64}",
        IMAGE[:-1],
        f"{IMAGE}0",
        IMAGE.replace("ghcr.io", "GHCR.io"),
        f"{IMAGE}\n  args: [--evil]",
        f"{IMAGE}\n",
        rf"ghcr.io/\1/x@sha256:{'0' * 64}",
        "",
    ],
)
def test_an_image_that_is_not_named_by_digest_is_refused(image: str) -> None:
    with pytest.raises(PIN.PinError, match="by digest"):
        PIN.pinned(ACTION, image)


def test_an_action_that_names_an_image_already_is_refused() -> None:
    with pytest.raises(PIN.PinError, match="0 lines"):
        PIN.pinned(PIN.pinned(ACTION, IMAGE), IMAGE)


@pytest.mark.parametrize(
    ("tag", "source"),
    [("v1.0.1", '__version__ = "1.0.0"\n'), ("1.0.0", '__version__ = "1.0.0"\n'), ("v1.0.0", "version = 1\n")],
)
def test_a_tag_that_is_not_the_packages_version_is_refused(tag: str, source: str) -> None:
    with pytest.raises(PIN.PinError, match="version"):
        PIN.check_version(tag, source)


def test_the_command_rewrites_the_action_it_lies_beside_or_leaves_it_alone(tmp_path: Path) -> None:
    for name in ("action.yml", "docker/pin_image.py", "src/onnx_convert/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, tmp_path / name)
    version = PROJECT.joinpath("src/onnx_convert/__init__.py").read_text().split('__version__ = "')[1].split('"')[0]

    def pin(tag: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", tmp_path / "docker/pin_image.py", tag, IMAGE]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    refused = pin("v0.0.0")
    assert (refused.returncode, (tmp_path / "action.yml").read_text()) == (2, ACTION)
    assert "'v0.0.0'" in refused.stderr
    assert pin(f"v{version}").returncode == 0
    assert (tmp_path / "action.yml").read_text() == PIN.pinned(ACTION, IMAGE)
