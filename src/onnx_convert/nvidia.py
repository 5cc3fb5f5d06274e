"""What of NVIDIA is on this machine: the driver that every provider for its GPUs needs, and what `nvidia-smi` tells."""

from __future__ import annotations

import csv
import ctypes
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.report.model import Gpu

if TYPE_CHECKING:
    from collections.abc import Callable

DRIVER = "libcuda.so.1"
DEVICES = ("/dev/nvidiactl", "/dev/dxg", "/dev/nvgpu", "/dev/nvhost-ctrl-gpu")
"""Where the driver is talked to: on a PC, under WSL, and on Jetson boards of two generations. One is enough."""

_QUERY = (
    "name",
    "driver_version",
    "memory.total",
    "clocks.sm",
    "clocks.max.sm",
    "clocks.mem",
    "clocks.max.mem",
    "compute_cap",
)
_MIB = 2**20
_LONGEST = 200


def lacking(
    loads: Callable[[str], str | None] | None = None, exists: Callable[[str], bool] = lambda path: Path(path).exists()
) -> str | None:
    """What this machine lacks to run anything on an NVIDIA GPU, as the reason to give; None where nothing is missing.

    `loads` takes the name of a shared library and returns why it cannot be loaded, None if it can.
    """
    driver = (loads or _loads)(DRIVER)
    device = None if any(map(exists, DEVICES)) else f"no GPU device ({DEVICES[0]} is missing)"
    missing = [f"no NVIDIA driver ({driver})" if driver else None, device]
    found = " and ".join(filter(None, missing))
    return f"this machine has {found}" if found else None


def gpus(ask: Callable[[], str] | None = None) -> tuple[Gpu, ...]:
    """The GPUs of this machine; none where `nvidia-smi` is not there or fails. `ask` returns what it prints."""
    return parse((ask or _ask)())


def parse(text: str) -> tuple[Gpu, ...]:
    """The GPUs in what `nvidia-smi` prints for the query, one a line; a line that is no such line is passed over."""
    rows = csv.reader(text.splitlines(), skipinitialspace=True)
    return tuple(_gpu(dict(zip(_QUERY, row, strict=True))) for row in rows if len(row) == len(_QUERY) and row[0])


def _gpu(fields: dict[str, str]) -> Gpu:
    memory = _number(fields["memory.total"])
    return Gpu(
        name=fields["name"][:_LONGEST],
        driver=fields["driver_version"][:_LONGEST],
        memory_bytes=None if memory is None else memory * _MIB,
        clock_mhz=_number(fields["clocks.sm"]),
        clock_max_mhz=_number(fields["clocks.max.sm"]),
        memory_clock_mhz=_number(fields["clocks.mem"]),
        memory_clock_max_mhz=_number(fields["clocks.max.mem"]),
        compute_capability=fields["compute_cap"][:_LONGEST] if fields["compute_cap"][:1].isdecimal() else None,
    )


def _number(text: str) -> int | None:
    # "[N/A]" and "[Not Supported]" where the board does not tell.
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else None


def _loads(name: str) -> str | None:
    try:
        ctypes.CDLL(name)
    except OSError as error:
        return str(error)
    return None


def _ask() -> str:
    command = ["nvidia-smi", f"--query-gpu={','.join(_QUERY)}", "--format=csv,noheader,nounits"]
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(command, capture_output=True, timeout=20, check=True)
        return done.stdout.decode("utf-8", "replace")
    return ""
