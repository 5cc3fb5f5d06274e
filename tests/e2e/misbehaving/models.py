"""Models that misbehave, one callable each. `Good` is what the others disturb in vain."""

import ctypes
import os
import signal
import sys
import threading
import time

import torch
from torch import nn
from torch.nn import functional


class Good(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.linear = nn.Linear(4, 3)

    def forward(self, x):
        return torch.relu(self.linear(x))


def raises():
    raise ValueError("the moon is in the wrong house")


def exits():
    sys.exit(3)


def exits_at_once():
    os._exit(0)


def segfaults():
    ctypes.string_at(0)


def loops():
    while True:
        time.sleep(0.01)


def eats_memory():
    held = []
    while True:
        held.append(bytearray(64 * 2**20))


def forks():
    children = []
    while True:
        pid = os.fork()
        if pid == 0:
            time.sleep(600)
            os._exit(0)
        children.append(pid)


def leaves_a_daemon():
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
        os._exit(0)
    return Good()


def writes_to_the_repository():
    with open(os.path.join(os.path.dirname(__file__), "planted.py"), "w") as file:
        file.write("import this\n")
    return Good()


def prints_commands():
    print("::set-output name=conclusion::success")
    print("::add-mask::logits", flush=True)
    print("::stop-commands::pause", file=sys.stderr, flush=True)
    print("##[error]planted", flush=True)
    return Good()


def prints_gigabytes():
    line = b"x" * 2**20
    for _ in range(2048):
        os.write(1, line)
    return Good()


def interrupts():
    raise KeyboardInterrupt


def recurses():
    return recurses()


def kills_its_parent():
    os.kill(os.getppid(), signal.SIGKILL)
    return Good()


def closes_everything():
    os.closerange(0, 256)
    return Good()


def hangs_in_a_thread():
    threading.Thread(target=time.sleep, args=(600,)).start()
    return Good()


def is_no_module():
    return {"weights": [1, 2, 3]}


def takes_arguments(width):
    return nn.Linear(4, width)


def lies():
    """Plants a result of its own and leaves before the worker can write the real one."""
    out = os.path.join(os.path.dirname(os.environ["HOME"]), "out")
    with open(os.path.join(out, "result.json"), "w") as file:
        file.write('{"ok": true, "result": {"versions": "all of them", "cases": -1}, "notes": [], "reads": []}')
    os._exit(0)


def truncates_the_model():
    """Replaces the exporter by one that writes half a model."""

    def half(*args, **kwargs):
        path = next(arg for arg in args if isinstance(arg, (str, os.PathLike)) and str(arg).endswith(".onnx"))
        with open(path, "wb") as file:
            file.write(b"\x08\x08\x12\x07pytorch\x3a\xff\xff")

    torch.onnx.export = half
    return Good()


class Random(Good):
    def forward(self, x):
        return functional.dropout(self.linear(x), 0.5, training=True)


class Nan(Good):
    def forward(self, x):
        return self.linear(x) * float("nan")


class DictOfLists(Good):
    def forward(self, x):
        return {"scores": [self.linear(x), 0.5], "name": "good"}


class StaysInTraining(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.linear = nn.Linear(4, 3)
        self.norm = nn.BatchNorm1d(3)

    def train(self, mode=True):
        return super().train(True)

    def forward(self, x):
        return self.norm(self.linear(x))


class DataDependent(Good):
    def forward(self, x):
        if x.sum() > 0:
            return self.linear(x)
        return -self.linear(x)


class BakedBatch(Good):
    def forward(self, x):
        return self.linear(x).reshape(int(x.shape[0]) * 3 // 1 if torch.jit.is_tracing() else -1)


class Embeds(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(3, 4)

    def forward(self, tokens):
        return self.table(tokens)


class TwoInputs(Good):
    def forward(self, x, y):
        return self.linear(x) + y


class Constant(Good):
    def forward(self, x):
        return self.linear(x) * 0.0


class Complex(Good):
    def forward(self, x):
        return torch.fft.fft(self.linear(x)).abs().sort(stable=True).values.cumsum(-1).to(torch.complex64)
