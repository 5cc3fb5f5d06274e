"""Makes the broken files that the misbehaving models need; run in the PyTorch environment.

python make.py FOLDER
"""

import pickle
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

folder = Path(sys.argv[1])
torch.manual_seed(0)
good = nn.Linear(4, 3)
state = {"linear.weight": good.weight.detach(), "linear.bias": good.bias.detach()}

save_file({"linear.weight": state["linear.weight"]}, folder / "missing.safetensors")
save_file({**state, "head.scale": torch.ones(1)}, folder / "unexpected.safetensors")
save_file({**state, "linear.bias": torch.ones(5)}, folder / "misshapen.safetensors")
(folder / "truncated.safetensors").write_bytes((folder / "missing.safetensors").read_bytes()[:40])

torch.jit.script(nn.ReLU()).save(folder / "scripted.pt")
(folder / "truncated.pt").write_bytes((folder / "scripted.pt").read_bytes()[:200])
(folder / "scripted.pt").unlink()
(folder / "garbage.onnx").write_bytes(b"\x08\x08\x12\x07pytorch\x3a\xff\xff\xff")


class Bomb:
    def __reduce__(self):
        return (print, ("a pickle was executed",))


(folder / "bomb.pkl").write_bytes(pickle.dumps(Bomb()))
