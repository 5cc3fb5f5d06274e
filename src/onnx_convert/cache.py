"""The result cache: a row that was done before, from the very same files, is not done again.

A row's key is what is known before it is worked on: tool, spec entry, environments, machine. Under a key lie entries,
one for each state of the files that the row was seen to read; the one whose files all have their digests now is used.
Entries are written whole or not at all, and their own files are verified by digest before they are used.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from onnx_convert.report.model import ModelReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ENTRIES_KEPT = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A cached row, the folder with its files as they lay in the output folder, and what it was seen to read."""

    row: ModelReport
    files: Path
    reads: frozenset[str]


class _Stored(BaseModel):
    """entry.json: digests of the repository's files that were read, of the entry's own files, and the row."""

    reads: dict[str, str]
    files: dict[str, str]
    row: ModelReport


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def key_of(values: Any) -> str:
    """The key of JSON values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


@cache
def tool_digest() -> str:
    """The digest of this package's own code: a change of the tool makes every row anew."""
    package = Path(__file__).parent
    whole = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".lock", ".j2"}:
            whole.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


class ResultCache:
    """Cached rows below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, key: str, repository: Path) -> Entry | None:
        """The entry of a key whose files are as they were, or None."""
        with suppress(OSError):
            for entry in sorted((self._folder / key).iterdir(), key=lambda path: -path.stat().st_mtime):
                found = _open(entry, repository)
                if found:
                    return found
        return None

    def latest(self, most: int) -> Iterator[ModelReport]:
        """The rows of the newest entry of each key, the newest first; of at most so many keys.

        They tell what was, whether or not the files are still the same.
        """
        with suppress(OSError):
            keys = sorted(self._folder.iterdir(), key=lambda path: -path.stat().st_mtime)
            for key in keys[:most]:
                with suppress(OSError, ValidationError, ValueError):
                    newest = max(key.glob("*/entry.json"), key=lambda path: path.stat().st_mtime)
                    yield _Stored.model_validate_json(newest.read_bytes()).row

    def store(self, key: str, repository: Path, reads: Iterable[str], row: ModelReport, files: Path) -> None:
        """Keep a row with the folder of its files. A cache that cannot be written is no reason to fail."""
        with suppress(OSError):
            digests = {path: file_digest(repository / path) for path in sorted(set(reads))}
            target = self._folder / key / key_of(digests)
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=".partial-") as partial:
                whole = Path(partial) / "entry"
                shutil.copytree(files, whole / "files")
                kept = {str(path.relative_to(whole / "files")): file_digest(path) for path in _walk(whole / "files")}
                stored = _Stored(reads=digests, files=kept, row=row)
                (whole / "entry.json").write_text(stored.model_dump_json(), "utf-8")
                shutil.rmtree(target, ignore_errors=True)
                whole.rename(target)
            _forget_old(target.parent)


def _open(entry: Path, repository: Path) -> Entry | None:
    try:
        stored = _Stored.model_validate_json((entry / "entry.json").read_bytes())
        digests = ((repository, stored.reads), (entry / "files", stored.files))
        same = all(file_digest(root / path) == digest for root, kept in digests for path, digest in kept.items())
    except (OSError, ValidationError):
        return None
    return Entry(stored.row, entry / "files", frozenset(stored.reads)) if same else None


def _walk(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _forget_old(folder: Path) -> None:
    entries = sorted((path for path in folder.iterdir() if path.name[0] != "."), key=lambda path: -path.stat().st_mtime)
    for entry in entries[_ENTRIES_KEPT:]:
        shutil.rmtree(entry, ignore_errors=True)
