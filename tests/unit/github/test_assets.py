from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.github.assets import SIZE_LIMIT, Asset, plan
from onnx_convert.github.refusal import RefusedError
from onnx_convert.report.model import Report
from tests.github_stand_in.releases import normalised
from tests.unit.github.outputs import add, digest, output
from tests.unit.report import sample


def content(asset: Asset) -> bytes:
    with asset.open() as file:
        return file.read()


def code(folder: Path, report: Report) -> str:
    with pytest.raises(RefusedError) as caught:
        plan(folder, report)
    return caught.value.diagnostic.code


def change(folder: Path, name: str, **values: Any) -> None:
    path = folder / "models" / name / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_weights_come_before_their_model_and_checksums_last(tmp_path: Path) -> None:
    rows = (add(tmp_path, "large", b"graph", b"weights"), add(tmp_path, "small+fp16", b"small"))
    assert [one.name for one in plan(tmp_path, sample.report(rows))] == [
        "large.onnx.data",
        "large.onnx",
        "large.manifest.json",
        "large.md",
        "small+fp16.onnx",
        "small+fp16.manifest.json",
        "small+fp16.md",
        "report.json",
        "SHA256SUMS",
    ]


def test_each_asset_has_the_size_and_digest_of_what_it_is(tmp_path: Path) -> None:
    for asset in plan(tmp_path, output(tmp_path, {"a": b"one", "b": b"two"})):
        assert (asset.size, asset.sha256) == (len(content(asset)), digest(content(asset)))


def test_the_report_is_that_of_the_folder(tmp_path: Path) -> None:
    assets = {one.name: one for one in plan(tmp_path, output(tmp_path, {"a": b"one"}))}
    assert content(assets["report.json"]) == (tmp_path / "report.json").read_bytes()


def test_the_checksums_are_those_that_sha256sum_checks(tmp_path: Path) -> None:
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    for asset in plan(tmp_path, output(tmp_path, {"a": b"one", "b+fp16": b"two"})):
        (downloads / asset.name).write_bytes(content(asset))
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=downloads, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(list(downloads.iterdir())) - 1


def test_models_without_an_artifact_are_left_out(tmp_path: Path) -> None:
    rows = (add(tmp_path, "a", b"one"), sample.row("b", status="error", artifact=None))
    assert not [one.name for one in plan(tmp_path, sample.report(rows)) if one.name.startswith("b")]
    assert code(tmp_path, sample.report((rows[1],))) == "OCA739"


@pytest.mark.parametrize("name", ["a.onnx", "manifest.json"])
def test_a_file_that_is_missing_is_refused(tmp_path: Path, name: str) -> None:
    report = output(tmp_path, {"a": b"one"})
    (tmp_path / "models/a" / name).unlink()
    assert code(tmp_path, report) == "OCA735"


@pytest.mark.parametrize("name", ["a.onnx", "a.onnx.data"])
def test_a_file_with_another_digest_is_refused(tmp_path: Path, name: str) -> None:
    report = sample.report((add(tmp_path, "a", b"one", b"two"),))
    (tmp_path / "models/a" / name).write_bytes(b"evil")
    assert code(tmp_path, report) == "OCA735"


@pytest.mark.parametrize("name", ["a.onnx", "manifest.json"])
def test_a_link_is_not_followed_even_to_the_same_content(tmp_path: Path, name: str) -> None:
    report = output(tmp_path, {"a": b"one"})
    file, elsewhere = tmp_path / "models/a" / name, tmp_path / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    assert code(tmp_path, report) == "OCA735"


def test_a_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    report = output(tmp_path, {"a": b"one"})
    (tmp_path / "models").rename(tmp_path / "elsewhere")
    (tmp_path / "models").symlink_to(tmp_path / "elsewhere")
    assert code(tmp_path, report) == "OCA735"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    report = output(tmp_path, {"a": b"one"})
    (tmp_path / "models/a/a.onnx").unlink()
    os.mkfifo(tmp_path / "models/a/a.onnx")
    assert code(tmp_path, report) == "OCA735"


@pytest.mark.parametrize(
    "path",
    ["../a.onnx", "/etc/passwd", "models/../../a/a.onnx", "models/a/b.onnx", "a.onnx", "models//a.onnx", "", "models"],
)
def test_a_path_that_is_not_the_models_own_is_refused(tmp_path: Path, path: str) -> None:
    output(tmp_path, {"a": b"one"})
    row = sample.row("a", artifact=sample.artifact("a", path=path, sha256=digest(b"one")))
    assert code(tmp_path, sample.report((row,))) == "OCA735"


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "models/b/b.onnx", "models/a/weights.bin"])
def test_external_data_elsewhere_is_refused(tmp_path: Path, path: str) -> None:
    output(tmp_path, {"a": b"one"})
    artifact = sample.artifact("a", sha256=digest(b"one"), external_data=(path,))
    assert code(tmp_path, sample.report((sample.row("a", artifact=artifact),))) == "OCA735"


@pytest.mark.parametrize(
    "files",
    [
        {},
        [],
        None,
        {"models/a/a.onnx": "f" * 64},
        {"models/a/a.onnx": 3},
        {"models/a/a.onnx": digest(b"one"), "models/a/more": digest(b"")},
        {"models/b/b.onnx": digest(b"one")},
    ],
)
def test_a_manifest_that_does_not_agree_with_the_report_is_refused(tmp_path: Path, files: object) -> None:
    report = output(tmp_path, {"a": b"one"})
    change(tmp_path, "a", files=files)
    assert code(tmp_path, report) == "OCA735"


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00", "[" * 100_000, '{"files": {"models/a/a.onnx": NaN}}'])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    report = output(tmp_path, {"a": b"one"})
    (tmp_path / "models/a/manifest.json").write_text(text)
    assert code(tmp_path, report) == "OCA735"


def test_a_file_of_2_gib_is_refused_by_name(tmp_path: Path) -> None:
    report = sample.report((add(tmp_path, "a", b"one", b"two"),))
    with (tmp_path / "models/a/a.onnx.data").open("ab") as file:
        file.truncate(SIZE_LIMIT)
    with pytest.raises(RefusedError, match=r"models/a/a\.onnx\.data has 2,147,483,648 bytes") as caught:
        plan(tmp_path, report)
    assert caught.value.diagnostic.code == "OCA737"


@pytest.mark.parametrize("name", ["a b", "a..b", ".a", "a.", "a~b", "a(1)", "é", "a@b", "a\nb", "a" * 250])
def test_a_name_that_github_would_change_is_refused(tmp_path: Path, name: str) -> None:
    assert code(tmp_path, output(tmp_path, {name: b"one"})) == "OCA736"


@pytest.mark.parametrize("name", ["tiny-cnn", "a.b", "model+fp16", "model+opset17", "A_1", "_a", "-a"])
def test_names_that_github_keeps_are_kept(tmp_path: Path, name: str) -> None:
    assert f"{name}.onnx" in [one.name for one in plan(tmp_path, output(tmp_path, {name: b"one"}))]


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(\+fp16)?", fullmatch=True))
def test_a_name_is_refused_or_github_keeps_it(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("output")
    report = output(folder, {name: b"one"})
    ends = (".onnx", ".md", ".manifest.json")
    if all(normalised(f"{name}{end}") == f"{name}{end}" for end in ends):
        assert [one.name for one in plan(folder, report)][:3] == [f"{name}.onnx", f"{name}.manifest.json", f"{name}.md"]
    else:
        assert code(folder, report) == "OCA736"


def test_names_that_differ_only_in_case_are_refused_by_name(tmp_path: Path) -> None:
    report = output(tmp_path, {"Model": b"one", "model": b"two"})
    with pytest.raises(RefusedError, match=r"Model\.manifest\.json, Model\.md, Model\.onnx, model\.manif") as caught:
        plan(tmp_path, report)
    assert caught.value.diagnostic.code == "OCA736"


def test_two_rows_with_one_artifact_are_refused(tmp_path: Path) -> None:
    row = add(tmp_path, "a", b"one")
    assert code(tmp_path, sample.report((row, row))) == "OCA736"


def test_a_release_holds_a_thousand_assets(tmp_path: Path) -> None:
    assert code(tmp_path, output(tmp_path, {f"m{i}": b"one" for i in range(400)})) == "OCA737"


def test_a_file_that_has_gone_since_is_refused(tmp_path: Path) -> None:
    assets = plan(tmp_path, output(tmp_path, {"a": b"one"}))
    (tmp_path / "models/a/a.onnx").unlink()
    with pytest.raises(RefusedError) as caught:
        content(assets[0])
    assert caught.value.diagnostic.code == "OCA735"
