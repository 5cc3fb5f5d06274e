"""The report that another run uploaded, taken out of its artifact as hostile data: bounded, and never unpacked."""

from __future__ import annotations

import hashlib
import lzma
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests
from github import GithubException

from onnx_convert.diagnostics import diagnose
from onnx_convert.github.refusal import RefusedError
from onnx_convert.report.write import SIZE_LIMIT, ReportError, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx_convert.github.client import GitHub
    from onnx_convert.report.model import Report

LARGEST = 512 * 2**20
"""Bytes of an artifact that are downloaded, and of its files that are read to compare digests."""
DIRECTORY = 2**20
"""Bytes of a zip's directory that are read: some ten thousand files."""

REPORT = "report.json"
_CHUNK = 2**16
_IN_MEMORY = 16 * 2**20
_BROKEN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError),
    *(NotImplementedError, ValueError, OverflowError, LookupError),
)
"""What `zipfile` raises for files that are no zip, or not one that it reads."""


@dataclass(frozen=True, slots=True)
class Found:
    """The report of an artifact, and how many of its models lay beside it and are those that it tells of."""

    report: Report
    verified: int


def report_of(github: GitHub, run: int, name: str) -> Found | None:
    """The report in the newest artifact of a name that a workflow run left; None where it left none.

    Raises RefusedError where there is no telling what it holds, or that is no report, and one of FAULTS.
    """
    artifact = _newest(github, run, name)
    if artifact is None:
        return None
    if artifact["size_in_bytes"] > LARGEST:
        raise _unreadable(name, f"has {artifact['size_in_bytes']} bytes, more than {LARGEST // 2**20} MiB")
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        insist = github.requester.insist
        insist(lambda: _download(github, int(artifact["id"]), name, file), repeatable=True)
        return read(file, name)


def read(file: IO[bytes], name: str) -> Found:
    """What a zip holds. Raises RefusedError."""
    try:
        with zipfile.ZipFile(_Bounded(file)) as archive:
            entry = _entry(archive, name)
            raw = b"".join(_content(archive, entry, SIZE_LIMIT))
            report = parse(raw, REPORT)
            return Found(report, _verified(archive, report, entry.filename.removesuffix(REPORT)))
    except ReportError as error:
        raise RefusedError(diagnose("OCA752", str(error))) from None
    except _BROKEN as error:
        raise _unreadable(name, f"is no zip that can be read: {type(error).__name__}") from None


class _Bounded:
    """A file of which nobody reads much at once: `zipfile` believes what a zip says of its directory's size."""

    def __init__(self, file: IO[bytes]) -> None:
        self.seek, self.tell, self.seekable = file.seek, file.tell, lambda: True
        self._file = file

    def read(self, size: int = -1) -> bytes:
        found = self._file.read(DIRECTORY + 1 if size < 0 else min(size, DIRECTORY + 1))
        if len(found) > DIRECTORY:
            raise zipfile.BadZipFile("too much at once")
        return found


def _entry(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """The one report of a zip: at its top, or else in one of its folders."""
    entries = [one for one in archive.infolist() if one.filename.split("/")[-1] == REPORT]
    found = [one for one in entries if one.filename == REPORT] or entries
    if len(found) != 1:
        raise _unreadable(name, f"holds {len(found) or 'no'} {REPORT}")
    return found[0]


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """The content of a file, whose claimed size is believed only as far as it is refused for it."""
    if entry.file_size > limit:
        raise zipfile.BadZipFile("too large")
    left = limit
    with archive.open(entry) as file:
        while chunk := file.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise zipfile.BadZipFile("larger than it says")
            yield chunk


def _verified(archive: zipfile.ZipFile, report: Report, folder: str) -> int:
    """How many models of a report lie beside it with its digests. Raises RefusedError for one with another digest."""
    left, count = LARGEST, 0
    names = {one.filename: one for one in archive.infolist()}
    for row in report.models:
        artifact = row.artifact
        entry = names.get(folder + artifact.path) if artifact else None
        if artifact is None or entry is None or artifact.external_data or entry.file_size > left:
            continue
        digest, size = hashlib.sha256(), 0
        for chunk in _content(archive, entry, left):
            digest.update(chunk)
            size += len(chunk)
        left -= size
        if digest.hexdigest() != artifact.sha256 or size != artifact.bytes:
            raise RefusedError(diagnose("OCA753", f"the model beside the report is not the one of row {row.name!r}"))
        count += 1
    return count


def _newest(github: GitHub, run: int, name: str) -> dict[str, Any] | None:
    """Attempts of a run leave an artifact each."""
    url = f"/repos/{github.context.repository}/actions/runs/{run}/artifacts"
    _, data = github.requester.requestJsonAndCheck("GET", url, {"name": name, "per_page": 100})
    found = [one for one in data["artifacts"] if one["name"] == name and not one["expired"]]
    return max(found, key=lambda one: int(one["id"]), default=None)


def _download(github: GitHub, artifact: int, name: str, file: IO[bytes]) -> None:
    """The API says where the zip is; that is another host, which must not get the token."""
    context = github.context
    path = f"/repos/{context.repository}/actions/artifacts/{artifact}/zip"
    told, _ = github.requester.requestJsonAndCheck("GET", path)
    if "location" not in told:
        raise _unreadable(name, "is not where GitHub says where it is")
    url = f"{context.api_url}{path}"
    where = urljoin(url, told["location"])
    if urlsplit(where).scheme not in {"https", urlsplit(url).scheme}:
        raise _unreadable(name, "is not where it can be reached safely")
    with requests.get(where, timeout=github.requester.timeout, allow_redirects=False, stream=True) as answer:
        if answer.status_code != requests.codes.ok:
            raise GithubException(answer.status_code, {"message": answer.reason}, dict(answer.headers))
        file.seek(0)
        file.truncate()
        for chunk in answer.iter_content(_CHUNK):
            file.write(chunk)
            if file.tell() > LARGEST:
                raise _unreadable(name, f"is larger than {LARGEST // 2**20} MiB")


def _unreadable(name: str, why: str) -> RefusedError:
    return RefusedError(diagnose("OCA751", f"the artifact {name!r} {why}"))
