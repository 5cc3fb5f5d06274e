"""What a release is to hold: the assets of a report, from an output folder that is hostile data.

Every file is what the report, or the manifest beside it, says that it is, by its digest, or nothing is planned.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from onnx_convert.diagnostics import diagnose
from onnx_convert.github.refusal import RefusedError
from onnx_convert.isolation.hostile import HostileFileError, opened, read
from onnx_convert.report.card import File, card
from onnx_convert.report.text import one_line
from onnx_convert.report.write import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx_convert.report.model import Artifact, ModelReport, Report

CHECKSUMS = "SHA256SUMS"
REPORT = "report.json"

SIZE_LIMIT = 2**31
"""An asset has to be under 2 GiB, and a release has at most 1000
(https://docs.github.com/en/repositories/releasing-projects-on-github/about-releases#storage-and-bandwidth-quotas).
"""
COUNT_LIMIT = 1_000
_NAME_LIMIT = 200
_MANIFEST_LIMIT = 16 * 2**20

_KEPT = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*")
"""Names that GitHub keeps as they are. Of others it makes runs of characters one period
(https://github.com/travis-ci/dpl/issues/821); a plus is kept (https://github.com/github/rest-api-description/issues/2968).
"""
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Asset:
    """One asset: `size` bytes with this SHA-256, which are `text`, or else the file `path` of `folder`."""

    name: str
    size: int
    sha256: str
    text: bytes | None = None
    folder: Path = Path()
    path: str = ""

    @classmethod
    def of(cls, name: str, text: str) -> Asset:
        """An asset that is text."""
        content = text.encode()
        return cls(name, len(content), hashlib.sha256(content).hexdigest(), content)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Its bytes, to read once. Raises RefusedError where the file has gone since it was planned."""
        if self.text is not None:
            yield BytesIO(self.text)
            return
        with _file(self.folder, self.path) as file:
            yield file


def plan(folder: Path, report: Report) -> tuple[Asset, ...]:
    """The assets of a report in the order of their upload: weights before their model, `SHA256SUMS` last.

    Raises RefusedError where a file is missing, reached through a link, not what the report says, or too large, where
    GitHub would change a name, and where there is nothing to publish.
    """
    found = [asset for row in report.models if row.artifact for asset in _of_row(folder, report, row, row.artifact)]
    if not found:
        raise RefusedError(diagnose("OCA739", "the report has no model with an artifact"))
    found.append(Asset.of(REPORT, to_json(report)))
    sums = "".join(f"{one.sha256}  {one.name}\n" for one in sorted(found, key=lambda one: one.name))
    found.append(Asset.of(CHECKSUMS, sums))
    _check(found)
    return tuple(found)


def _of_row(folder: Path, report: Report, row: ModelReport, artifact: Artifact) -> Iterator[Asset]:
    name = PurePosixPath(artifact.path).stem
    place = f"models/{name}"
    if artifact.path != f"{place}/{name}.onnx":
        raise _unlike(f"{_shown(artifact.path)} is not models/NAME/NAME.onnx")
    if set(artifact.external_data) - {f"{artifact.path}.data"}:
        raise _unlike(f"{_shown(artifact.path)} has external data that is not {_shown(name)}.onnx.data")
    with _hostile():
        manifest = read(folder, f"{place}/manifest.json", _MANIFEST_LIMIT)
    digests = _digests(manifest, artifact)
    files = [_planned(folder, path, digests[path]) for path in (*artifact.external_data, artifact.path)]
    yield from files
    yield Asset.of(f"{name}.manifest.json", manifest.decode())
    about = card(report, row, tuple(File(one.name, one.size, one.sha256) for one in files))
    yield Asset.of(f"{name}.md", about)


def _digests(manifest: bytes, artifact: Artifact) -> dict[str, str]:
    """The digests of an artifact's files by their paths, where report and manifest agree."""
    what = f"the manifest of {_shown(artifact.path)}"
    try:
        told = json.loads(manifest.decode())["files"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _unlike(f"{what} cannot be read") from None
    if not isinstance(told, dict) or set(told) != {artifact.path, *artifact.external_data}:
        raise _unlike(f"{what} names other files than the report")
    if not all(isinstance(one, str) and _DIGEST.fullmatch(one) for one in told.values()):
        raise _unlike(f"{what} holds what is no SHA-256")
    if told[artifact.path] != artifact.sha256:
        raise _unlike(f"{what} has another SHA-256 than the report")
    return told


def _planned(folder: Path, path: str, sha256: str) -> Asset:
    with _file(folder, path) as file:
        size = os.fstat(file.fileno()).st_size
        if size >= SIZE_LIMIT:
            raise RefusedError(diagnose("OCA737", f"{_shown(path)} has {size:,} bytes"))
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise _unlike(f"{_shown(path)} has another SHA-256 than the report")
    return Asset(PurePosixPath(path).name, size, sha256, folder=folder, path=path)


def _check(found: list[Asset]) -> None:
    """Raises RefusedError for names that GitHub would change, or that cannot lie in one folder."""
    for one in found:
        if not _KEPT.fullmatch(one.name) or len(one.name) > _NAME_LIMIT:
            raise RefusedError(diagnose("OCA736", f"GitHub would not keep the name {_shown(one.name)}"))
    counts = Counter(one.name.casefold() for one in found)
    twice = sorted({one.name for one in found if counts[one.name.casefold()] > 1})
    if twice:
        raise RefusedError(diagnose("OCA736", f"several files would be {', '.join(map(_shown, twice[:5]))}"))
    if len(found) > COUNT_LIMIT:
        raise RefusedError(diagnose("OCA737", f"there are {len(found):,} files; a release holds {COUNT_LIMIT:,}"))


@contextmanager
def _file(folder: Path, path: str) -> Iterator[BufferedReader]:
    with _hostile(), opened(folder, path, sys.maxsize) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
        yield file


@contextmanager
def _hostile() -> Iterator[None]:
    try:
        yield
    except HostileFileError as error:
        raise _unlike(one_line(str(error), 300)) from None


def _unlike(message: str) -> RefusedError:
    return RefusedError(diagnose("OCA735", message))


def _shown(name: str) -> str:
    return one_line(name, 200)
