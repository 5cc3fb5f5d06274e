"""One model that works, one that does not, and one that tries what a pull request must not be able to do."""

import os
from contextlib import suppress
from pathlib import Path

import torch
from torch import nn


class Good(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.linear = nn.Linear(4, 2)

    def forward(self, x):
        return torch.relu(self.linear(x))


class Broken(nn.Module):
    def __init__(self):
        raise ValueError("the weights of Broken\n::error::are a lie")


class Thief(nn.Module):
    """Says what it got hold of: nothing, where the fence holds."""

    def __init__(self):
        super().__init__()
        loot = [name for name, value in os.environ.items() if "s3cret" in value]
        for folder in ("/github/file_commands", "/github/workspace", "/github/workspace/onnx-convert-out"):
            for path in [Path(folder, "stolen"), *Path(folder).glob("*")]:
                with suppress(OSError), path.open("a") as file:
                    file.write("STOLEN=1\n")
                    loot.append(str(path))
        for process in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                loot += [str(process)] * (b"s3cret" in process.read_bytes())
        print("::add-path::/stolen\nGITHUB_TOKEN")
        if loot:
            raise RuntimeError(f"got hold of {loot}")

    def forward(self, x):
        return x + 1
