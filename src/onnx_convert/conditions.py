"""What the machine does while it measures: counters of the kernel read before and after, and what lies between.

Fields and units are those of proc(5) and of the kernel's documentation of pressure stall information.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.cgroups import number, read
from onnx_convert.machine import megahertz
from onnx_convert.report.model import Conditions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_DIGITS = 4


@dataclass(frozen=True, slots=True)
class CpuTime:
    """Clock ticks of all CPUs together since the machine started."""

    total: int
    idle: int
    stolen: int


@dataclass(frozen=True, slots=True)
class Sample:
    """Counters at a moment, `at` in seconds; `ours` are clock ticks of this process and all that it started.

    `waited_us` are the microseconds in which something waited for a CPU. None is what the kernel does not say.
    """

    at: float
    cpu: CpuTime | None
    ours: int
    waited_us: int | None
    mhz: float | None


def sample(root: Path = Path("/"), clock: Callable[[], float] = time.monotonic, pid: int | None = None) -> Sample:
    """The counters now. `root` is where /proc and /sys are, `pid` the process that starts all that is ours."""
    return Sample(
        at=clock(),
        cpu=cpu_time(read(root / "proc/stat")),
        ours=ticks_of(pid or os.getpid(), (read(path) for path in root.glob("proc/[0-9]*/stat"))),
        waited_us=waited(read(root / "proc/pressure/cpu")),
        mhz=megahertz(root, os.sched_getaffinity(0)),
    )


def between(before: Sample, after: Sample, load: float | None) -> Conditions:
    """The conditions from one sample to another; `load` is the load average when the run began."""
    seconds = max(after.at - before.at, 0.0)
    steal = others = pressure = None
    if before.cpu and after.cpu and (total := after.cpu.total - before.cpu.total) > 0:
        stolen, idle = after.cpu.stolen - before.cpu.stolen, after.cpu.idle - before.cpu.idle
        steal = _fraction(stolen, total)
        others = _fraction(total - idle - stolen - (after.ours - before.ours), total)
    if before.waited_us is not None and after.waited_us is not None and seconds:
        pressure = _fraction(after.waited_us - before.waited_us, seconds * 1e6)
    return Conditions(
        seconds=round(seconds, 3), load=load, steal=steal, others=others, pressure=pressure, mhz=before.mhz
    )


def load_average(root: Path = Path("/")) -> float | None:
    """The load average of the last minute."""
    with suppress(ValueError, IndexError):
        value = float(read(root / "proc/loadavg").split()[0])
        return value if 0 <= value < 1e9 else None
    return None


def cpu_time(stat: str) -> CpuTime | None:
    """The first line of /proc/stat. Time of guests is in that of their hosts already."""
    name, *fields = stat.partition("\n")[0].split() or [""]
    ticks = [tick for field in fields[:8] if (tick := number(field)) is not None]
    if name != "cpu" or len(ticks) < 8:  # user, nice, system, idle, iowait, irq, softirq, steal
        return None
    return CpuTime(total=sum(ticks), idle=ticks[3] + ticks[4], stolen=ticks[7])


def ticks_of(pid: int, stats: Iterable[str]) -> int:
    """Clock ticks of a process and all below it, those that have ended included, from the texts of /proc/PID/stat."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for stat in stats:
        # The second field is the program's own name in parentheses, with whatever it likes in it.
        head, _, tail = stat.rpartition(")")
        own, fields = number(head.partition(" ")[0]), tail.split()
        used = [number(field) for field in fields[11:15]]
        if own is None or len(used) != 4 or None in used:
            continue
        parents[own] = number(fields[1]) or 0
        ticks[own] = sum(each for each in used if each is not None)
    return sum(spent for one, spent in ticks.items() if _below(one, pid, parents))


def waited(pressure: str) -> int | None:
    """Microseconds in which something waited, from the text of /proc/pressure/cpu."""
    for line in pressure.splitlines():
        kind, *fields = line.split() or [""]
        if kind == "some":
            return next((number(field[6:]) for field in fields if field.startswith("total=")), None)
    return None


def _below(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    seen: set[int] = set()
    while pid != ancestor:
        if pid in seen or pid not in parents:
            return False
        seen.add(pid)
        pid = parents[pid]
    return True


def _fraction(part: float, whole: float) -> float:
    return round(min(1.0, max(0.0, part / whole)), _DIGITS)
