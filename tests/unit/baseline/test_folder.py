"""An earlier output folder, or a downloaded release, as the base."""

from __future__ import annotations

import os
import shutil
from hashlib import sha256

import pytest

from onnx_convert.baseline.folder import artifact_of, open_folder
from onnx_convert.baseline.repository import Repository
from onnx_convert.baseline.values import BaselineError, FolderBase, NoBase
from onnx_convert.report.model import Artifact, Machine, ModelReport, Report, Tool
from onnx_convert.report.write import write_json

CONTENT, DATA = b"a model", b"its data"


def row(**changes):
    artifact = {
        "path": "models/a/a.onnx",
        "bytes": len(CONTENT + DATA),
        "sha256": sha256(CONTENT).hexdigest(),
        "opsets": {"ai.onnx": 17},
        "ir_version": 8,
        "nodes": 1,
        "external_data": ("models/a/a.onnx.data",),
    }
    return ModelReport(name="a", framework="onnx", opset=17, status="passed", artifact=Artifact(**(artifact | changes)))


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "earlier"
    (root / "models/a").mkdir(parents=True)
    (root / "models/a/a.onnx").write_bytes(CONTENT)
    (root / "models/a/a.onnx.data").write_bytes(DATA)
    machine = Machine(cpu="x", cores=1, memory_bytes=1, platform="linux", python="3.11")
    report = Report(
        tool=Tool(version="1"), conclusion="success", machine=machine, spec="s.toml", started="", models=(row(),)
    )
    write_json(report, root)
    return root


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path, os.environ)


def test_an_output_folder_is_a_base_with_its_report(folder, repository):
    base = open_folder(str(folder), repository)
    assert isinstance(base, FolderBase)
    assert [one.name for one in base.report.models] == ["a"]
    assert artifact_of(base, row()) == (folder / "models/a/a.onnx", (folder / "models/a/a.onnx.data",))


def test_the_assets_of_a_release_lie_beside_the_report(folder, repository):
    for path in (folder / "models/a").iterdir():
        path.rename(folder / path.name)
    shutil.rmtree(folder / "models")
    base = open_folder(str(folder), repository)
    assert artifact_of(base, row()) == (folder / "a.onnx", (folder / "a.onnx.data",))


@pytest.mark.parametrize("text", ["", "{}", "[" * 10_000, '{"schema_version": 2}'])
def test_a_report_that_is_none_is_a_reason(folder, repository, text):
    (folder / "report.json").write_text(text)
    base = open_folder(str(folder), repository)
    assert isinstance(base, NoBase)
    assert "is not a report" in base.reason


@pytest.mark.parametrize("place", [".", "earlier"])
def test_a_folder_with_a_committed_file_is_refused(upstream, place):
    folder = upstream.root / place
    folder.mkdir(exist_ok=True)
    (folder / "report.json").write_text("{}")
    upstream.commit("a gift")
    with pytest.raises(BaselineError, match="never comes from the pull request itself"):
        open_folder(str(folder), Repository(upstream.root, os.environ))


def test_a_link_to_a_committed_folder_is_refused_too(upstream, tmp_path):
    (upstream.root / "earlier").mkdir()
    (upstream.root / "earlier/report.json").write_text("{}")
    upstream.commit("a gift")
    (tmp_path / "link").symlink_to(upstream.root / "earlier")
    with pytest.raises(BaselineError, match="never comes from"):
        open_folder(str(tmp_path / "link"), Repository(upstream.root, os.environ))


def test_a_folder_in_the_checkout_that_git_does_not_know_is_fine(upstream, folder):
    place = upstream.root / "downloaded"
    shutil.copytree(folder, place)
    assert isinstance(open_folder(str(place), Repository(upstream.root, os.environ)), FolderBase)


def test_where_git_cannot_tell_whether_a_folder_is_committed_it_is_refused(upstream):
    (upstream.root / "report.json").write_text("{}")
    with pytest.raises(BaselineError, match="never comes from"):
        open_folder(str(upstream.root), Repository(upstream.root, {"PATH": "/nowhere"}))


def used(folder, repository, **changes):
    base = open_folder(str(folder), repository)
    assert isinstance(base, FolderBase)
    return artifact_of(base, row(**changes))


def test_a_file_with_another_digest_is_not_used(folder, repository):
    (folder / "models/a/a.onnx").write_bytes(CONTENT[::-1])
    assert used(folder, repository) == "models/a/a.onnx is not the file that its report tells of"


def test_data_of_another_size_is_not_used(folder, repository):
    (folder / "models/a/a.onnx.data").write_bytes(DATA + b"more")
    assert used(folder, repository) == "models/a/a.onnx is not the file that its report tells of"


def test_a_file_that_is_missing_is_named(folder, repository):
    (folder / "models/a/a.onnx.data").unlink()
    assert used(folder, repository) == "models/a/a.onnx.data is missing"
    (folder / "models/a/a.onnx").unlink()
    assert used(folder, repository) == f"a.onnx is not in {folder}"


def test_a_row_without_an_artifact_has_no_file(folder, repository):
    base = open_folder(str(folder), repository)
    assert isinstance(base, FolderBase)
    assert artifact_of(base, row().model_copy(update={"artifact": None})) == "a has no artifact there"


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside.onnx", "models/../../outside.onnx", "a\0b", "x" * 5000])
def test_a_report_that_names_a_file_outside_its_folder_gets_none(folder, repository, path):
    (folder.parent / "outside.onnx").write_bytes(CONTENT)
    assert isinstance(used(folder, repository, path=path, external_data=(), bytes=len(CONTENT)), str)


@pytest.mark.parametrize("link", ["models/a/a.onnx", "models/a", "models/a/a.onnx.data"])
def test_no_link_is_followed(folder, repository, link):
    path = folder / link
    path.rename(folder.parent / "outside")
    path.symlink_to(folder.parent / "outside")
    assert isinstance(used(folder, repository), str)
