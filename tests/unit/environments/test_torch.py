"""Only CPU builds of PyTorch."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from onnx_convert.environments import torch


def installed(folder: Path, version: str, *requires: str) -> Path:
    info = folder / f"torch-{version}.dist-info"
    info.mkdir()
    lines = [
        "Metadata-Version: 2.1",
        "Name: torch",
        f"Version: {version}",
        *(f"Requires-Dist: {each}" for each in requires),
    ]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.parametrize("version", ["2.13.0", "2.13.0+cpu"])
def test_a_build_that_asks_for_nothing_of_nvidia_passes(tmp_path: Path, version: str) -> None:
    torch.verify(installed(tmp_path, version, "filelock", "sympy>=1.13"))


@pytest.mark.parametrize("version", ["2.13.0+cu130", "2.13.0+rocm7.1", "2.13.0+xpu"])
def test_a_build_for_an_accelerator_is_refused(tmp_path: Path, version: str) -> None:
    with pytest.raises(torch.CudaBuildError, match=r"torch 2\.13\.0"):
        torch.verify(installed(tmp_path, version))


@pytest.mark.parametrize(
    "package", ["nvidia-cublas==13.1 ; x", "triton>=3", "cuda-bindings (>=13)", "nvidia_nccl_cu13"]
)
def test_a_build_that_requires_nvidias_packages_is_refused(tmp_path: Path, package: str) -> None:
    with pytest.raises(torch.CudaBuildError, match="NVIDIA"):
        torch.verify(installed(tmp_path, "2.13.0", package))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the ordinary wheel is the CPU build")
def test_pytorchs_own_index_is_used_unless_a_folder_holds_the_cpu_wheel(tmp_path: Path) -> None:
    environ = {"UV_FIND_LINKS": f"https://example.invalid/wheels,{tmp_path}"}
    assert torch.backend(environ, "2.13.0") == ("--torch-backend", "cpu")
    (tmp_path / "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl").touch()
    assert torch.backend(environ, "2.13.0") == ()
    assert torch.backend(environ, "2.14.0") == ("--torch-backend", "cpu")
