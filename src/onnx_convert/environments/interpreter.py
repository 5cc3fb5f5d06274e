"""The Python interpreter that environments are made from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.isolation.users import available, obstacle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OLDEST = (3, 11)
"""The oldest version that the locks are made for."""

_STANDARD_LIBRARY = "import os, sys; print('%d.%d' % sys.version_info[:2]); print(os.__file__)"


def choose(environ: Mapping[str, str]) -> tuple[Path, str]:
    """An interpreter and its version, such as "3.11".

    It is the one that runs this, unless jobs become other users who cannot reach it; then the first on PATH that they
    can. Where there is none they can reach, it is the running one again, and the fence will say what that means.
    """
    running = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if available() is not None or _open(running, Path(os.__file__)):
        return running, version
    for path in _candidates(environ):
        if (found := _look(path)) is not None:
            return found
    return running, version


def _open(*paths: Path) -> bool:
    return all(obstacle(path) is None for path in paths)


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    folders = dict.fromkeys([*environ.get("PATH", "").split(os.pathsep), "/usr/local/bin", "/usr/bin"])
    names = [f"python3.{minor}" for minor in range(sys.version_info[1], OLDEST[1] - 1, -1)]
    for name in [*names, "python3"]:
        for folder in filter(None, folders):
            path = Path(folder, name)
            if path.is_file() and _open(path):
                yield path.resolve()


def _look(path: Path) -> tuple[Path, str] | None:
    try:
        done = subprocess.run(
            [path, "-I", "-c", _STANDARD_LIBRARY], capture_output=True, timeout=30, check=True, env={}
        )
        version, library = done.stdout.decode().splitlines()
        major, minor = map(int, version.split("."))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return (path, version) if (major, minor) >= OLDEST and _open(Path(library)) else None
