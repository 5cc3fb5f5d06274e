"""The files that stand for their forms: checkpoints, TorchScript, an exported program, a pickled module.

`python make.py OUTDIR`, in the environment of PyTorch.
"""

import importlib.util
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
# A pickle holds the name of its module's file as the repository's root sees it.
sys.path.insert(0, str(HERE.parents[1]))

from models.pytorch import networks  # noqa: E402 - found from there


class Decoder(torch.nn.Module):
    """Control flow that only a script keeps: a loop of a length that the input says, a branch in it."""

    def __init__(self) -> None:
        super().__init__()
        self.enter, self.keep = torch.nn.Linear(8, 16), torch.nn.Linear(16, 16)
        self.head = torch.nn.Linear(16, 8)

    def forward(self, start: torch.Tensor, steps: torch.Tensor) -> torch.Tensor:
        x, hidden = start, torch.zeros(start.shape[0], 16)
        for step in range(int(steps)):
            hidden = (self.enter(x) + self.keep(hidden)).tanh()
            x = self.head(hidden)
            if step % 2 == 0:
                x = x.tanh()
        return x


def main(out: Path) -> None:
    other = networks.seeded(networks.ResNet18, 10, 16, seed=1)
    save_file(other.state_dict(), out / "resnet.safetensors")
    torch.save({"epoch": 3, "state_dict": other.state_dict()}, out / "resnet.pt")
    image = torch.randn(2, 3, 64, 64)
    torch.jit.trace(other, image).save(out / "traced.pt")
    torch.jit.script(networks.seeded(Decoder)).save(out / "scripted.pt")
    torch.save(networks.unet(), out / "module.pt")
    shapes = {"image": {0: torch.export.Dim("batch", max=64)}}
    torch.export.save(
        torch.export.export(networks.vit(), (torch.randn(2, 3, 32, 32),), dynamic_shapes=shapes), out / "vit.pt2"
    )
    words = torch.randint(0, 500, (2, 12))
    auto = {"words": {0: torch.export.Dim.DYNAMIC}}
    torch.export.save(torch.export.export(networks.lstm(), (words,), dynamic_shapes=auto), out / "lstm.pt2")
    _copy_library(out)


def _copy_library(out: Path) -> None:
    """The library of custom operators, from the package in requirements-make.txt."""
    package = Path(importlib.util.find_spec("onnxruntime_extensions").origin).parent
    (library,) = package.glob("*.so")
    shutil.copyfile(library, out / "operators.so")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
