"""The command `merge`: folders of shards in, one output folder out."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from onnx_convert.cli import main
from onnx_convert.report.write import read
from tests.unit.report.sample import diagnostic, row
from tests.unit.scale.sample import SPEC, lay_all, on_gpu, shard, with_gpu

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    """A run of three shards, one of them with a GPU."""
    parts = [
        shard(1, 3, ("a", "c"), providers=("cpu",)),
        shard(2, 3, ("b", "d"), providers=("cpu",)),
        shard(3, 3, ("b",), providers=("tensorrt",), rows=(on_gpu(),)),
    ]
    return lay_all(parts, tmp_path / "shards")


def merge(*arguments: object) -> int:
    return main(["merge", *map(str, arguments)])


def test_everything_of_an_output_folder_is_there(shards: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert merge(tmp_path / "shards", "--out", out) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "comment.md",
        "junit.xml",
        "models",
        "report.html",
        "report.json",
    ]
    report = read(out / "report.json")
    assert [one.name for one in report.models] == list(SPEC)
    for one in report.models:
        assert one.artifact is not None
        assert (out / one.artifact.path).read_bytes() == f"the model {one.name}".encode()
        assert (out / "models" / one.name / "manifest.json").is_file()
    assert not report.diagnostics


def test_files_are_linked_not_copied_where_that_is_possible(shards: list[Path], tmp_path: Path) -> None:
    merge(*shards, "--out", tmp_path / "out")
    assert (tmp_path / "out/models/a/a.onnx").samefile(shards[0] / "models/a/a.onnx")


def test_the_order_of_the_folders_does_not_matter(shards: list[Path], tmp_path: Path) -> None:
    merge(*shards, "--out", tmp_path / "one")
    merge(*reversed(shards), "--out", tmp_path / "two")
    for name in ("report.json", "comment.md", "report.html", "junit.xml"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_worst_news_comes_first(tmp_path: Path) -> None:
    bad = row("d", status="failed", diagnostics=(diagnostic(),))
    lay_all([shard(1, 2, ("a", "b", "c")), shard(2, 2, ("d",), rows=(bad,))], tmp_path / "shards")
    assert merge(tmp_path / "shards", "--out", tmp_path / "out") == 1
    assert (tmp_path / "out/comment.md").read_text().startswith("### ❌ 1 of 4 models failed: `d`")


def test_native_is_compared_only_within_a_leg(shards: list[Path], tmp_path: Path) -> None:
    """On the GPU leg native took 1 ms and TensorRT 0.2; the CPU leg's native took 2.87."""
    merge(*shards, "--out", tmp_path / "out")
    comment = (tmp_path / "out/comment.md").read_text()
    section = comment[comment.index("<code>b</code>") : comment.index("<code>c</code>")]
    (line,) = [one for one in section.splitlines() if "`tensorrt on leg 3`" in one]
    assert "5\u00d7" in line
    (line,) = [one for one in section.splitlines() if "`cpu on leg 2`" in one]
    assert "2.3\u00d7" in line
    assert "legs 1 to 3 on `AMD EPYC 7763`, 4 cores" in comment


def test_files_of_a_gpu_leg_are_added_to_the_rows(shards: list[Path], tmp_path: Path) -> None:
    for folder, provider in ((shards[1], "cpu"), (shards[2], "tensorrt")):
        (folder / "models/b/providers").mkdir()
        (folder / f"models/b/providers/{provider}.json").write_text(provider)
        (folder / "models/b/log.txt").write_text(provider)
    (shards[2] / "models/b/repro").mkdir()
    (shards[2] / "models/b/repro/repro.py").write_text("tensorrt")
    merge(*shards, "--out", tmp_path / "out")
    found = tmp_path / "out/models/b"
    assert sorted(path.name for path in (found / "providers").iterdir()) == ["cpu.json", "tensorrt.json"]
    assert (found / "log.txt").read_text() == "cpu"
    assert (found / "repro/repro.py").read_text() == "tensorrt"


def test_links_in_the_folders_of_shards_are_not_followed(shards: list[Path], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("a secret")
    (secret / "c.onnx").write_text("a secret")
    (shards[0] / "models/a/key").symlink_to(secret / "key")
    (shards[0] / "models/a/folder").symlink_to(secret)
    (shards[0] / "models/c/c.onnx").unlink()
    (shards[0] / "models/c/c.onnx").symlink_to(secret / "c.onnx")
    (shards[1] / "baseline").symlink_to(tmp_path)
    (shards[1] / "models/d").rename(tmp_path / "d")
    (shards[1] / "models/d").symlink_to(tmp_path / "d")
    os.mkfifo(shards[0] / "models/a/pipe")
    assert merge(*shards, "--out", tmp_path / "out") == 0
    out = tmp_path / "out"
    found = sorted(str(path.relative_to(out)) for path in (out / "models").rglob("*") if not path.is_dir())
    assert found == [
        f"models/{name}/{file}" for name in "ab" for file in ("a.onnx".replace("a", name, 1), "manifest.json")
    ]
    report = read(out / "report.json")
    assert [one.code for one in report.diagnostics] == ["OCA778", "OCA778"]
    assert "c of " in report.diagnostics[0].message


def test_a_file_that_is_not_what_its_report_says_is_left_out_and_told(shards: list[Path], tmp_path: Path) -> None:
    (shards[0] / "models/a/a.onnx").write_bytes(b"another one")
    (shards[0] / "models/c/c.onnx").unlink()
    assert merge(*shards, "--out", tmp_path / "out") == 0
    report = read(tmp_path / "out/report.json")
    assert [(one.code, one.severity) for one in report.diagnostics] == [("OCA778", "warning")] * 2
    assert not (tmp_path / "out/models/a").exists()
    assert (tmp_path / "out/models/b/b.onnx").is_file()


def test_what_an_earlier_merge_left_is_gone(shards: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    for name in ("a", "old"):
        (out / "models" / name).mkdir(parents=True)
        (out / "models" / name / "manifest.json").write_text("{}")
        (out / "models" / name / "stale").write_text("")
    merge(*shards, "--out", out)
    assert not (out / "models/old").exists()
    assert not (out / "models/a/stale").exists()
    merge(*shards, "--out", out)
    assert (out / "models/a/a.onnx").is_file()


def test_an_unfinished_shard_fails_the_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_all([shard(1, 2, ("a", "b", "c")), shard(2, 2, ("d",), complete=False)], tmp_path / "shards")
    assert merge(tmp_path / "shards", "--out", tmp_path / "out") == 1
    assert "OCA775" in capsys.readouterr().out
    assert json.loads((tmp_path / "out/report.json").read_text())["complete"] is False


def test_a_refusal_writes_nothing_and_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_all(with_gpu()[:1], tmp_path / "shards")
    assert merge(tmp_path / "shards", "--out", tmp_path / "out") == 2
    assert "error[OCA771]: 1 of 2 shards are missing: 2/2" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("out", ["shards/shard-1", "shards/shard-1/models/a"])
def test_a_shards_own_folder_is_not_written_over(
    shards: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str
) -> None:
    assert merge(*shards, "--out", tmp_path / out) == 2
    assert "OCA774" in capsys.readouterr().err


def test_an_environment_that_could_not_be_built_exits_3(tmp_path: Path) -> None:
    bad = row("d", status="error", artifact=None, diagnostics=(diagnostic("OCA001", "no network"),))
    lay_all([shard(1, 2, ("a", "b", "c")), shard(2, 2, ("d",), rows=(bad,))], tmp_path / "shards")
    assert merge(tmp_path / "shards", "--out", tmp_path / "out") == 3


def test_a_folder_that_cannot_be_written_exits_3(
    shards: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert merge(*shards, "--out", tmp_path / "file") == 3
    assert "error[OCA905]" in capsys.readouterr().err
