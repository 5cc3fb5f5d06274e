"""ONNX Runtime's GPU build on a machine without a GPU: a reason for each provider, and no number anywhere.

ONNX Runtime itself gives a session on the CPU here and raises nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
from onnx import parser

from onnx_convert import nvidia
from onnx_convert.environments import Environments, default_root
from onnx_convert.report.numbers import NONE
from tests.e2e import command

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(nvidia.lacking() is None, reason="this machine has an NVIDIA driver and a GPU"),
]

SPEC = """spec-version = 1

[gates]
fail-on = {gates}

[models.net]
source = "net.onnx"
dims = {{ N = [1, 3] }}
benchmark = {{ providers = {providers}, seconds = 0.1 }}
provider-options.tensorrt = {{ trt_fp16_enable = true }}
provider-options.cuda = {{ enable_cuda_graph = true }}
"""
GRAPH = "g (float[N, 3] x) => (float[N, 3] y) { z = Relu(x)  y = Add(z, x) }"
EVERY_GATE = '["convert", "opset", "parity", "provider", "latency", "size"]'
TIME = re.compile(r"\d\s*(?:µs|ms)\b")
MISSING = {"cuda": ("libcublasLt.so.", "libcuda.so.1"), "tensorrt": ("libnvinfer.so.", "libcuda.so.1")}
"""Libraries that each provider's reason has to name: its own, and the driver's."""


@pytest.fixture(scope="module")
def installed() -> None:
    """The environment of the GPU's providers, from its lock in the ordinary cache."""
    Environments(default_root(os.environ), environ=os.environ, say=print).get("onnx-gpu")


@pytest.fixture(scope="module")
def repository() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-e2e-"))
    folder.chmod(0o755)
    (repository := folder / "repository").mkdir(mode=0o755)
    onnx.save(parser.parse_model(f'<ir_version: 8, opset_import: ["": 17]> {GRAPH}'), repository / "net.onnx")
    yield repository
    shutil.rmtree(folder)


def run(repository: Path, providers: str, gates: str = EVERY_GATE, *arguments: str) -> command.Ended:
    (repository / "onnx-convert.toml").write_text(SPEC.format(providers=providers, gates=gates))
    return command.run(repository, "--no-cache", *arguments)


@pytest.fixture(scope="module")
def ended(installed: None, repository: Path) -> command.Ended:
    return run(repository, '["cuda", "tensorrt"]')


def test_a_spec_that_requires_a_gpu_fails_the_gate(ended: command.Ended) -> None:
    assert ended.code == 1, ended.output
    assert [one["code"] for one in ended.row("net")["diagnostics"] if one["severity"] == "error"] == ["OCA601"] * 2


@pytest.mark.parametrize("provider", MISSING)
def test_the_reason_names_the_libraries_and_the_driver(ended: command.Ended, provider: str) -> None:
    (result,) = [one for one in ended.row("net")["benchmark"] if one["provider"] == provider]
    assert result["status"] == "unavailable"
    assert all(library in result["reason"] for library in MISSING[provider])


def test_only_the_original_has_a_latency(ended: command.Ended) -> None:
    measured = {one["provider"] for one in ended.row("net")["benchmark"] if one["latency_ms"] is not None}
    assert measured == {"native"}


@pytest.mark.parametrize("provider", MISSING)
def test_the_report_has_no_number_of_a_missing_provider(ended: command.Ended, provider: str) -> None:
    (result,) = [one for one in ended.row("net")["benchmark"] if one["provider"] == provider]
    without = {name: value for name, value in result.items() if name not in {"provider", "status", "reason", "dims"}}
    assert not any(without.values()), without
    assert not (ended.out / "models" / "net" / "providers").exists()


@pytest.mark.parametrize("provider", MISSING)
def test_the_comment_has_no_number_of_a_missing_provider(ended: command.Ended, provider: str) -> None:
    rows = [
        line.strip(" |").split(" | ") for line in (ended.out / "comment.md").read_text().splitlines() if "|" in line
    ]
    (header,) = [row for row in rows if row[0] == "Model"]
    (line,) = [row for row in rows if row[0] == "`net`"]
    assert line[header.index(f"`{provider}`")] == "unavailable"
    (detail,) = [row for row in rows if row[0] == f"`{provider}`"]
    assert set(detail[2:]) == {NONE}


def test_every_time_in_the_page_is_the_originals(ended: command.Ended) -> None:
    page = re.sub(r"<(style|script)\b.*?</\1>", "", (ended.out / "report.html").read_text("utf-8"), flags=re.DOTALL)
    rows = [row for row in re.split(r"<tr\b", page) if re.search(r"(?:cuda|tensorrt).*unavailable", row, re.DOTALL)]
    assert rows
    for row in rows:
        cells = re.split(r"</td>", row.partition("</tr>")[0])
        assert not [cell for cell in cells if TIME.search(cell) and "native" not in cell], cells


def test_parity_is_of_the_cpu_alone(ended: command.Ended) -> None:
    assert {case["provider"] for case in ended.row("net")["parity"]["cases"]} == {"cpu"}


def test_with_the_gate_left_out_it_is_a_warning(installed: None, repository: Path) -> None:
    ended = run(repository, '["cpu", "cuda"]', '["convert", "opset", "parity"]')
    assert ended.code == 0, ended.output
    by_provider = {one["provider"]: one for one in ended.row("net")["benchmark"]}
    assert by_provider["cuda"]["status"] == "unavailable"
    assert by_provider["cpu"]["effective"] == by_provider["cpu"]["time_share"] == {"CPUExecutionProvider": 1.0}
    assert by_provider["cpu"]["operators"] == {"CPUExecutionProvider": {"Relu": 1, "Add": 1}}
    assert (ended.out / by_provider["cpu"]["nodes"]).is_file()


@pytest.fixture
def cache(repository: Path) -> Path:
    """A cache folder with every environment of this machine but that of GPUs."""
    folder = repository.parent / "cache"
    (folder / "environments").mkdir(parents=True)
    for each in default_root(os.environ).glob("environments/*"):
        if not each.name.startswith("onnx-gpu"):
            (folder / "environments" / each.name).symlink_to(each)
    return folder


def test_without_its_environment_nothing_is_built_and_the_driver_is_named(repository: Path, cache: Path) -> None:
    ended = run(repository, '["cuda", "tensorrt"]', EVERY_GATE, "--cache-dir", str(cache))
    assert ended.code == 1, ended.output
    for result in ended.row("net")["benchmark"]:
        if result["provider"] in MISSING:
            assert result["status"] == "unavailable"
            assert "no NVIDIA driver (libcuda.so.1" in result["reason"]
            assert "/dev/nvidiactl" in result["reason"]
    assert not list((cache / "environments").glob("onnx-gpu*"))
