"""The room that cached results take, and who may make some.

Whoever uses the cache holds a lock together with the others; room is made by one who holds it alone. So nothing that a
run has found goes away under it, and what lies about unfinished then is of a run that was killed. The kernel lets go of
the locks of a process that ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from onnx_convert.cache.entry import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARTIAL = ".partial-"
"""What the names of unfinished folders begin with."""
_LOCK = ".lock"
_ENTRIES_OF_A_ROW = 24


class Room:
    """The room of a cache folder, of at most so many `bytes`.

    `since` is when the use of it began, in nanoseconds of its file system's clock; None where that cannot be known.
    """

    def __init__(self, folder: Path, bytes_: int) -> None:
        self.bytes = bytes_
        self.since: int | None = None
        self._folder = folder

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Use it beside others. A folder that cannot be locked is used without: nobody then makes room in it."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError:
            yield
            return
        try:
            with suppress(OSError):
                os.utime(file)
                self.since = os.fstat(file).st_mtime_ns
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_SH)
            yield
        finally:
            os.close(file)

    def make(self) -> int:
        """Remove what was used longest ago, until the rest fits, and what killed runs left; nothing beside others.

        Returns how many entries of this run are among it.
        """
        with suppress(OSError), (self._folder / _LOCK).open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return self._make()
        return 0

    def remove(self, entry: Path) -> None:
        """Put an entry out of use in one step, and remove it: another run may be about to open it."""
        aside = self._folder / f"{PARTIAL}{entry.name}"
        with suppress(OSError):
            entry.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)

    def _make(self) -> int:
        entries: list[tuple[int, Path]] = []
        for row in _folders(self._folder):
            if row.name.startswith(PARTIAL):
                shutil.rmtree(row, ignore_errors=True)
                continue
            found = sorted(((path.stat().st_mtime_ns, path) for path in _folders(row)), reverse=True)
            known = [one for one in found if NAME.fullmatch(one[1].name)]
            entries += known[:_ENTRIES_OF_A_ROW]
            for _, path in {*found} - {*known[:_ENTRIES_OF_A_ROW]}:  # of an earlier release, or one too many
                self.remove(path)
        taken = lost = 0
        for used, path in sorted(entries, reverse=True):
            taken += _size(path)
            if taken > self.bytes:
                lost += self.since is not None and used >= self.since
                self.remove(path)
        for row in _folders(self._folder):
            with suppress(OSError):  # it is not empty
                row.rmdir()
        return lost


def _folders(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return [folder / entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]


def _size(folder: Path) -> int:
    return sum(os.lstat(os.path.join(parent, name)).st_size for parent, _, names in os.walk(folder) for name in names)  # noqa: PTH118
