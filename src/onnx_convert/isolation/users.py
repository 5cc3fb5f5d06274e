"""Users for jobs: a free uid, and whether another user can reach what a job needs."""

from __future__ import annotations

import fcntl
import os
import random
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

UIDS = range(60_706, 61_184)
"""Uids that systemd's "Users, Groups, UIDs and GIDs" leaves to nobody, and below the 65,536 of a user namespace."""


LOCKS = Path("/run/onnx-convert-users")
"""Locks of the uids that are in use: root's alone, so that no model can hold one."""


class NoFreeUserError(LookupError):
    """Every uid is in use."""


@contextmanager
def lease(uids: range = UIDS, folder: Path | None = None) -> Iterator[int]:
    """A uid that no process has and no other fence of this machine uses, until the block is left.

    The lease is a lock on a file: taken in one step, given back by the kernel when its holder dies. Raises
    NoFreeUserError when none is free, and OSError where there can be no locks.
    """
    folder = folder or LOCKS
    folder.mkdir(mode=0o700, exist_ok=True)
    taken = _in_use()
    for uid in random.sample(uids, len(uids)):
        if uid in taken:
            continue
        with (folder / str(uid)).open("w") as holder:
            try:
                fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield uid
            return
    raise NoFreeUserError("no free user id")


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
    try:
        LOCKS.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        return f"{LOCKS} cannot be made: {error.strerror}"
    if LOCKS.is_symlink() or LOCKS.stat().st_uid != 0:
        return f"{LOCKS} is not root's"
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
