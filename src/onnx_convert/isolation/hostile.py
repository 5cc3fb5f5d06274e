"""Files that a worker left: taken without trusting names, links, types or sizes.

Every function walks by descriptors and follows no symbolic link, so a folder that is swapped for a link meanwhile is
refused too.
"""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEPTH = 64
"""How deep folders below out/ may nest; what lies deeper is removed."""

SHARED = ("/dev/shm", "/dev/mqueue", "/run/lock", "/tmp", "/var/tmp")  # noqa: S108 - where everybody may write

_CHUNK = 2**20
_NO_LINK = os.O_NOFOLLOW | os.O_CLOEXEC


class HostileFileError(Exception):
    """A worker's file cannot be taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was copied: its size and SHA-256."""

    bytes: int
    sha256: str


def take(folder: Path, name: str, destination: Path, limit: int = 2**37) -> Taken:
    """Copy the regular file `name`, a relative path below `folder`, to `destination`, whole or not at all.

    Raises HostileFileError if it is missing, not a regular file, reached through a link, or larger than `limit` bytes.
    """
    partial = destination.with_name(destination.name + ".partial")
    digest, copied = hashlib.sha256(), 0
    try:
        with opened(folder, name, limit) as source, partial.open("wb") as target:
            while chunk := os.read(source, _CHUNK):
                copied += len(chunk)
                if copied > limit:
                    raise HostileFileError(f"{name} is larger than {limit:,} bytes")
                digest.update(chunk)
                if chunk.count(0) == len(chunk):  # a hole stays one: a small file must not become a large one
                    target.seek(len(chunk), os.SEEK_CUR)
                else:
                    target.write(chunk)
            target.truncate(copied)
        partial.replace(destination)
    finally:
        partial.unlink(missing_ok=True)
    return Taken(copied, digest.hexdigest())


def read(folder: Path, name: str, limit: int) -> bytes:
    """The content of a regular file below `folder`. Raises HostileFileError as `take` does."""
    with opened(folder, name, limit) as source:
        parts = bytearray()
        while chunk := os.read(source, _CHUNK):
            parts += chunk
            if len(parts) > limit:
                raise HostileFileError(f"{name} is larger than {limit:,} bytes")
        return bytes(parts)


@contextmanager
def opened(folder: Path, name: str, limit: int) -> Iterator[int]:
    """A descriptor of a regular file below `folder`, to read. Raises HostileFileError as `take` does."""
    *parents, last = name.split("/")
    if not all(part not in ("", ".", "..") for part in (*parents, last)):
        raise HostileFileError(f"{name!r} is not a path below the folder")
    with ExitStack() as stack:
        try:
            here = _descriptor(stack, folder, os.O_DIRECTORY)
            for part in parents:
                here = _descriptor(stack, part, os.O_DIRECTORY | _NO_LINK, here)
            # O_NONBLOCK: a FIFO is opened without waiting for its writer, and then refused.
            found = _descriptor(stack, last, os.O_NONBLOCK | _NO_LINK, here)
        except FileNotFoundError:
            raise HostileFileError(f"{name} is missing") from None
        except (OSError, ValueError) as error:
            raise HostileFileError(f"{name} cannot be opened: {getattr(error, 'strerror', error)}") from None
        facts = os.fstat(found)
        if not stat.S_ISREG(facts.st_mode):
            raise HostileFileError(f"{name} is not a regular file")
        if facts.st_size > limit:
            raise HostileFileError(f"{name} has {facts.st_size:,} bytes; at most {limit:,} are taken")
        yield found


def _descriptor(stack: ExitStack, path: Path | str, flags: int, folder: int | None = None) -> int:
    descriptor = os.open(path, os.O_RDONLY | flags, dir_fd=folder)
    stack.callback(os.close, descriptor)
    return descriptor


def reclaim(folder: Path, owner: int) -> None:
    """Make what a worker of uid `owner` left below `folder` this process's own and readable by everybody.

    Keeps regular files with one name and folders, both only if they are `owner`'s; everything else (links of both
    kinds, FIFOs, sockets, what lies deeper than DEPTH) is removed, since nobody has a use for it but a trap.
    """
    with suppress(OSError), ExitStack() as stack:
        top = _descriptor(stack, folder, os.O_DIRECTORY | _NO_LINK)
        os.fchown(top, os.getuid(), os.getgid())
        os.fchmod(top, 0o755)
        _reclaim(top, owner, DEPTH)


def _reclaim(folder: int, owner: int, depth: int) -> None:
    for name in os.listdir(folder):
        with suppress(OSError):
            if not _keep(folder, name, owner, depth):
                remove_entry(folder, name)


def _keep(folder: int, name: str, owner: int, depth: int) -> bool:
    facts = os.lstat(name, dir_fd=folder)
    directory = stat.S_ISDIR(facts.st_mode)
    plain = stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1
    if not (directory or plain) or facts.st_uid != owner or depth == 0:
        return False
    if owner == os.getuid():  # else it may have been closed to its owner
        os.chmod(name, 0o700, dir_fd=folder)
    with ExitStack() as stack:
        found = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _NO_LINK, dir_fd=folder)
        stack.callback(os.close, found)
        now = os.fstat(found)
        if (now.st_dev, now.st_ino) != (facts.st_dev, facts.st_ino):
            return False
        os.fchown(found, os.getuid(), os.getgid())
        os.fchmod(found, 0o755 if directory else 0o644)
        if directory:
            _reclaim(found, owner, depth - 1)
    return True


def remove_entry(folder: int, name: str) -> None:
    """Remove one entry of an open folder, whatever it is."""
    try:
        os.unlink(name, dir_fd=folder)
    except IsADirectoryError:
        remove(f"/proc/{os.getpid()}/fd/{folder}/{name}")  # `self` would be the command that removes it


def remove(*paths: Path | str) -> None:
    """Remove trees that may be closed to their owner or nested deeper than Python's recursion and descriptors reach."""
    # fts(3) in these commands knows no limit of depth; shutil.rmtree would hold a descriptor a level.
    for command in (["rm", "-rf"], ["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        left = [path for path in paths if os.path.lexists(path)]
        if left:
            subprocess.run([*command, "--", *left], capture_output=True, check=False)


def remove_strays(owner: int, folders: tuple[str, ...] = SHARED) -> None:
    """Remove what a uid left in shared folders: memory that stays taken, data the next holder of the uid would see."""
    for folder in folders:
        with suppress(OSError), ExitStack() as stack:
            here = _descriptor(stack, folder, os.O_DIRECTORY | os.O_CLOEXEC)
            for name in os.listdir(here):  # noqa: PTH208 - a descriptor, not a path
                with suppress(OSError):
                    if os.lstat(name, dir_fd=here).st_uid == owner:
                        remove_entry(here, name)


def end_processes(owner: int) -> None:
    """End every process of another user. Raises ValueError for this process's own."""
    if owner in (0, os.getuid()):
        raise ValueError("only another user's processes are ended as a whole")
    subprocess.run(["sh", "-c", "kill -KILL -1"], user=owner, group=owner, extra_groups=[], check=False, cwd="/")
