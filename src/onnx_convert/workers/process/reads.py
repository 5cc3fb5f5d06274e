"""Which files of the repository a worker reads: what its result depends on."""

from __future__ import annotations

import importlib.util
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_LIMIT = 10_000
_DESCRIPTORS = 1024
_FINDERS = ("importlib", "pkgutil", "pkg_resources")


class Reads:
    """Records files below `repository` that Python code opens for reading or imports, from now on.

    Also files and modules that it looked for and that are not there, libraries and databases that it loads, programs
    that it starts, and folders whose names it lists, which end with "/"; and what is still open or mapped into memory
    at the end. `ours` are folders whose files do not count although they may lie in the repository: packages of the
    environment, and this package.

    Audit hooks (PEP 578) see every open() and os.open() of this process; files that C++ opens on its own and closes
    again, weights and models among them, they do not see: those are named in the spec. A hook cannot be taken off
    again, which suits a process that ends with its job.
    """

    def __init__(self, repository: str | None, ours: tuple[str, ...] = ()) -> None:
        self._root = None if repository is None else repository.rstrip(os.sep) + os.sep
        real = map(os.path.realpath, ours)  # as the kernel calls what is mapped
        self._ours = tuple({folder.rstrip(os.sep) + os.sep for folder in (*ours, *real)})
        self._found: set[str] = set()
        self._imports: set[str] = set()
        self._events: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "open": self._open,
            "import": self._import,
            "os.listdir": self._list,
            "os.scandir": self._list,
            "ctypes.dlopen": self._load,
            "sqlite3.connect": self._load,
            "subprocess.Popen": self._start,
        }
        if self._root is not None:
            sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        heard = self._events.get(event)
        if heard and len(self._found) < _LIMIT:
            heard(args)

    def _open(self, args: tuple[Any, ...]) -> None:
        flags = args[2]
        if not (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)):
            self._add(args[0])

    def _import(self, args: tuple[Any, ...]) -> None:
        # Packages look for many modules in vain, such as those of other systems; what counts is what the model's
        # own code looks for.
        caller = _caller()
        if isinstance(args[0], str) and len(self._imports) < _LIMIT and self._counts(caller):
            self._imports.add(args[0])

    def _list(self, args: tuple[Any, ...]) -> None:
        # Imports list every folder of sys.path, and so does who asks for a package's version: what they look for is
        # an installed package, and a file beside the model is none of it.
        caller = _caller()
        if not any(name in caller for name in _FINDERS):
            self._add(args[0] if args[0] is not None else ".", folder=True)

    def _load(self, args: tuple[Any, ...]) -> None:
        self._add(args[0])

    def _start(self, args: tuple[Any, ...]) -> None:
        called = args[1] if isinstance(args[1], list | tuple) else (args[1],)
        for each in (args[0], *called):
            if isinstance(each, str | bytes | os.PathLike) and os.path.isfile(each):  # noqa: PTH113
                self._add(each)

    def _add(self, path: Any, *, folder: bool = False) -> None:
        assert self._root is not None
        if not isinstance(path, str | bytes | os.PathLike):
            return
        try:
            # An __fspath__ may raise anything, and so may a name that is not valid: then open() fails by itself.
            full = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - no link is followed, and it is fast
            full.encode()
        except Exception:
            return
        full += os.sep if folder else ""
        if self._counts(full):
            if full.endswith(".pyc"):
                full = _source(full)
            self._found.add(full[len(self._root) :] or "./")

    def _counts(self, path: str) -> bool:
        assert self._root is not None
        return path.startswith(self._root) and not path.startswith(self._ours)

    def files(self) -> list[str]:
        """What was read so far, relative to the repository, sorted; folders alone where they were listed."""
        if self._root is None:
            return []
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            # PyTorch has modules that are no files, and says "_ops.py" of them.
            if isinstance(path, str) and path.startswith(os.sep) and len(self._found) < _LIMIT:
                self._add(path)
        for path in _not_found(self._imports):
            if len(self._found) < _LIMIT:
                self._add(path)
        for path in _held():
            if path.startswith(self._root) and len(self._found) < _LIMIT:
                self._add(path)
        return sorted(
            path
            for path in self._found
            if path.endswith("/") or not os.path.isdir(self._root + path)  # noqa: PTH112 - thousands
        )


def _caller() -> str:
    """The file of the code that raised the event; empty where it is not Python's, as in a thread of C++."""
    try:
        return sys._getframe(3).f_code.co_filename  # below: this function, the kind of event, the hook
    except ValueError:
        return ""


def _not_found(names: Iterable[str]) -> Iterator[str]:
    """The files in which modules were looked for that no import found."""
    for name in names:
        if name in sys.modules:
            continue
        package, _, last = name.rpartition(".")
        folders: list[str] = []
        with suppress(Exception):  # a package may have any __path__
            folders = [str(one) for one in sys.modules[package].__path__] if package else list(sys.path)
        for folder in folders:
            yield f"{folder}/{last}.py"
            yield f"{folder}/{last}/__init__.py"


def _held() -> Iterator[str]:
    """Files that this process has open or mapped into memory, whoever opened them."""
    with suppress(OSError), open("/proc/self/maps", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        for line in file:
            _, slash, path = line.rstrip("\n").partition("/")
            if slash and not path.endswith(" (deleted)"):
                yield f"/{path}"
    for number in range(_DESCRIPTORS):
        with suppress(OSError):
            yield os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115


def _source(cached: str) -> str:
    try:
        return importlib.util.source_from_cache(cached)
    except ValueError:
        return cached
