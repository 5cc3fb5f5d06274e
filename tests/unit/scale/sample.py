"""Specs to part, and shards of a run as they lie in folders."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from onnx_convert.report.model import Machine, ModelReport, Report, Shard, Tool
from onnx_convert.report.write import write_json
from onnx_convert.spec.load import LoadedSpec, load
from tests.unit.report.sample import artifact, measured, row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SPEC = ("a", "b", "c", "d")
CPU = Machine(cpu="AMD EPYC 7763", cores=4, memory_bytes=2**34, platform="Linux", python="3.12.3")
GPU = CPU.model_copy(update={"cpu": "Intel Xeon 8480", "cores": 8})
DIGEST = "5e" * 32


def spec(folder: Path, models: dict[str, str] | Sequence[str], head: str = "") -> LoadedSpec:
    """A spec of models, each with further lines of TOML."""
    (folder / ".git").mkdir(exist_ok=True)
    (folder / "net.onnx").write_bytes(b"a model")
    lines = models if isinstance(models, dict) else dict.fromkeys(models, "")
    text = "".join(f'\n[models.{name}]\nsource = "net.onnx"\n{more}\n' for name, more in lines.items())
    (folder / "onnx-convert.toml").write_text(f"spec-version = 1\n{head}{text}")
    return load(folder / "onnx-convert.toml")


def providers(*names: str) -> str:
    """The line of a model that is measured on these."""
    return f"benchmark = {{ providers = {list(names)} }}"


def shard(index: int, count: int, names: Sequence[str], **more: Any) -> Report:
    """The report of a shard; `rows`, `spec_models`, `spec_sha256` and `providers` are the shard's."""
    own: dict[str, Any] = {"spec_models": SPEC, "spec_sha256": DIGEST, "providers": ()}
    own |= {key: more.pop(key) for key in tuple(own) if key in more}
    rows: tuple[ModelReport, ...] = more.pop("rows", tuple(map(row, names)))
    values: dict[str, Any] = {
        "tool": Tool(version="1.0.0"),
        "conclusion": "success",
        "machine": CPU,
        "spec": "onnx-convert.toml",
        "commit": "a1b2c3d4",
        "started": f"2026-11-26T09:0{index}:00+00:00",
        "seconds": 60.0 * index,
        "fail_on": ("parity",),
        "shard": Shard(index=index, count=count, models=tuple(names), **own),
        "models": rows,
    }
    return Report(**values | more)


def on_gpu(name: str = "b", **more: Any) -> ModelReport:
    """The row of a model that a leg with a GPU did."""
    return row(name, benchmark=(measured("tensorrt", 0.2), measured("native", 1.0)), **more)


def with_gpu(**more: Any) -> tuple[Report, Report]:
    """A run of two legs: all models on CPUs, and one of them on a GPU too."""
    cpu = shard(1, 2, SPEC, providers=("cpu",))
    return cpu, shard(2, 2, ("b",), providers=("cuda", "tensorrt"), machine=GPU, rows=(on_gpu(),), **more)


def lay(report: Report, folder: Path) -> Path:
    """Write a shard's output folder, each artifact with a content of its own. The report has their digests."""
    rows = []
    for one in report.models:
        content = f"the model {one.name}".encode()
        place = folder / "models" / one.name
        place.mkdir(parents=True)
        (place / f"{one.name}.onnx").write_bytes(content)
        (place / "manifest.json").write_text("{}")
        digest = hashlib.sha256(content).hexdigest()
        rows.append(
            one.model_copy(update={"artifact": artifact(one.name, bytes=len(content), sha256=digest)})
            if one.artifact
            else one
        )
    write_json(report.model_copy(update={"models": tuple(rows)}), folder)
    return folder


def lay_all(reports: Sequence[Report], folder: Path) -> list[Path]:
    """Write the output folders of shards side by side."""
    return [lay(report, folder / f"shard-{number}") for number, report in enumerate(reports, 1)]
