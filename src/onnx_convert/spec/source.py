"""Paths of the repository as the spec writes them, and sources: `path` or `path:symbol`.

Every path is relative to the spec's folder, written with `/`, and stays inside the repository, symbolic links followed.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from onnx_convert.spec import wording

_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_LISTED = 2000


class PathError(Exception):
    """A path that cannot be used: OCA111 for its form, OCA112 for what is there, OCA113 for a symbol."""

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class SourceRef:
    """A source: `path` is absolute with links resolved, `relative` as the spec writes it, `symbol` for Python files."""

    path: Path
    relative: str
    symbol: str | None

    @classmethod
    def parse(cls, text: str, root: Path, folder: Path | None = None) -> SourceRef:
        """The source a spec's text means in a `folder` of the repository. Raises PathError; no symbol is looked up."""
        relative, colon, symbol = text.rpartition(":") if ":" in text else (text, "", "")
        if len(relative) == 1 or symbol.startswith(("/", "\\")):
            relative, colon, symbol = text, "", ""  # a drive or a URL, refused as a path
        path = inside(relative, root, folder)
        python = PurePosixPath(relative).suffix == ".py"
        if colon and not all(part.isidentifier() and not keyword.iskeyword(part) for part in symbol.split(".")):
            raise PathError("OCA113", f"{wording.quote(symbol)} is not the name of a Python callable")
        if colon and not python:
            message = f"only a Python file has callables; {wording.quote(relative)} has `:{symbol}` behind it"
            raise PathError("OCA113", message, f"write {wording.quote(relative)}")
        if python and not colon:
            hint = f'write "{relative}:NAME" with the class or function that returns the model'
            raise PathError("OCA113", f"{wording.quote(relative)} does not say which callable makes the model", hint)
        return cls(path, relative, symbol or None)


def inside(text: str, root: Path, folder: Path | None = None) -> Path:
    """The absolute path of an existing file or folder of the repository, links resolved. Raises PathError.

    `text` is relative to `folder`, or to the `root` without one.
    """
    root = root.resolve()
    folder = (folder or root).resolve()
    _check_form(text, level=len(folder.relative_to(root).parts) if folder.is_relative_to(root) else 0)
    try:
        path = (folder / text).resolve()
        missing = None if path.exists() else _missing(text, folder)
    except (OSError, RuntimeError, ValueError) as error:  # a name too long, a circle of links, no UTF-8
        raise PathError("OCA112", f"{wording.quote(text)} cannot be followed: {error}", "correct the path") from None
    if not path.is_relative_to(root):
        message = f"{wording.quote(text)} leads out of the repository"
        target = " by a symbolic link" if ".." not in text.split("/") else ""
        raise PathError("OCA111", message + target, "name a file inside the repository")
    if missing:
        raise missing
    return path


def file(text: str, root: Path, folder: Path | None = None, suffixes: tuple[str, ...] = ()) -> Path:
    """An existing, non-empty file of the repository with one of these endings. Raises PathError."""
    path = inside(text, root, folder)
    if path.is_dir():
        raise PathError("OCA112", f"{wording.quote(text)} is a folder, not a file", "name the file in it")
    if suffixes and path.suffix.lower() not in suffixes:
        message = f"{wording.quote(text)} is not a file of a type that fits here"
        raise PathError("OCA112", message, f"give a {wording.any_of(suffixes)} file")
    check_content(text, path)
    return path


def check_content(text: str, path: Path) -> None:
    """That a file is neither empty nor the pointer that Git LFS leaves for it. Raises PathError."""
    if not path.is_file():
        return
    try:
        with path.open("rb") as stream:
            head = stream.read(len(_LFS_POINTER))
    except OSError as error:
        raise PathError("OCA112", f"{wording.quote(text)} cannot be read: {error.strerror}") from None
    if not head:
        raise PathError("OCA112", f"{wording.quote(text)} is empty", "commit the file with its content")
    if head == _LFS_POINTER:
        hint = "run `git lfs pull`; in a workflow, give `actions/checkout` the input `lfs: true`"
        raise PathError("OCA112", f"{wording.quote(text)} is a Git LFS pointer, not the file itself", hint)


def _check_form(text: str, level: int) -> None:
    shown = wording.quote(text)
    cases = (
        (not text.strip(), "the path is empty", "name a file relative to the spec"),
        (re.search(r"[\x00-\x1f\x7f]", text), f"{shown} contains a control character", "remove it"),
        (text != text.strip(), f"{shown} begins or ends with a space", "remove the space"),
        (re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text), f"{shown} is a URL", "download the file into the repository"),
        (re.match(r"[A-Za-z]:", text) or text.startswith(("/", "\\\\")), f"{shown} is absolute", None),
        ("\\" in text, f"{shown} contains a backslash", f"write {wording.quote(text.replace(chr(92), '/'))}"),
        (text.startswith("~"), f"{shown} is in a home folder", None),
        (_leaves(text, level), f"{shown} leads out of the repository", "remove the `..` that leaves it"),
    )
    for wrong, message, hint in cases:
        if wrong:
            raise PathError("OCA111", message, hint)


def _leaves(text: str, level: int) -> bool:
    for part in text.split("/"):
        level += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if level < 0:
            return True
    return False


def _missing(text: str, start: Path) -> PathError:
    """The first part of a path that is not there, with the name beside it that was probably meant."""
    folder = start
    for part in PurePosixPath(text).parts:
        if not (folder / part).exists():
            break
        folder = folder / part
    where = folder.relative_to(start).as_posix() if folder.is_relative_to(start) else "."
    if not folder.is_dir():
        return PathError("OCA112", f"{wording.quote(text)} does not exist: {wording.quote(where)} is a file")
    names = [entry.name for entry, _ in zip(folder.iterdir(), range(_LISTED), strict=False)]
    close = wording.nearest(part, sorted(names))
    place = "the spec's folder" if where == "." else wording.quote(where)
    prefix = "" if where == "." else f"{where}/"
    hint = f"did you mean {wording.quote(prefix + close)}?" if close else None
    return PathError(
        "OCA112", f"{wording.quote(text)} does not exist: there is no {wording.quote(part)} in {place}", hint
    )
