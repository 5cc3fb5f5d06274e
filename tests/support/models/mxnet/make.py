"""Saves networks as MXNet's users have them: `python make.py OUTDIR`."""

from __future__ import annotations

import sys
from pathlib import Path

import mxnet as mx

sys.path.insert(0, str(Path(__file__).parent))
import networks

ZOO = {
    "resnet18_v1": "resnet18_v1",
    "resnet50_v1": "resnet50_v1",
    "resnet18_v2": "resnet18_v2",
    "mobilenet": "mobilenet1.0",
    "mobilenet_v2": "mobilenetv2_1.0",
    "squeezenet": "squeezenet1.1",
    "densenet121": "densenet121",
}


def make(folder: Path) -> None:
    """Write every `NAME-symbol.json` with its parameters into a folder."""
    for name, kind in ZOO.items():
        save_zoo(folder, name, networks.zoo(kind))
    networks.trained_lenet().save_checkpoint(str(folder / "lenet"), 3)


def save_zoo(folder: Path, name: str, net: mx.gluon.HybridBlock) -> None:
    """Export a block as Gluon does."""
    net.export(str(folder / name))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
