"""An environment as it would be with other packages in it."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path

from uv import find_uv_bin

from onnx_convert.environments import Environment


def in_front(environment: Environment, packages: Path, folder: Path) -> Environment:
    """The environment with `packages` found before its own, in a new `folder`. The template imports them."""
    python = folder / "bin/python"
    subprocess.run([find_uv_bin(), "venv", "--quiet", "--python", environment.python.resolve(), folder], check=True)
    (own,) = folder.glob("lib/python*/site-packages")
    (installed,) = environment.python.parents[1].glob("lib/python*/site-packages")
    (own / "front.pth").write_text(f"{packages}\n{installed}\n")  # in this order
    return dataclasses.replace(environment, python=python)
