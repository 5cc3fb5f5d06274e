"""PyTorch's CPU build: where to get it, and that it is one.

PyPI's Linux wheel of PyTorch is the CUDA build, which brings gigabytes of NVIDIA packages. The CPU build has the same
version and lies on an index of PyTorch's own, or in a folder that pip's find-links names.
"""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.environments import locks
from onnx_convert.environments.sources import find_links
from onnx_convert.environments.uv import Uv, UvError

if TYPE_CHECKING:
    from collections.abc import Mapping


class CudaBuildError(Exception):
    """What was installed as PyTorch is a CUDA build; the message names it."""


def backend(environ: Mapping[str, str], version: str) -> tuple[str, ...]:
    """Options of uv that give CPU builds of PyTorch and its family, here and now.

    None on platforms whose ordinary wheel is the CPU build, and where find-links hold a CPU wheel of this version: uv
    prefers its local version `+cpu` to the plain one.
    """
    if sys.platform != "linux" or _in_find_links(environ, version):
        return ()
    return ("--torch-backend", "cpu")


def install(uv: Uv, python: Path, version: str) -> None:
    """Install PyTorch without its dependencies. Raises UvError."""
    common = ("pip", "install", "--python", python, "--no-deps", "--no-build", f"torch=={version}")
    if sys.platform == "linux" and _in_find_links(uv.environ, version):
        with suppress(UvError):  # its wheel may be for another Python or machine
            uv.run(*common, "--no-index")
            return
    uv.run(*common, *(("--torch-backend", "cpu") if sys.platform == "linux" else ()))


def verify(site_packages: Path) -> None:
    """Raises CudaBuildError if the PyTorch in a folder asks for NVIDIA's packages or names an accelerator."""
    for found in distributions(path=[str(site_packages)]):
        if locks.normalise(found.metadata["Name"]) != "torch":
            continue
        if re.search(r"\+(cu|rocm|xpu)", found.version):
            raise CudaBuildError(f"torch {found.version}")
        if any(locks.is_cuda(_name(requirement)) for requirement in found.requires or ()):
            raise CudaBuildError(f"torch {found.version}, which requires NVIDIA's packages")


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]


def _in_find_links(environ: Mapping[str, str], version: str) -> bool:
    local = (each.removeprefix("file://") for each in find_links(environ) if not each.startswith(("http:", "https:")))
    return any(any(Path(folder).glob(f"torch-{version}+cpu-*.whl")) for folder in local if Path(folder).is_dir())
