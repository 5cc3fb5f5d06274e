"""Digests: of files, of JSON values, of this tool, and of what of a repository was read."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from functools import cache
from pathlib import Path
from typing import Any

ABSENT = "absent"
"""The state of a file that is not there."""


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_json(values: Any) -> str:
    """JSON of values that is the same for equal ones."""
    return json.dumps(values, sort_keys=True, default=str)


def key_of(values: Any) -> str:
    """The key of JSON values."""
    return text_digest(as_json(values))


def text_digest(text: str | bytes) -> str:
    """SHA-256 of text or bytes, in hexadecimal."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


@cache
def tool_digest() -> str:
    """The digest of this package's own code: a change of the tool makes every row anew."""
    package = Path(__file__).parents[1]
    whole = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".lock", ".j2"}:
            whole.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


class States:
    """The states of what was read of repositories, each file digested once as long as nobody touches it."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, ...], str]] = {}

    def of(self, root: Path, name: str) -> str:
        """The digest of a file, or of the names in a folder if `name` ends with "/"; ABSENT where there is none.

        Raises OSError, for anything but regular files too: model code chose the name, and a pipe would never end.
        """
        path = os.path.join(root, name)  # noqa: PTH118 - thousands
        try:
            if name.endswith("/"):
                return key_of(sorted(entry for entry in os.listdir(path) if entry != "__pycache__"))  # noqa: PTH208
            return self._file(path)
        except (FileNotFoundError, NotADirectoryError):
            return ABSENT

    def _file(self, path: str) -> str:
        found = os.stat(path)  # noqa: PTH116 - thousands
        signature = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        known = self._known.get(path)
        if known and known[0] == signature:
            return known[1]
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(f"{path} is not a regular file")
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._known[path] = (signature, digest)
        return digest
