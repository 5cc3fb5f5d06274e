"""Landlock: what a worker may write and read, beyond what its user may; told to the kernel by the worker itself.

It needs no privilege, cannot be taken back, and holds for every process that the worker starts. What the kernel is too
old for is left out. https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_VERSION = 1
_PATH_BENEATH = 1

WRITE_FILE, READ_FILE, TRUNCATE = 1 << 1, 1 << 2, 1 << 14
_FOLDERS = sum(1 << bit for bit in range(4, 13))  # removing and making entries of every type
_REFER = 1 << 13
_SCOPED = 0b11  # abstract unix sockets and signals reach nobody outside

DEVICES = ("/dev", "/proc")
"""Where files may be written as far as their permissions go: devices, and what a process says of itself."""

SHARED_MEMORY = "/dev/shm"  # noqa: S108 - named memory of native code lies there and nowhere else


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The kernel's version of Landlock; 0 where it has none or does not let us use it."""
    return max(0, int(ctypes.CDLL(None).syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)))


def ruleset(own: Iterable[str], hidden: Iterable[str]) -> int | None:
    """A descriptor of rules: write below the folders `own` alone, read nothing below `hidden`; None without Landlock.

    Links are not followed: what they lead to counts. Raises OSError if the kernel has Landlock and refuses.
    """
    if (known := version()) == 0:
        return None
    write = WRITE_FILE | _FOLDERS | (_REFER if known >= 2 else 0) | (TRUNCATE if known >= 3 else 0)
    closed = [path for path in map(os.path.realpath, hidden) if os.path.lexists(path)]
    read = READ_FILE if closed else 0
    attributes = _Ruleset(write | read, 0, _SCOPED)
    rules = _call(_CREATE, ctypes.byref(attributes), ctypes.c_size_t(24 if known >= 6 else 8), 0)
    for path in (*own, SHARED_MEMORY):
        _allow(rules, path, write | read)
    for path in DEVICES:
        _allow(rules, path, write & (WRITE_FILE | TRUNCATE) | read)
    for path in _around(closed):
        _allow(rules, path, read)
    return rules


def restrict(rules: int) -> None:
    """Hold this process to its rules from now on. Needs `no_new_privs`. Raises OSError."""
    _call(_RESTRICT, rules, 0)
    os.close(rules)


def _around(hidden: list[str]) -> Iterator[str]:
    """Everything but what is hidden: the other entries of each folder on the way to it.

    A link is no entry: what it leads to is reached on a way of its own, or is hidden.
    """
    passed = {str(parent) for path in hidden for parent in Path(path).parents}
    for folder in sorted(passed):
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.path not in passed and entry.path not in hidden and not entry.is_symlink():
                    yield entry.path


def _allow(ruleset: int, path: str, access: int) -> None:
    # What is not there, or closed to this user, needs no permission.
    with suppress(FileNotFoundError, PermissionError, NotADirectoryError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                access &= WRITE_FILE | READ_FILE | TRUNCATE
            beneath = _PathBeneath(access, descriptor)
            _call(_ADD, ruleset, _PATH_BENEATH, ctypes.byref(beneath), 0)
        finally:
            os.close(descriptor)


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(libc.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), f"landlock({number})")
    return result
