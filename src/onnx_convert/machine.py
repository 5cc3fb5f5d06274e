"""The machine that measures: what of it a latency depends on and what stays the same while a run goes on."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert import nvidia
from onnx_convert.cgroups import cpu_quota, cpuset, memory_limit, number, read
from onnx_convert.report.model import Limits, Machine

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from onnx_convert.report.model import Gpu

_CONTAINER_MARKS = (".dockerenv", "run/.containerenv")
_CPUS = "sys/devices/system/cpu"

_CHANGES: dict[str, Any] = {
    "conditions": True,
    "limits": {"cpuset": True},
    "gpus": {"__all__": {"clock_mhz": True, "memory_clock_mhz": True}},
}
"""What of a machine is another thing in a minute, or in the next container on it."""


def describe(
    root: Path = Path("/"),
    allowed: Collection[int] | None = None,
    gpus: Callable[[], tuple[Gpu, ...]] = nvidia.gpus,
) -> Machine:
    """This machine, now. `root` is where /proc and /sys are; `allowed` the CPUs that this process may use."""
    cpus = frozenset(os.sched_getaffinity(0) if allowed is None else allowed)
    cpuinfo = read(root / "proc/cpuinfo")
    return Machine(
        cpu=cpu_model(cpuinfo),
        cores=physical_cores(cpuinfo, cpus),
        logical_cores=len(cpus),
        smt=_flag(root / _CPUS / "smt/active"),
        governor="/".join(sorted(set(_of_each(root, cpus, "scaling_governor")))) or None,
        max_mhz=max(_megahertz(root, cpus, "cpuinfo_max_freq"), default=None),
        turbo=_turbo(root),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        limits=Limits(cpus=cpu_quota(root), memory_bytes=memory_limit(root), cpuset=cpuset(root)),
        platform=platform.platform(),
        python=platform.python_version(),
        container=any((root / mark).exists() for mark in _CONTAINER_MARKS),
        gpus=gpus(),
    )


def identity(machine: Machine) -> dict[str, Any]:
    """What of a machine makes a measurement comparable with another one on it, as JSON values.

    A machine at another load or clock is the same one.
    """
    return machine.model_dump(mode="json", exclude=_CHANGES)


def threads(machine: Machine) -> int:
    """Threads to measure with unless the spec says: a physical core each, and no more than the container may use.

    A thread beyond the CPU quota makes every call wait until the kernel gives the container its next share, a tenth of
    a second later: what would be measured is the quota.
    """
    return within(machine.cores, machine.limits)


def within(count: int, limits: Limits) -> int:
    """As many of `count` CPUs as the quota pays for in full; at least 1."""
    return max(1, count if limits.cpus is None else min(count, int(limits.cpus)))


def physical_cores(cpuinfo: str, allowed: frozenset[int]) -> int:
    """Physical cores among the `allowed` logical CPUs, from the text of /proc/cpuinfo; at least 1."""
    cores: set[tuple[str, str]] = set()
    for block in cpuinfo.strip().split("\n\n"):
        fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in block.splitlines())}
        cpu = number(fields.get("processor", ""))
        if cpu in allowed:
            cores.add((fields.get("physical id", "0"), fields.get("core id", fields["processor"])))
    return len(cores) or max(1, len(allowed))


def cpu_model(cpuinfo: str) -> str:
    """The CPU's name from the text of /proc/cpuinfo, or the architecture where it gives none."""
    for line in cpuinfo.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.machine()


def megahertz(root: Path, cpus: Collection[int]) -> float | None:
    """The mean clock that the given CPUs have now; None where the kernel does not say, as in most virtual machines."""
    found = tuple(_megahertz(root, cpus, "scaling_cur_freq"))
    return sum(found) / len(found) if found else None


def _megahertz(root: Path, cpus: Collection[int], name: str) -> Iterator[float]:
    return (int(text) / 1e3 for text in _of_each(root, cpus, name) if number(text) is not None)  # the files have kHz


def _of_each(root: Path, cpus: Collection[int], name: str) -> Iterator[str]:
    said = (read(root / _CPUS / f"cpu{cpu}" / "cpufreq" / name).strip() for cpu in cpus)
    return (text for text in said if text)


def _turbo(root: Path) -> bool | None:
    forbidden = _flag(root / _CPUS / "intel_pstate/no_turbo")
    return _flag(root / _CPUS / "cpufreq/boost") if forbidden is None else not forbidden


def _flag(path: Path) -> bool | None:
    return {"0": False, "1": True}.get(read(path).strip())
