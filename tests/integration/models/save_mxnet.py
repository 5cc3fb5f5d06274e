"""A worker that saves small networks of MXNet as its users have them, right and wrong."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any


def main(job: Any) -> dict[str, Any]:
    import mxnet as mx

    sys.path.insert(0, str(Path(job["repository"]) / "mxnet"))
    import networks

    for name, kind in {"resnet": "resnet18_v2", "mobilenet": "mobilenetv2_0.25"}.items():
        networks.zoo(kind, size=64, classes=10).export(str(job.out / name))
    networks.trained_lenet().save_checkpoint(str(job.out / "lenet"), 3)
    wrong(job.out, mx)
    return {}


def wrong(folder: Path, mx: Any) -> None:
    for name in ("several", "alone", "partial", "extra", "narrow", "damaged"):
        shutil.copy(folder / "lenet-symbol.json", folder / f"{name}-symbol.json")
    params = mx.nd.load(str(folder / "lenet-0003.params"))
    for file in ("several-0001", "several-0002", "several-best"):
        mx.nd.save(str(folder / f"{file}.params"), params)
    without = {name: array for name, array in params.items() if "conv1_weight" not in name and "moving" not in name}
    mx.nd.save(str(folder / "partial-0000.params"), without)
    mx.nd.save(str(folder / "extra-0000.params"), {**params, "arg:head_weight": mx.nd.ones(3)})
    mx.nd.save(str(folder / "narrow-0000.params"), {**params, "arg:fc2_weight": mx.nd.ones((10, 63))})
    (folder / "damaged-0000.params").write_bytes(b"not parameters at all, but long enough")
    (folder / "broken-symbol.json").write_text("{}")
    foreign = (folder / "lenet-symbol.json").read_text().replace('"op": "Flatten"', '"op": "FlattenOfMine"')
    (folder / "foreign-symbol.json").write_text(foreign)
    for name in ("broken", "foreign"):
        shutil.copy(folder / "lenet-0003.params", folder / f"{name}-0000.params")
