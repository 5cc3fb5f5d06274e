"""The inputs that are kept: a file each, few and small, together reaching all lines that were ever reached."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.fuzz.targets import Target

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
CRASHES = HERE / "crashes"
LARGEST = 32 * 2**10
"""Bytes of an input that is kept, but for those put there by hand."""

MOST = 160 * 2**10
"""Bytes of a target's inputs together."""

_DIGEST = re.compile("[0-9a-f]{12}")
_SOURCE = str(HERE.parents[1] / "src")


def inputs(target: str) -> list[Path]:
    """The corpus of a target, the smallest first."""
    return sorted((CORPUS / target).glob("*"), key=lambda file: (file.stat().st_size, file.name))


def keep(target: Target, name: str, found: Iterable[bytes]) -> int:
    """Add what reaches lines that nothing in the corpus does, the smallest first; returns how many were added."""
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    reached = {line for file in inputs(name) for line in lines(target, file.read_bytes())}
    room = MOST - sum(file.stat().st_size for file in inputs(name))
    added = 0
    for data in sorted(set(found), key=len):
        if len(data) <= min(LARGEST, room) and (new := lines(target, data) - reached):
            room -= len(data)
            reached |= new
            (folder / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)
            added += 1
    return added


def minimise(target: Target, name: str) -> int:
    """Take out what others make needless; inputs with a name of their own stay. Returns how many are left."""
    found = []
    for file in inputs(name):
        if _DIGEST.fullmatch(file.name):
            found.append(file.read_bytes())
            file.unlink()
    keep(target, name, found)
    return len(inputs(name))


def lines(target: Target, data: bytes) -> set[tuple[str, int]]:
    """The lines of the package that an input reaches."""
    found: set[tuple[str, int]] = set()

    def local(frame: Any, event: str, _: object) -> Any:
        if event == "line":
            found.add((frame.f_code.co_filename, frame.f_lineno))
        return local

    def begin(frame: Any, _event: str, _: object) -> Any:
        return local if frame.f_code.co_filename.startswith(_SOURCE) else None

    before = sys.gettrace()
    sys.settrace(begin)
    try:
        target.one(data)
    finally:
        sys.settrace(before)
    return found
