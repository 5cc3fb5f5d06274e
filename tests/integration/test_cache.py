"""The cache in real runs: what was not touched is not done again, and what is not whole is not believed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import onnx
import pytest
from onnx import parser

from onnx_convert import machine
from onnx_convert.cache import ResultCache
from onnx_convert.cache.store import NEVER_KEPT
from onnx_convert.environments import default_root
from onnx_convert.pipeline import Edges, Options, Run
from onnx_convert.plan import make_plan
from onnx_convert.report.model import ModelReport, Report
from onnx_convert.spec.load import load

pytestmark = pytest.mark.integration

RELU = '<ir_version: 8, opset_import: ["": 17]> g (float[batch, 2] x) => (float[batch, 2] y) { y = Relu(x) }'

SHARED = """
import numpy as np
from sklearn.linear_model import LinearRegression

def fit(seed):
    data = np.random.default_rng(seed).normal(size=(16, 2)).astype("float32")
    return LinearRegression().fit(data, data.sum(axis=1))
"""
FIRST = """
import json
from pathlib import Path
from models.shared import fit

def build():
    return fit(json.loads(Path(__file__).with_name("first.json").read_text())["seed"])
"""
SECOND = """
from pathlib import Path
from models.shared import fit

def build():
    try:
        seed = int((Path(__file__).parent / "second.txt").read_text())
    except FileNotFoundError:
        seed = 2
    return fit(seed + len(list((Path(__file__).parent / "data").iterdir())))
"""
SPEC = """spec-version = 1
[defaults]
benchmark = false
[models.first]
framework = "sklearn"
source = "models/first.py:build"
inputs.x = { shape = ["batch", 2], dtype = "float32" }
[models.second]
framework = "sklearn"
source = "models/second.py:build"
inputs.x = { shape = ["batch", 2], dtype = "float32" }
[models.relu]
source = "relu.onnx"
"""


class Quiet:
    """Watches nothing."""

    def message(self, text: str) -> None:
        """Not of interest."""

    def update(self, model: str, stage: str, detail: str | None = None) -> None:
        """Not of interest."""

    def finish(self, model: str, row: ModelReport) -> None:
        """Not of interest."""


@pytest.fixture(scope="module")
def repository() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="onnx-convert-cache-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        (folder / "models" / "data").mkdir(parents=True)
        (folder / "models" / "data" / "one").touch()
        for name, text in {"shared.py": SHARED, "first.py": FIRST, "second.py": SECOND}.items():
            (folder / "models" / name).write_text(text)
        (folder / "models" / "first.json").write_text('{"seed": 1}')
        onnx.save(parser.parse_model(RELU), folder / "relu.onnx")
        (folder / "onnx-convert.toml").write_text(SPEC)
        yield folder


def run(repository: Path, out: str = "out") -> Report:
    loaded = load(repository / "onnx-convert.toml", root=repository)
    options = Options(repository / out, default_root(os.environ), repository / "results", jobs=3)
    time.sleep(0.02)  # file systems stamp files by the tick, and what is changed in a run is not kept
    report = Run(loaded, make_plan(loaded), options, Edges(os.environ, machine.describe(), None), Quiet()).execute()
    assert {row.name: row.status for row in report.models} == dict.fromkeys(("first", "second", "relu"), "passed")
    return report


def redone(report: Report) -> dict[str, tuple[str, ...]]:
    """The rows that were done again, with the reasons."""
    return {row.name: row.not_cached for row in report.models if not row.cached}


def test_only_what_read_a_file_that_changed_is_done_again(repository: Path) -> None:
    first = run(repository)
    assert redone(first) == dict.fromkeys(("first", "second", "relu"), (NEVER_KEPT,))
    assert first.diagnostics == ()
    again = run(repository)
    assert redone(again) == {}
    assert [row.artifact for row in again.models] == [row.artifact for row in first.models]

    models = repository / "models"
    (models / "first.json").write_text('{"seed": 7}')
    (models / "nobody.json").write_text("{}")
    assert redone(run(repository)) == {"first": ("models/first.json changed",)}

    (models / "shared.py").write_text(SHARED + "\n# touched\n")
    shared = ("models/shared.py changed",)
    assert redone(run(repository)) == {"first": shared, "second": shared}

    (models / "second.txt").write_text("9")
    assert redone(run(repository)) == {"second": ("models/second.txt is there now",)}

    (models / "data" / "two").touch()
    assert redone(run(repository)) == {"second": ("models/data/: other files are in it",)}

    spec = repository / "onnx-convert.toml"
    spec.write_text(SPEC + "parity = { rtol = 0.01 }\n")
    assert redone(run(repository)) == {"relu": ("spec, parity.rtol: 0.001 → 0.01",)}

    spec.write_text("# only the lines move\n" + SPEC)
    (models / "first.json").write_text('{"seed": 1}')
    (models / "shared.py").write_text(SHARED)
    (models / "second.txt").unlink()
    (models / "data" / "two").unlink()
    back = run(repository)
    assert redone(back) == {}
    assert [row.artifact for row in back.models] == [row.artifact for row in first.models]


def test_a_cached_file_that_was_cut_off_is_replaced_by_a_whole_one(repository: Path) -> None:
    whole = run(repository)
    for model in (repository / "results" / "relu").glob("*/files/relu.onnx"):
        model.write_bytes(model.read_bytes()[:-8])
    report = run(repository)
    assert [one.code for one in report.diagnostics] == ["OCA040"]
    assert redone(report).keys() == {"relu"}
    assert "was altered" in redone(report)["relu"][0]
    assert report.models[2].artifact == whole.models[2].artifact
    last = run(repository)
    assert (redone(last), last.diagnostics) == ({}, ())


def test_two_runs_at_once_with_one_cache_are_both_whole_and_leave_it_whole(repository: Path) -> None:
    with (repository / "models" / "shared.py").open("a") as file:
        file.write("# for both anew\n")
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda out: run(repository, out), ("out-a", "out-b")))
    assert [redone(report).keys() for report in both] == [{"first", "second"}] * 2
    assert [report.diagnostics for report in both] == [(), ()]
    assert [row.artifact for row in both[0].models] == [row.artifact for row in both[1].models]
    after = run(repository)
    assert (redone(after), after.diagnostics) == ({}, ())
    assert not list((repository / "results").glob(".partial-*"))


KEEP_KEEPING = """
import sys
from pathlib import Path
from onnx_convert.cache import ResultCache
from onnx_convert.report.model import ModelReport
folder = Path(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    number += 1
    cache = ResultCache(folder / "results", 20_000_000)
    with cache.in_use():
        row = ModelReport(name=f"row-{number % 4}", framework=None, opset=number, status="passed")
        cache.store({"number": number % 8}, folder, ["read.txt"], row, folder / "files")
"""


def test_kills_at_any_moment_leave_nothing_that_is_believed_and_is_not_whole(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / "files" / name).write_bytes(os.urandom(400_000))
    (tmp_path / "read.txt").touch()
    moments = random.Random(0)
    for _ in range(12):
        with subprocess.Popen([sys.executable, "-c", KEEP_KEEPING, str(tmp_path)], stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(moments.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
    cache = ResultCache(tmp_path / "results", 20_000_000)
    found = [cache.find(f"row-{row}", {"number": number}, tmp_path) for row in range(4) for number in range(8)]
    assert any(found)
    assert cache.diagnostics == ()
    with cache.in_use():
        row = ModelReport(name="last", framework=None, opset=1, status="passed")
        cache.store({}, tmp_path, [], row, tmp_path / "files")
    assert not list((tmp_path / "results").glob(".partial-*"))
    assert sum(path.stat().st_size for path in (tmp_path / "results").rglob("*")) < 21_000_000
