"""One entry of the result cache: a folder that says of itself what it is, and is believed only where it is whole.

Its name is made of three digests: of the row's key, of the states of what was read, and of its description. So a
description that was altered, and an entry that was put in another's place, do not fit their name; the description has
the digests of all files.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from onnx_convert.cache.digests import file_digest, key_of, text_digest
from onnx_convert.report.model import ModelReport

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_DESCRIPTION, _FILES = "entry.json", "files"
_DIGITS = 32
NAME = re.compile(r"[0-9a-f]{32}-[0-9a-f]{32}-[0-9a-f]{32}")


class DamagedError(Exception):
    """An entry that is not what was written; its text says what is wrong."""


class Stored(BaseModel):
    """entry.json: what the key was made of as JSON, states of what was read, digests of the files, the row, and when.

    `made` is in seconds since the epoch.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    reads: dict[str, str]
    files: dict[str, str]
    made: float
    row: ModelReport


@dataclass(frozen=True, slots=True)
class Entry:
    """A cached row, the folder with its files as they lay in the output folder, and what it was seen to read.

    `digests` are those of its files, by their names in the folder.
    """

    row: ModelReport
    files: Path
    reads: frozenset[str]
    digests: Mapping[str, str]


def prefix(key: str) -> str:
    """What the names of all entries of a key begin with."""
    return text_digest(key)[:_DIGITS] + "-"


def describe(folder: Path) -> Stored:
    """What an entry says of itself. Raises OSError and DamagedError."""
    raw = (folder / _DESCRIPTION).read_bytes()
    try:
        if folder.name.rpartition("-")[2] != text_digest(raw)[:_DIGITS]:
            raise DamagedError("its description was altered")
        stored = Stored.model_validate_json(raw)
    except ValidationError as error:
        raise DamagedError("its description is of another form") from error
    if folder.name != _name(stored, raw) or folder.parent.name != stored.row.name:
        raise DamagedError("it is another entry in this one's place")
    return stored


def whole(folder: Path, stored: Stored) -> Entry:
    """An entry whose files are all there, as they were written, and no others. Raises OSError and DamagedError."""
    files = folder / _FILES
    there = set(_walk(files))
    for name in sorted(there ^ stored.files.keys()):
        raise DamagedError(f"{name} was put there" if name in there else f"{name} is missing")
    for name, digest in stored.files.items():
        if file_digest(files / name) != digest:
            raise DamagedError(f"{name} was altered")
    return Entry(stored.row, files, frozenset(stored.reads), stored.files)


def write(partial: Path, key: str, reads: Mapping[str, str], row: ModelReport, files: Path, made: float) -> str:
    """Write an entry into an empty folder and return the name that it has to get. Raises OSError."""
    shutil.copytree(files, partial / _FILES)
    digests = {name: file_digest(partial / _FILES / name) for name in _walk(partial / _FILES)}
    stored = Stored(key=key, reads=dict(reads), files=digests, made=made, row=row)
    raw = stored.model_dump_json().encode()
    (partial / _DESCRIPTION).write_bytes(raw)
    return _name(stored, raw)


def _name(stored: Stored, raw: bytes) -> str:
    states = key_of(stored.reads)[:_DIGITS]
    return f"{prefix(stored.key)}{states}-{text_digest(raw)[:_DIGITS]}"


def _walk(folder: Path) -> list[str]:
    """The files below a folder, relative to it. Raises DamagedError for links and what else is no file."""
    found = []
    for parent, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = os.path.join(parent, name)  # noqa: PTH118
            if os.path.islink(path) or not (name in folders or os.path.isfile(path)):  # noqa: PTH113, PTH114
                raise DamagedError(f"{os.path.relpath(path, folder)} is not a file")
        found += [os.path.relpath(os.path.join(parent, name), folder) for name in names]  # noqa: PTH118
    return found
