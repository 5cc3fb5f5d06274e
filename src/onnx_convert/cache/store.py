"""The result cache on disk: entries found, kept and put out of use. Safe between runs that share a folder."""

from __future__ import annotations

import json
import os
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from onnx_convert.cache.digests import States, as_json
from onnx_convert.cache.entry import DamagedError, describe, prefix, whole, write
from onnx_convert.cache.room import PARTIAL, Room
from onnx_convert.cache.why import changed_files, differences
from onnx_convert.diagnostics import diagnose
from onnx_convert.report.model import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from onnx_convert.cache.entry import Entry, Stored
    from onnx_convert.report.model import Diagnostic, ModelReport

DEFAULT_BYTES = 2 * 10**9
"""What results may take: GitHub keeps 10 GB of caches a repository, and environments are cached beside them."""
DAY = 86_400
_REASONS = 20
"""Reasons that are told of one row: a whole folder of data may have changed."""
NEVER_KEPT = "nothing is kept of it: it is new here, did not pass before, or was removed to make room"


class Took(BaseModel):
    """What a cached row took, and nothing else of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    status: Status
    seconds: float = 0.0


class _Told(BaseModel):
    row: Took


class ResultCache:
    """Cached rows below `folder`, of at most so many `bytes`. `diagnostics` are what is to be said of it."""

    def __init__(self, folder: Path, bytes_: int = DEFAULT_BYTES) -> None:
        self._folder, self._states, self._room = folder, States(), Room(folder, bytes_)
        self._said: dict[str, Diagnostic] = {}
        self._stored = False

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Entries that were damaged, and what could not be kept."""
        return tuple(self._said.values())

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """While it is used no other run makes room in it; at the end this one does, if nobody else uses it."""
        with self._room.shared():
            yield
        if self._stored and (lost := self._room.make()):
            self._say("OCA042", f"the results of this run took more than {self._room.bytes:,} bytes: {lost} are lost")

    def find(self, name: str, key: Any, repository: Path) -> Entry | None:
        """A row of a key that was made from the files as they are, or None.

        What is damaged is put out of use. A row that was measured on a disturbed machine, or that failed, is found for
        a day.
        """
        for folder in self._entries(name):
            if not folder.name.startswith(prefix(as_json(key))):
                continue
            with suppress(OSError):
                try:
                    stored = describe(folder)
                    if changed_files(stored.reads, lambda read: self._states.of(repository, read)) or _stale(stored):
                        continue
                    found = whole(folder, stored)
                except DamagedError as error:
                    self._damaged(name, folder, str(error))
                    continue
                with suppress(OSError):  # a cache that is read-only is a cache
                    os.utime(folder)
                return found
        return None

    def why_not(self, name: str, key: Mapping[str, Any], repository: Path) -> tuple[str, ...]:
        """Why a row is not found: what differs from the entry that differs least."""
        best: tuple[str, ...] | None = None
        for folder in self._entries(name):
            with suppress(OSError, DamagedError):
                stored = describe(folder)
                if stored.row.status == "error":  # of a base, kept under another key than any that is asked for here
                    continue
                told = (
                    *differences(json.loads(stored.key), json.loads(as_json(key))),
                    *changed_files(stored.reads, lambda read: self._states.of(repository, read)),
                )
                told = told or ((_STALE,) if _stale(stored) else ())
                if told and (best is None or len(told) < len(best)):
                    best = told
        damaged = self._said.get(_OF_ROW.format(name))
        told = ((damaged.message,) if damaged else ()) or best or (NEVER_KEPT,)
        more = (f"and {len(told) - _REASONS:,} more",) if len(told) > _REASONS else ()
        return (*told[:_REASONS], *more)

    def latest(self, most: int) -> Iterator[Took]:
        """What the newest entry of each row took, the newest first; of at most so many rows.

        They tell what was, whether or not the files are still the same.
        """
        for row in _newest(self._folder)[:most]:
            for newest in _newest(row)[:3]:
                with suppress(OSError, ValidationError):
                    told = _Told.model_validate_json((newest / "entry.json").read_bytes()).row
                    if told.status != "error":
                        yield told
                        break

    def store(self, key: Any, repository: Path, reads: Iterable[str], row: ModelReport, files: Path) -> None:
        """Keep a row with the folder of its files, whole or not at all.

        A cache that cannot be written is no reason to fail, nor is a file that was changed after the run began: it is
        not known which of its states was read.
        """
        try:
            names = sorted(set(reads))
            states = {name: self._states.of(repository, name) for name in names}
            if since := self._room.since:
                touched = [name for name in names if _touched(repository / name, since)]
                if touched:
                    message = f"{touched[0]} was changed while the run was going on: what read it is not kept"
                    self._say("OCA043", message, touched[0])
                    return
            (self._folder / row.name).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=PARTIAL, ignore_cleanup_errors=True) as partial:
                entry = Path(partial) / "entry"
                entry.mkdir()
                target = self._folder / row.name / write(entry, as_json(key), states, row, files, time.time())
                if not target.exists():
                    entry.rename(target)
            self._stored = True
        except (OSError, DamagedError) as error:
            self._say("OCA041", f"results could not be kept in {self._folder}: {error}")

    def _entries(self, name: str) -> list[Path]:
        return _newest(self._folder / name)

    def _damaged(self, name: str, folder: Path, why: str) -> None:
        message = f"the cached result of {name} was not what had been written ({why}); it is removed"
        self._say("OCA040", message, _OF_ROW.format(name))
        self._room.remove(folder)

    def _say(self, code: str, message: str, key: str | None = None) -> None:
        self._said.setdefault(key or code, diagnose(code, message))


_DISTURBED = frozenset({"OCA670", "OCA671", "OCA674"})
"""What is said of measurements on a machine that was not quiet."""
_OF_ROW = "row {}"
_STALE = "it was measured on a disturbed machine more than a day ago"


def _stale(stored: Stored) -> bool:
    """Whether a row is worth another try: the machine was disturbed, or it failed, which need not be so for ever."""
    disturbed = any(one.code in _DISTURBED for one in stored.row.diagnostics)
    return (disturbed or stored.row.status == "error") and time.time() - stored.made > DAY


def _touched(path: Path, since: int) -> bool:
    with suppress(FileNotFoundError, NotADirectoryError):
        found = path.stat()
        return not path.is_dir() and found.st_ctime_ns > since
    return False


def _newest(folder: Path) -> list[Path]:
    """The folders in a folder, the one that was used last first; none where there is none."""
    found: list[tuple[float, Path]] = []
    with suppress(OSError):
        for entry in os.scandir(folder):
            with suppress(OSError):  # gone meanwhile
                if entry.name[0] != "." and entry.is_dir(follow_symlinks=False):
                    found.append((entry.stat(follow_symlinks=False).st_mtime, Path(entry.path)))
    return [path for _, path in sorted(found, key=lambda one: -one[0])]
