"""Paths that others wrote: in a report, a spec, a worker's result. None leads out of its folder."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from onnx_convert.baseline.folder import artifact_of
from onnx_convert.baseline.values import FolderBase
from onnx_convert.isolation.hostile import HostileFileError, read
from onnx_convert.spec.source import PathError, SourceRef, inside
from tests.fuzz import texts
from tests.unit.report import sample

TOKENS = (
    "inside",
    "deep/inside",
    "deep",
    "..",
    ".",
    "/",
    "//",
    "~",
    "link",
    "folder-link",
    "secret",
    "round",
    "fifo",
    "\x00",
    "\\",
    ":A",
    ".py",
    "x.py",
    "C:",
    " ",
    "a" * 300,
    "/proc/self/root",
    "\ud800",
    "\n",
    "://",
)
structured = st.lists(st.sampled_from(TOKENS) | st.text(max_size=4), max_size=9).map("".join).map(texts.encode)
mutate = texts.mutate
_REPORT = sample.report()
_ROW = sample.row()


@cache
def _folder() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    holder = tempfile.TemporaryDirectory(prefix="fuzz-paths-")
    root = Path(holder.name).resolve() / "root"
    (root / "deep").mkdir(parents=True)
    (root.parent / "secret").write_text("secret")
    (root.parent / "secret.py").write_text("secret")
    for name in ("inside", "deep/inside", "x.py"):
        (root / name).write_text("inside")
    (root / "link").symlink_to("../secret")
    (root / "folder-link").symlink_to("..")
    (root / "round").symlink_to("round")
    os.mkfifo(root / "fifo")
    return holder, root


def one(data: bytes) -> None:
    name, root = texts.decode(data), _folder()[1]
    try:
        assert read(root, name, 100) == b"inside"
    except HostileFileError as error:
        str(error)
    _spec(name, root)
    _baseline(name, root)


def _spec(name: str, root: Path) -> None:
    for folder in (root, root / "deep"):
        try:
            found = inside(name, root, folder)
            assert found.is_relative_to(root)
            assert found.is_dir() or found == root / "fifo" or found.read_text() == "inside"
        except PathError as error:
            str(error)
        try:
            assert SourceRef.parse(name, root, folder).path.is_relative_to(root)
        except PathError as error:
            assert error.code


def _baseline(name: str, root: Path) -> None:
    assert _ROW.artifact is not None
    artifact = _ROW.artifact.model_copy(update={"path": name, "bytes": 6, "external_data": ()})
    found = artifact_of(FolderBase("base", root, _REPORT), _ROW.model_copy(update={"artifact": artifact}))
    assert isinstance(found, str) or found[0].read_text() == "inside"
