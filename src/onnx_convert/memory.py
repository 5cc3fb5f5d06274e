"""Memory that may still be used here: by the machine, and by the control groups that this process is in.

A container or a CI job often has a limit of its own far below the machine's memory, and past it the kernel kills.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.cgroups import groups, number, read

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES = {
    2: ("memory.max", "memory.current", "inactive_file"),
    1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}
"""For each version of control groups: limit, usage, and the part of it that is cached files, which the kernel drops."""


def available(root: Path = Path("/")) -> int | None:
    """Bytes that may still be used; None where the system does not tell. `root` is where /proc and /sys are."""
    known = [*_machine(root), *_groups(root)]
    return max(0, min(known)) if known else None


def _machine(root: Path) -> Iterator[int]:
    kilobytes = _field(root / "proc/meminfo", "MemAvailable:")
    if kilobytes is not None:
        yield kilobytes * 1024


def _groups(root: Path) -> Iterator[int]:
    """What is left in each group with a limit."""
    for version, folder in groups(root, "memory"):
        limit_file, usage_file, cached = _FILES[version]
        limit, usage = number(read(folder / limit_file)), number(read(folder / usage_file))
        if limit is not None and usage is not None:  # a group without a limit says "max"
            yield limit - usage + (_field(folder / "memory.stat", cached) or 0)


def _field(path: Path, name: str) -> int | None:
    words = (line.split() for line in read(path).splitlines())
    return next((int(found[1]) for found in words if len(found) > 1 and found[0] == name), None)
