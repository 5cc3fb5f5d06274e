"""Compiled engines between runs: what TensorRT builds in minutes is kept for the very same model, options and GPU.

A worker never writes here. It builds into its own out/, the core takes the files from there, and the next job gets the
folder to copy from. What a folder is called follows from everything that its engines were built of, the digests of the
model's files first: a hostile model can spoil only what is made of itself.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.isolation.hostile import HostileFileError, take

if TYPE_CHECKING:
    from collections.abc import Iterable

ENDINGS = (".engine", ".profile", ".timing")
"""What TensorRT's provider writes: serialised engines, the shapes they are for, and timings of kernels."""

FILES = 256
FILE_BYTES = 2**33
KEPT_BYTES = 2**34
"""Limits: files of one folder, bytes of one file, and of all folders together, past which the oldest go."""


class Engines:
    """Engines below `folder`, a folder a key. Safe between processes: folders appear whole, and are not changed."""

    def __init__(self, folder: Path, kept_bytes: int = KEPT_BYTES) -> None:
        self._folder = folder
        self._kept_bytes = kept_bytes

    def find(self, key: str) -> Path | None:
        """The folder of a key, None where there is none."""
        found = self._folder / key
        if not found.is_dir():
            return None
        with suppress(OSError):
            found.touch()  # used now, so that it goes last
        return found

    def keep(self, key: str, built: Path) -> None:
        """Take what a worker left in `built`, if any of it is new. A cache that cannot be written is no failure."""
        with suppress(OSError):
            names = _names(built)
            if not set(names) - set(_names(self._folder / key)):
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=".partial-") as partial:
                whole = Path(partial) / key
                whole.mkdir(mode=0o755)
                for name in names:
                    with suppress(HostileFileError):
                        take(built, name, whole / name, FILE_BYTES)
                        (whole / name).chmod(0o644)
                Path(partial).chmod(0o755)
                _replace(whole, self._folder / key)
            self._evict()

    def _evict(self) -> None:
        folders = sorted(_folders(self._folder), key=lambda path: -path.stat().st_mtime)
        taken = 0
        for folder in folders:
            taken += sum(file.stat().st_size for file in folder.iterdir())
            if taken > self._kept_bytes and folder != folders[0]:
                shutil.rmtree(folder, ignore_errors=True)


def _names(built: Path) -> list[str]:
    if built.is_symlink() or not built.is_dir():
        return []
    return sorted(path.name for path in built.iterdir() if path.name.endswith(ENDINGS))[:FILES]


def _folders(folder: Path) -> Iterable[Path]:
    return (path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _replace(whole: Path, target: Path) -> None:
    """Put a folder in place of another; who reads the old one meanwhile builds anew."""
    if target.exists():
        shutil.rmtree(target, ignore_errors=True)
    with suppress(OSError):  # another run was first
        whole.rename(target)
