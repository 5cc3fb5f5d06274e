"""The quickstart in two shards, planned, run and merged by the real commands, beside one run of everything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import onnx
import pytest

from tests.e2e import command

pytestmark = pytest.mark.integration
SCHEMA = Path(__file__).resolve().parents[2] / "schema" / "report.schema.json"
_OF_CASE = ("provider", "dims", "output", "samples", "elements", "passed")


def onnx_convert(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "onnx_convert", *arguments]
    return subprocess.run(call, cwd=folder, env=command.environ(), capture_output=True, text=True, check=False)


def extend(repository: Path, line: str) -> None:
    """Add a line to the spec's last model."""
    with (repository / "onnx-convert.toml").open("a") as spec:
        spec.write(f"{line}\n")


def known(row: dict[str, Any]) -> dict[str, Any]:
    """What of a row is the same whenever it is done: nothing that depends on time, or on the order of sums."""
    return {
        "name": row["name"],
        "framework": row["framework"],
        "opset": row["opset"],
        "status": row["status"],
        "artifact": row["artifact"],
        "parity": [{key: case[key] for key in _OF_CASE} for case in row["parity"]["cases"]],
        "benchmark": [(one["provider"], one["status"]) for one in row["benchmark"]],
        "findings": sorted({one["code"] for one in row["diagnostics"] if not one["code"].startswith("OCA67")}),
    }


def test_two_shards_merged_say_what_one_run_says(repository: Path, cache: str) -> None:
    extend(repository, 'variants = ["fp16"]')
    one = command.run(repository, "--cache-dir", cache, "--no-cache")
    planned = onnx_convert(repository, "plan", "--shards", "2", "--durations", str(one.out), "--cache-dir", cache)
    assert planned.returncode == 0, planned.stderr
    legs = json.loads(planned.stdout)["include"]
    assert [leg["shard"] for leg in legs] == ["1/2", "2/2"]
    parts = repository.parent / "parts"
    for index, leg in enumerate(legs):
        models = [f"--model={name}" for name in leg["models"].split()]
        shard = ("--shard", leg["shard"], "--out", str(parts / str(index)), "--cache-dir", cache, "--no-cache")
        done = onnx_convert(repository, "run", *models, *shard)
        assert done.returncode == one.code, done.stdout + done.stderr
    out = repository.parent / "merged"
    merged = onnx_convert(repository, "merge", str(parts), "--out", str(out))
    assert merged.returncode == one.code, merged.stderr
    report = json.loads((out / "report.json").read_text())
    jsonschema.validate(report, json.loads(SCHEMA.read_text()))
    assert report["conclusion"] == one.report["conclusion"] == "success"
    assert list(map(known, report["models"])) == list(map(known, one.report["models"]))
    assert [leg["models"] for leg in report["legs"]] == [leg["models"].split() for leg in legs]
    for row in report["models"]:
        file = row["artifact"]["path"]
        assert (out / file).read_bytes() == (one.out / file).read_bytes()
    assert (out / "comment.md").read_text().startswith((one.out / "comment.md").read_text().splitlines()[0])


def test_a_shard_by_the_spec_alone_does_its_part_on_the_asked_providers(repository: Path, cache: str) -> None:
    extend(repository, 'benchmark.providers = ["cpu", "openvino"]')
    parts = [command.run(repository, "--cache-dir", cache, "--shard", f"{n}/2", "--provider", "cpu") for n in (1, 2)]
    assert [part.code for part in parts] == [0, 0]
    names = [[row["name"] for row in part.report["models"]] for part in parts]
    assert sorted(names[0] + names[1]) == ["edges", "iris", "recommender", "tiny-cnn"]
    for part, models in zip(parts, names, strict=True):
        assert part.report["shard"]["models"] == models
        assert part.report["shard"]["providers"] == ["cpu"]
        assert all([one["provider"] for one in row["benchmark"]] == ["cpu", "native"] for row in part.report["models"])


def test_shards_find_what_was_renamed_and_what_was_deleted_as_one_run_does(repository: Path, cache: str) -> None:
    """Each shard has to look at models that it does not have: one of theirs may be what its own was called."""
    models, spec = repository / "models", repository / "onnx-convert.toml"
    head = "spec-version = 1\n[defaults]\nbenchmark = false\n"

    def write(*names: str) -> None:
        spec.write_text(head + "".join(f'[models.{one}]\nsource = "models/{one}.onnx"\n' for one in names))

    for name in ("kept", "other", "old", "gone"):
        copy(models / "filter.onnx", models / f"{name}.onnx", name)
    write("kept", "other", "old", "gone")
    git(repository, "init", "-q")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "base")
    (models / "old.onnx").rename(models / "new.onnx")
    write("kept", "other", "new")
    usual = ("--cache-dir", cache, "--baseline", "main")
    one = command.run(repository, *usual)
    assert one.report["baseline"]["deleted"] == ["gone"]
    assert one.row("new")["comparison"]["base"] == "old"
    parts = repository.parent / "parts"
    for index in (1, 2, 3):
        place = ("--shard", f"{index}/3", "--out", str(parts / str(index)))
        assert onnx_convert(repository, "run", *usual, *place).returncode == 0
    out = repository.parent / "merged"
    assert onnx_convert(repository, "merge", str(parts), "--out", str(out)).returncode == 0
    merged = json.loads((out / "report.json").read_text())
    assert merged["baseline"] == one.report["baseline"]
    assert [row["comparison"] for row in merged["models"]] == [row["comparison"] for row in one.report["models"]]


def copy(path: Path, to: Path, name: str) -> None:
    """A copy of a model that is another file by its name alone."""
    model = onnx.load(path)
    model.graph.name = name
    onnx.save(model, to)


def git(folder: Path, *arguments: str) -> None:
    options = ("-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *options, *arguments], cwd=folder, capture_output=True, check=True)
