"""The control groups that this process is in: a container's or a CI job's limits of its own."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOUNT = "sys/fs/cgroup"


def groups(root: Path, controller: str) -> Iterator[tuple[int, Path]]:
    """The version and folder of each group, from this process's own up to the topmost that is mounted.

    `root` is where /proc and /sys are. Inside a container the path that the kernel tells is often the host's, and only
    what is mounted is there to be read.
    """
    for line in read(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and controller not in controllers.split(","):
            continue
        mounted = root / MOUNT / controllers
        own = mounted / path.strip("/")
        for folder in (own, *own.parents):
            if folder.is_relative_to(mounted):
                yield (1 if controllers else 2), folder


def cpu_quota(root: Path = Path("/")) -> float | None:
    """CPUs' worth of time that may be used, such as 1.5: the least of all groups; None without a limit."""
    quotas = [quota for version, folder in groups(root, "cpu") if (quota := _quota(version, folder)) is not None]
    return min(quotas, default=None)


def memory_limit(root: Path = Path("/")) -> int | None:
    """Bytes that may be used: the least of all groups; None without a limit."""
    files = {1: "memory.limit_in_bytes", 2: "memory.max"}
    limits = [number(read(folder / files[version])) for version, folder in groups(root, "memory")]
    # The first version says "no limit" with the largest number of whole pages.
    return min((limit for limit in limits if limit is not None and limit < 2**62), default=None)


def cpuset(root: Path = Path("/")) -> str | None:
    """The CPUs that may be used, as the kernel writes them, such as `0-3,8`; None where it does not say."""
    files = {1: "cpuset.effective_cpus", 2: "cpuset.cpus.effective"}
    said = (read(folder / files[version]).strip() for version, folder in groups(root, "cpuset"))
    return next((text for text in said if text), None)


def _quota(version: int, folder: Path) -> float | None:
    if version == 2:
        quota, _, period = read(folder / "cpu.max").strip().partition(" ")
    else:
        quota, period = (read(folder / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period"))
    asked, each = number(quota), number(period)  # without a limit: "max", or -1
    return asked / each if asked and each else None


def number(text: str) -> int | None:
    """A whole number of at least 0 that a file consists of, or None."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def read(path: Path) -> str:
    """The text of a file of the kernel; empty where there is none."""
    with suppress(OSError, ValueError):
        return path.read_text("utf-8", "replace")
    return ""
