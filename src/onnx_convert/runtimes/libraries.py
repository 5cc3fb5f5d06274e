"""Which shared libraries a built-in provider lacks: ONNX Runtime says it in its log alone, and only the first."""

from __future__ import annotations

import ctypes
import re
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MISSING = re.compile(r"^\s*(\S+) => not found\s*$", re.MULTILINE)
_DRIVER = "libcuda.so.1"
_NVIDIA = frozenset({"cuda", "tensorrt"})


def lacking(folder: Path, provider: str) -> str | None:
    """What this machine lacks to load a provider's library from `folder`; None if it has all, or there is none to load.

    `provider` is its name in small letters, as in the library's.
    """
    path = folder / f"libonnxruntime_providers_{provider}.so"
    if not path.exists():
        return None
    names = list(dict.fromkeys(missing(_dependencies(path))))
    if provider in _NVIDIA and _DRIVER not in names and not _loads(_DRIVER):
        names.append(_DRIVER)
    return f"this machine lacks {', '.join(map(_told, names))}" if names else None


def missing(listed: str) -> list[str]:
    """The libraries that `ldd` has not found, by what it prints."""
    return _MISSING.findall(listed)


def _told(name: str) -> str:
    return f"{name} (the NVIDIA driver)" if name == _DRIVER else name


def _dependencies(path: Path) -> str:
    try:
        done = subprocess.run(["ldd", str(path)], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
