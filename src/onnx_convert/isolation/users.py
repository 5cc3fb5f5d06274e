"""Users for jobs: a free uid, and whether another user can reach what a job needs."""

from __future__ import annotations

import os
import random
import socket
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

UIDS = range(60_706, 61_184)
"""Uids that systemd's "Users, Groups, UIDs and GIDs" leaves to nobody, and below the 65,536 of a user namespace."""


@contextmanager
def lease(uids: range = UIDS) -> Iterator[int]:
    """A uid that no process has and no other fence of this machine uses, until the block is left.

    The lease is an abstract unix socket: taken in one step, given back by the kernel when its holder dies. Raises
    LookupError when none is free.
    """
    taken = _in_use()
    for uid in random.sample(uids, len(uids)):
        if uid in taken:
            continue
        holder = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            holder.bind(f"\0onnx-convert-uid-{uid}")
        except OSError:
            holder.close()
            continue
        with holder:
            yield uid
            return
    raise LookupError("no free user id")


def _in_use() -> set[int]:
    found = set()
    with os.scandir("/proc") as entries:
        for entry in entries:
            if entry.name.isdigit():
                with suppress(OSError):
                    found.add(entry.stat().st_uid)
    return found


def available(uids: range = UIDS) -> str | None:
    """Why this process cannot start others as one of `uids`; None if it can."""
    if os.geteuid() != 0:
        return "onnx-convert does not run as root"
    if not _mapped(Path("/proc/self/uid_map").read_text(), uids):
        return f"this user namespace has no user ids {uids.start} to {uids.stop - 1}"
    if not _has_capabilities(Path("/proc/self/status").read_text()):
        return "this container may not change users (it lacks CAP_SETUID, CAP_SETGID, CAP_CHOWN or CAP_KILL)"
    return None


def _mapped(uid_map: str, uids: range) -> bool:
    ranges = [(int(inside), int(count)) for inside, _, count in map(str.split, uid_map.splitlines())]
    return any(first <= uids.start and uids.stop <= first + count for first, count in ranges)


def _has_capabilities(status: str) -> bool:
    chown, kill, setgid, setuid = 0, 5, 6, 7
    effective = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff:"))
    return all(effective >> capability & 1 for capability in (chown, kill, setgid, setuid))


def obstacle(path: Path, *, passing: bool = False) -> Path | None:
    """What keeps a user without groups from reading a file or listing a folder: the first closed path on the way.

    Both the path as it is written and what its links lead to are looked at. With `passing` it is enough that the
    folder can be passed through. None if the way is open.
    """
    for way in dict.fromkeys((Path(os.path.abspath(path)), path.resolve())):  # noqa: PTH100 - links are kept
        for step in (*reversed(way.parents), way):
            try:
                mode = step.stat().st_mode
            except OSError:
                return step
            needed = stat.S_IXOTH if stat.S_ISDIR(mode) else 0
            if step == way and not passing:
                needed |= stat.S_IROTH
            if mode & needed != needed:
                return step
    return None
