"""A commit's files in a folder of their own, without a trace in the repository and without running anything in it.

The folder is filled through an index of its own: nothing has to be taken back in the repository, also after a kill.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from onnx_convert.baseline.values import OutOfReachError

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.baseline.repository import Repository

SECONDS = 600.0
"""A partial clone fetches files as they are written."""

_POINTER_SIZE = 1024
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-.*\n)*oid sha256:(?P<oid>[0-9a-f]{64})\nsize \d+\n"
)
"""https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md"""


def check_out(repository: Repository, commit: str, folder: Path) -> Path:
    """Write a commit's files below an empty folder, readable for every user, and return their root.

    No filter is run. What Git LFS has in the clone already takes the place of its pointer; another pointer stays.
    Raises OutOfReachError.
    """
    tree = folder / "repository"
    tree.mkdir()
    for path in (folder, tree):
        path.chmod(0o755)
    own = {"GIT_WORK_TREE": str(tree), "GIT_INDEX_FILE": str(folder / "index")}
    arguments = ("read-tree", "--reset", "-u", commit)
    written = repository.ask(*arguments, seconds=SECONDS, settings=repository.filters(), environ=own)
    if not written.good:
        raise OutOfReachError(f"{commit[:7]} cannot be checked out: {written.complaint}")
    _fill_pointers(tree, repository.folder / "lfs" / "objects")
    return tree


def _fill_pointers(tree: Path, store: Path) -> None:
    if not store.is_dir():
        return
    for path in tree.rglob("*"):
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _POINTER_SIZE:
            continue
        if pointer := _POINTER.fullmatch(path.read_bytes()):
            oid = pointer["oid"].decode()
            _fill(path, store / oid[:2] / oid[2:4] / oid, oid)


def _fill(path: Path, source: Path, oid: str) -> None:
    """Put the object in the pointer's place, if the clone has it whole."""
    copy = path.with_name(f"{path.name}.{oid}")
    with suppress(OSError):
        shutil.copyfile(source, copy)
        with copy.open("rb") as file:
            whole = hashlib.file_digest(file, "sha256").hexdigest() == oid
        if whole:
            copy.chmod(path.stat().st_mode & 0o777)
            copy.replace(path)
    copy.unlink(missing_ok=True)
