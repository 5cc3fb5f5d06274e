"""The command `plan`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from onnx_convert.cache import ResultCache
from onnx_convert.cli import main
from onnx_convert.report.write import write_json
from tests.unit.report.sample import report, row
from tests.unit.scale.sample import spec

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    spec(tmp_path, ["a", "b", "c"])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def planned(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The models of each leg."""
    assert main(["plan", "--cache-dir", "cache", *arguments]) == 0
    return [leg["models"] for leg in json.loads(capsys.readouterr().out)["include"]]


def test_a_matrix_goes_to_stdout_and_a_table_to_stderr(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--shards", "2", "--cache-dir", "cache"]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1
    assert [leg["shard"] for leg in json.loads(said.out)["include"]] == ["1/2", "2/2"]
    assert [line.split()[:3] for line in said.err.splitlines()] == [
        ["shard", "device", "models"],
        ["1/2", "cpu", "2"],
        ["2/2", "cpu", "1"],
    ]


def test_past_durations_decide(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_json(report((row("a", seconds=60.0), row("b", seconds=20.0), row("c", seconds=20.0))), repository / "last")
    assert planned(capsys, "--shards", "2", "--durations", "last") == ["a", "b c"]


def test_what_the_cache_knows_decides_too(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "files").mkdir()
    for name, seconds in (("a", 20.0), ("b", 60.0), ("c", 20.0)):
        kept = row(name, seconds=seconds)
        ResultCache(repository / "cache" / "results").store({"row": name}, repository, [], kept, repository / "files")
    assert planned(capsys, "--shards", "2") == ["a c", "b"]


def test_a_matrix_may_be_of_some_models(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert planned(capsys, "--shards", "3", "--model", "c", "--model", "a") == ["a", "c"]
    assert main(["plan", "--shards", "3", "--model", "aa"]) == 2
    assert 'did you mean "a"?' in capsys.readouterr().err


def test_durations_that_are_not_there_are_told_and_the_plan_is_made(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "--shards", "2", "--durations", "nowhere", "--cache-dir", "cache"]) == 0
    said = capsys.readouterr()
    assert "warning[OCA764]" in said.err
    assert "nowhere" in said.err
    assert json.loads(said.out)["include"]


@pytest.mark.parametrize("arguments", [["--shards", "257"], ["--shards", "200", "--gpu-shards", "57"]])
def test_more_jobs_than_a_matrix_may_have_are_refused(
    repository: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(["plan", *arguments]) == 2
    said = capsys.readouterr()
    assert "error[OCA760]: 257 shards were asked for; a matrix of GitHub's has at most 256 jobs" in said.err
    assert said.out == ""


def test_a_matrix_larger_than_an_output_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec(tmp_path, [f"{'long-name-' * 9}{number:05}" for number in range(5_600)], "[defaults]\nbenchmark = false\n")
    assert main(["plan", str(tmp_path / "onnx-convert.toml"), "--shards", "256", "--cache-dir", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert "error[OCA761]" in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    "arguments", [[], ["--shards", "0"], ["--shards", "two"], ["--shards", "2", "--gpu-shards", "-1"]]
)
def test_a_wrong_call_exits_2(repository: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["plan", *arguments])
    assert left.value.code == 2


def test_a_wrong_spec_is_shown(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "onnx-convert.toml").write_text("spec-version = 1\n")
    assert main(["plan", "--shards", "2"]) == 2
    assert "OCA107" in capsys.readouterr().err
