"""Output folders to publish: models of a few bytes, with manifests, and the report that tells of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from onnx_convert.report.model import ModelReport, Report
from onnx_convert.report.write import write_json
from tests.unit.report import sample

COMMIT = "c" * 40


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def output(folder: Path, models: Mapping[str, bytes], **more: Any) -> Report:
    """An output folder with these models by name, and its report."""
    rows = tuple(add(folder, name, content) for name, content in models.items())
    report = sample.report(rows, **{"commit": COMMIT, **more})
    write_json(report, folder)
    return report


def add(folder: Path, name: str, content: bytes, weights: bytes | None = None, **more: Any) -> ModelReport:
    """A model in an output folder, with external data if it is given, and its row."""
    path = f"models/{name}/{name}.onnx"
    files = {path: content} | ({f"{path}.data": weights} if weights is not None else {})
    (folder / "models" / name).mkdir(parents=True, exist_ok=True)
    for one, bytes_ in files.items():
        (folder / one).write_bytes(bytes_)
    manifest = {"schema_version": 1, "name": name, "files": {one: digest(bytes_) for one, bytes_ in files.items()}}
    (folder / "models" / name / "manifest.json").write_text(json.dumps(manifest))
    external = (f"{path}.data",) if weights is not None else ()
    artifact = sample.artifact(
        name, path=path, sha256=digest(content), bytes=sum(map(len, files.values())), external_data=external
    )
    return sample.row(name, artifact=artifact, **more)
