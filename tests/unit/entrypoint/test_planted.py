"""A pull request can commit anything; none of it may pose as the action's own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from entrypoint.call import Call, call
from entrypoint.inputs import CallError, inputs_of
from entrypoint.planted import refuse_planted


def git(folder: Path, *arguments: str) -> None:
    options = ("-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *options, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def asked(workspace: Path, **inputs: str) -> Call:
    named = {f"INPUT_{name.replace('_', '-').upper()}": value for name, value in inputs.items()}
    job = {"GITHUB_WORKSPACE": str(workspace), "PATH": "/usr/local/bin:/usr/bin:/bin", **named}
    return call(job, inputs_of(job), "merge" if inputs.get("mode") == "merge" else "run")


def plant(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")


def test_folders_that_are_not_there_yet_are_fine(checkout: Path) -> None:
    refuse_planted(asked(checkout))


def test_a_cache_that_an_earlier_step_made_or_restored_is_fine(checkout: Path) -> None:
    plant(checkout / ".cache/onnx-convert/environments/pytorch-0/bin/python")
    refuse_planted(asked(checkout))


@pytest.mark.parametrize("ignored", [False, True])
def test_a_cache_with_a_committed_file_is_refused(checkout: Path, ignored: bool) -> None:
    plant(checkout / ".cache/onnx-convert/environments/pytorch-0/bin/python")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-qm", "a gift")
    if ignored:
        (checkout / ".gitignore").write_text(".cache\n")
    with pytest.raises(CallError, match=r"^cache-dir: `\.cache/onnx-convert` came with the checkout"):
        refuse_planted(asked(checkout))


@pytest.mark.parametrize("place", [".cache", ".cache/onnx-convert", ".cache/onnx-convert/environments"])
def test_a_cache_in_or_around_a_submodule_is_refused(checkout: Path, tmp_path: Path, place: str) -> None:
    gift = tmp_path / "gift"
    gift.mkdir()
    git(gift, "init", "-q")
    plant(gift / "onnx-convert/file")
    git(gift, "add", "-A")
    git(gift, "commit", "-qm", "a gift")
    git(checkout, "submodule", "add", str(gift), place)
    with pytest.raises(CallError, match="came with the checkout"):
        refuse_planted(asked(checkout))


def test_a_cache_that_is_a_link_to_committed_files_is_refused(checkout: Path) -> None:
    plant(checkout / "gift/file")
    (checkout / ".cache").mkdir()
    (checkout / ".cache/onnx-convert").symlink_to("../gift")
    git(checkout, "add", "-A")
    with pytest.raises(CallError, match="came with the checkout"):
        refuse_planted(asked(checkout))


def test_a_cache_beside_the_checkout_is_fine(tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    git(tmp_path / "checkout", "init", "-q")
    plant(tmp_path / ".cache/onnx-convert/file")
    refuse_planted(asked(tmp_path, spec="checkout/onnx-convert.toml"))


def test_where_there_is_no_git_to_ask_a_cache_that_is_there_is_refused(tmp_path: Path) -> None:
    plant(tmp_path / ".cache/onnx-convert/file")
    with pytest.raises(CallError, match="came with the checkout"):
        refuse_planted(asked(tmp_path))


@pytest.mark.parametrize("link", ["report.json", "models", "models/x/manifest.json.partial"])
def test_an_output_folder_with_a_link_is_refused(checkout: Path, link: str) -> None:
    path = checkout / "onnx-convert-out" / link
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to("/github/file_commands/env")
    with pytest.raises(CallError, match=f"^output-dir: `onnx-convert-out/{link}` is a symbolic link"):
        refuse_planted(asked(checkout))


def test_an_output_folder_of_an_earlier_run_is_fine(checkout: Path) -> None:
    plant(checkout / "onnx-convert-out/models/x/x.onnx")
    refuse_planted(asked(checkout))


def test_legs_that_were_committed_are_refused_where_they_are_merged_and_only_there(checkout: Path) -> None:
    plant(checkout / "onnx-convert-shards/leg/report.json")
    refuse_planted(asked(checkout, mode="merge"))
    git(checkout, "add", "-A")
    refuse_planted(asked(checkout))
    with pytest.raises(CallError, match=r"^shards-dir: `onnx-convert-shards` came with the checkout"):
        refuse_planted(asked(checkout, mode="merge"))


def test_legs_in_a_job_without_a_checkout_are_fine(tmp_path: Path) -> None:
    plant(tmp_path / "onnx-convert-shards/leg/report.json")
    refuse_planted(asked(tmp_path, mode="merge"))
