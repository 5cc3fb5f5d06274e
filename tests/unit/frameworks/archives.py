"""Files as PyTorch writes them, made without PyTorch: the layout of a zip, and a pickle by its opcodes."""

from __future__ import annotations

import zipfile
from pathlib import Path

STATE_DICT = (
    b"\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01X\x01\x00\x00\x00aq\x02ctorch._utils\n_rebuild_tensor_v2\n"
    b"q\x03ctorch\nFloatStorage\nq\x040."
)
"""The opcodes of `torch.save({"a": tensor})` that name classes."""


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        for name, content in members.items():
            out.writestr(f"{path.stem}/{name}", content)
    return path


def torchscript(path: Path) -> Path:
    return archive(path, {"data.pkl": b".", "code/__torch__.py": b"", "constants.pkl": b".", "version": b"3"})


def whole_module(path: Path) -> Path:
    pickle = STATE_DICT.replace(b"torch._utils\n_rebuild", b"models.net\nNet\n0ctorch._utils\n_rebuild")
    return archive(path, {"data.pkl": pickle, "version": b"3"})


def state_dict(path: Path) -> Path:
    return archive(path, {"data.pkl": STATE_DICT, "version": b"3"})
