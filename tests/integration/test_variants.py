"""Variants through the whole command, on real models: what is made, judged, measured, skipped and reused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper, parser

from onnx_convert.environments import default_root
from onnx_convert.report.model import ModelReport, Report

pytestmark = pytest.mark.integration

MODELS = Path(__file__).parents[1] / "support/models/variants"
SPEC = """spec-version = 1

[defaults]
benchmark = { providers = ["cpu"], seconds = 0.2, threads = 1 }
parity = { samples = 2 }

[models.physics]
source = "networks.py:physics"
inputs.sensors = { shape = ["batch", 16] }
dims = { batch = [1, 8] }
variants = ["fp16", "int8-dynamic"]

[models.strict]
source = "networks.py:mlp"
inputs.features = { shape = ["batch", 64] }
dims = { batch = [2] }
opset = [17, 15]
variants = ["fp16"]
parity = { variants.fp16 = { min-sqnr = 100 } }
benchmark = false

[models.forest]
source = "estimators.py:forest"
inputs.features = { shape = ["batch", 32] }
dims = { batch = [16] }
variants = ["fp16", "int8-dynamic"]
benchmark = false

[models.existing]
source = "existing.onnx"
dims = { batch = [1, 3] }
variants = ["fp16", "int8-dynamic"]
benchmark = false

[models.raises]
source = "networks.py:_Physics"
args = { no_such = 1 }
inputs.sensors = { shape = ["batch", 16] }
variants = ["fp16"]
benchmark = false
"""
EXISTING = """<ir_version: 7, opset_import: ["": 13]> net (float[batch, 64] x) => (float[batch, 10] y)
{
    h = MatMul(x, w)
    r = Relu(h)
    y = MatMul(r, v)
}"""


@pytest.fixture(scope="module")
def repository() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-variants-"))
    folder.chmod(0o755)
    shutil.copytree(MODELS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    model = parser.parse_model(EXISTING)
    draw = np.random.default_rng(0)
    for name, shape in (("w", (64, 128)), ("v", (128, 10))):
        model.graph.initializer.append(numpy_helper.from_array(draw.normal(size=shape).astype(np.float32), name))
    onnx.save(model, folder / "existing.onnx")
    (folder / "onnx-convert.toml").write_text(SPEC)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def run(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Report]:
    cache = tmp_path_factory.mktemp("cache")
    for built in default_root(os.environ).iterdir():
        if built.name != "results":  # environments are shared, results are this test's own
            (cache / built.name).symlink_to(built)

    def call(*arguments: str, out: str = "out") -> Report:
        environ = {**os.environ, "CI": "true"}
        command = [sys.executable, "-m", "onnx_convert", "run", "--out", out, "--cache-dir", str(cache), *arguments]
        done = subprocess.run(command, cwd=repository, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr[-3000:]
        return Report.model_validate_json((repository / out / "report.json").read_bytes())

    return call


@pytest.fixture(scope="module")
def rows(run: Callable[..., Report]) -> dict[str, ModelReport]:
    return {row.name: row for row in run().models}


def codes(row: ModelReport) -> list[str]:
    return [one.code for one in row.diagnostics]


def test_a_variant_is_a_row_with_parity_and_size_of_its_own(rows: dict[str, ModelReport], repository: Path) -> None:
    for name in ("physics+fp16", "physics+int8-dynamic", "existing+fp16", "existing+int8-dynamic"):
        row = rows[name]
        assert (row.status, row.parity and row.parity.status) == ("passed", "passed"), (name, row.diagnostics)
        assert row.artifact
        assert row.variant_of
        assert row.artifact.path == f"models/{name}/{name}.onnx"
        assert (repository / "out" / row.artifact.path).stat().st_size == row.artifact.bytes
        base = rows[row.variant_of.model].artifact
        assert base
        assert row.variant_of.size_ratio == pytest.approx(row.artifact.bytes / base.bytes, abs=1e-4)
    assert rows["existing+fp16"].variant_of.size_ratio < 0.55
    assert rows["existing+int8-dynamic"].variant_of.size_ratio < 0.32


def test_what_a_variant_was_judged_by_is_in_the_report(rows: dict[str, ModelReport]) -> None:
    judged = {name: row.parity.min_sqnr for name, row in rows.items() if row.parity}
    assert (judged["physics"], judged["physics+fp16"], judged["physics+int8-dynamic"]) == (None, 40, 20)
    for name in ("physics+fp16", "existing+int8-dynamic"):
        parity = rows[name].parity
        assert all(case.sqnr_db >= parity.min_sqnr for case in parity.cases)
        assert min(case.sqnr_db for case in parity.cases) < 90  # it is another precision, and not the float32 file


def test_activations_and_weights_that_overflow_are_named_with_node_and_module(rows: dict[str, ModelReport]) -> None:
    said = {one.code: one.message for one in rows["physics+fp16"].diagnostics}
    assert 'Mul "/scale/Mul" (module scale) reaches' in said["OCA382"]
    assert '"/scale/Mul" (module scale): 1 of 1, up to 1.01e+05' in said["OCA383"]
    assert rows["physics+fp16"].variant_of.kept == {"Div": 1, "Mul": 1}


def test_a_variant_is_measured_in_turn_with_its_float32_model(rows: dict[str, ModelReport]) -> None:
    for name in ("physics+fp16", "physics+int8-dynamic"):
        (paired,) = rows[name].variant_of.latency
        assert paired.provider == "cpu"
        assert 0 < paired.ci[0] <= paired.ratio <= paired.ci[1]
        assert [one.provider for one in rows[name].benchmark] == ["cpu", "native"]
        assert rows[name].benchmark[1] == rows["physics"].benchmark[1]


def test_an_existing_file_and_its_variants_keep_its_opset(rows: dict[str, ModelReport]) -> None:
    for name in ("existing", "existing+fp16", "existing+int8-dynamic"):
        row = rows[name]
        assert (row.opset, row.artifact.opsets["ai.onnx"]) == (13, 13)


def test_with_several_opsets_a_variant_has_the_first(rows: dict[str, ModelReport]) -> None:
    row = rows["strict+fp16"]
    assert (row.opset, row.artifact.opsets["ai.onnx"], row.variant_of.model) == (17, 17, "strict+opset17")


def test_a_variant_that_is_too_noisy_fails_with_the_stage_and_a_script_that_shows_it(
    rows: dict[str, ModelReport], repository: Path
) -> None:
    row = rows["strict+fp16"]
    assert (row.status, row.parity.blame.stage) == ("failed", "precision")
    assert rows["strict+opset17"].status == "passed"
    assert "dB, less than 100 dB" in next(one.message for one in row.diagnostics if one.code == "OCA501")
    script = repository / "out/models/strict+fp16/repro/repro.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "dB, not 100.0 dB" in done.stdout
    case = script.with_name("case.json")
    case.write_text(case.read_text().replace("100.0", "40.0"))
    assert subprocess.run([sys.executable, script], capture_output=True, check=False).returncode == 0


def test_trees_have_no_variant_and_no_file_that_pretends_to_be_one(
    rows: dict[str, ModelReport], repository: Path
) -> None:
    assert rows["forest"].status == "passed"
    for name in ("forest+fp16", "forest+int8-dynamic"):
        assert (rows[name].status, codes(rows[name]), rows[name].artifact) == ("skipped", ["OCA381"], None)
        assert not list((repository / "out/models" / name).glob("*.onnx"))


def test_a_variant_of_a_model_that_fails_names_its_failure(rows: dict[str, ModelReport]) -> None:
    failed = rows["raises"].diagnostics[0]
    row = rows["raises+fp16"]
    assert (rows["raises"].status, row.status, codes(row)) == ("error", "skipped", ["OCA380"])
    assert f"raises was not: {failed.code}" in row.diagnostics[0].message


def test_a_manifest_says_which_variant_it_is(rows: dict[str, ModelReport], repository: Path) -> None:
    manifest = json.loads((repository / "out/models/existing+fp16/manifest.json").read_text())
    assert (manifest["name"], manifest["variant"]) == ("existing", "fp16")
    assert manifest["exporter"] == "onnxruntime.transformers.float16"


def test_a_model_is_reused_with_its_variants_or_made_anew_with_them(
    rows: dict[str, ModelReport], run: Callable[..., Report]
) -> None:
    again = {row.name: row for row in run(out="again").models}
    assert {name for name, row in again.items() if row.cached} == {
        *("physics", "physics+fp16", "physics+int8-dynamic", "strict+opset15"),
        *("forest", "forest+fp16", "forest+int8-dynamic", "existing", "existing+fp16", "existing+int8-dynamic"),
    }
    assert again["existing+fp16"].variant_of == rows["existing+fp16"].variant_of


def test_a_model_that_is_asked_for_comes_with_its_variants(run: Callable[..., Report], repository: Path) -> None:
    report = run("--model", "existing", out="one")
    assert [row.name for row in report.models] == ["existing", "existing+fp16", "existing+int8-dynamic"]
    assert sorted(path.name for path in (repository / "one/models").iterdir()) == [
        "existing", "existing+fp16", "existing+int8-dynamic",
    ]  # fmt: skip
