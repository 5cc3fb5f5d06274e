"""Which files of the repository a worker reads: what its result depends on."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Any

_LIMIT = 10_000


class Reads:
    """Records files below `repository` that Python code opens for reading or imports, from now on.

    `ours` are folders whose files do not count although they may lie in the repository: packages of the environment,
    and this package. Audit hooks (PEP 578) see every open() and os.open() of this process; files that C++ opens on its
    own, weights and models among them, they do not see: those are named in the spec. A hook cannot be taken off again,
    which suits a process that ends with its job.
    """

    def __init__(self, repository: str | None, ours: tuple[str, ...] = ()) -> None:
        self._root = None if repository is None else repository.rstrip(os.sep) + os.sep
        self._ours = tuple(folder.rstrip(os.sep) + os.sep for folder in ours)
        self._found: set[str] = set()
        if self._root is not None:
            sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(args[0], str | bytes | os.PathLike) or len(self._found) >= _LIMIT:
            return
        flags = args[2]
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR):
            return
        self._add(args[0])

    def _add(self, path: Any) -> None:
        assert self._root is not None
        try:
            # An __fspath__ may raise anything, and so may a name that is not valid: then open() fails by itself.
            full = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - no link is followed, and it is fast
        except Exception:
            return
        if full.startswith(self._root) and not full.startswith(self._ours):
            if full.endswith(".pyc"):
                full = _source(full)
            self._found.add(full[len(self._root) :])

    def files(self) -> list[str]:
        """What was read so far and is a file, relative to the repository, sorted."""
        if self._root is None:
            return []
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            if isinstance(path, str) and len(self._found) < _LIMIT:
                self._add(path)
        return sorted(path for path in self._found if os.path.isfile(self._root + path))  # noqa: PTH113 - thousands


def _source(cached: str) -> str:
    try:
        return importlib.util.source_from_cache(cached)
    except ValueError:
        return cached
