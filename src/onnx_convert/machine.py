"""The machine that measures: what of it a latency depends on."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from onnx_convert.report.model import Machine

_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")


def physical_cores(cpuinfo: str, allowed: frozenset[int]) -> int:
    """Physical cores among the `allowed` logical CPUs, from the text of /proc/cpuinfo; at least 1."""
    cores: set[tuple[str, str]] = set()
    for block in cpuinfo.strip().split("\n\n"):
        fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in block.splitlines())}
        if fields.get("processor", "").isdigit() and int(fields["processor"]) in allowed:
            cores.add((fields.get("physical id", "0"), fields.get("core id", fields["processor"])))
    return len(cores) or max(1, len(allowed))


def cpu_model(cpuinfo: str) -> str:
    """The CPU's name from the text of /proc/cpuinfo, or the architecture where it gives none."""
    for line in cpuinfo.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.machine()


def describe(versions: dict[str, str] | None = None) -> Machine:
    """This machine, now."""
    cpuinfo = _read("/proc/cpuinfo")
    return Machine(
        cpu=cpu_model(cpuinfo),
        cores=physical_cores(cpuinfo, frozenset(os.sched_getaffinity(0))),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        platform=platform.platform(),
        python=platform.python_version(),
        container=any(Path(mark).exists() for mark in _CONTAINER_MARKS),
        versions=versions or {},
    )


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""
