"""Process trees and their memory, read from /proc. Standard library only; used on both sides of the fence."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_LISTS_CHILDREN = Path("/proc/thread-self/children").exists()  # CONFIG_PROC_CHILDREN; not on gVisor


@dataclass(frozen=True, slots=True)
class Usage:
    """What a set of processes holds now: their number and their memory in bytes."""

    processes: int
    memory_bytes: int


def children(pid: int) -> list[int]:
    """Direct children of a process, zombies included; none if it is gone."""
    if not _LISTS_CHILDREN:
        return _children_by_parent(pid)
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - a process may have thousands of threads
    except OSError:
        return []
    found: list[int] = []
    for task in tasks:
        try:
            found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_bytes().split())
        except OSError:
            continue
    return found


def _children_by_parent(pid: int) -> list[int]:
    everybody = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [each for each in everybody if _stat(each)[1:2] == [str(pid)]]


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on; empty if the process is gone."""
    try:
        # The command's name is in brackets and may contain anything, brackets and blanks too.
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []


def descendants(pid: int) -> list[int]:
    """Every process below one, parents before children."""
    found = children(pid)
    seen = {pid, *found}
    for each in found:  # grows while it is walked
        for child in children(each):
            if child not in seen:
                seen.add(child)
                found.append(child)
    return found


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    return _stat(pid)[:1] not in ([], ["Z"], ["X"])


def usage(pids: list[int], *, limit: int | None = None) -> Usage:
    """Number and memory of processes.

    Memory is the sum of resident set sizes. They count pages shared after a fork more than once, so where there are
    several processes and the sum passes `limit`, proportional set sizes, which take longer to read, decide.
    """
    sizes = [size for size in map(_resident, pids) if size]
    total = sum(sizes)
    if limit is not None and total > limit and len(sizes) > 1:
        total = sum(map(_proportional, pids))
    return Usage(len(sizes), total)


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return _resident(pid)


def data_bytes(pid: int) -> int:
    """Private writable memory of a process, what RLIMIT_DATA counts."""
    return int(Path(f"/proc/{pid}/statm").read_bytes().split()[5]) * _PAGE
