"""Publishing a report: its models, and what tells of them, as assets of a release that is there already."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from github import GithubException

from onnx_convert.diagnostics import diagnose
from onnx_convert.github.assets import CHECKSUMS, REPORT, plan
from onnx_convert.github.download import download
from onnx_convert.github.permission import RELEASE
from onnx_convert.github.refusal import RefusedError
from onnx_convert.github.swap import Shelf
from onnx_convert.report.text import one_line
from onnx_convert.report.verdict import headline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from github.GitRelease import GitRelease

    from onnx_convert.github.assets import Asset
    from onnx_convert.github.client import GitHub
    from onnx_convert.github.swap import Action
    from onnx_convert.report.model import Report

_HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_TAGS_DEEP = 8
"""A tag may be of a tag; more than so many are no accident."""
_SUMS_LIMIT = 2**20


@dataclass(frozen=True, slots=True)
class Published:
    """The page of the release, its assets by name with what was done to have each there, and what to be warned of."""

    url: str
    tag: str
    assets: Mapping[str, Action]
    warnings: tuple[str, ...] = ()


def publish(
    github: GitHub,
    folder: Path,
    report: Report,
    tag: str | None = None,
    *,
    even_if_failed: bool = False,
    other_commit: bool = False,
    say: Callable[[str], None],
) -> Published:
    """Have the report and its models, which lie in `folder`, on the release of `tag`, or on that of the event.

    What is there already is not sent again. Broken off at any moment, no content has gone, and a repeat completes it.
    `SHA256SUMS` is left in `folder` too, for whoever signs it. `even_if_failed` publishes a report that is no success,
    `other_commit` one of another commit than the tag's. `say` hears of each file. Raises RefusedError.
    """
    _refuse_unfit(report, even_if_failed=even_if_failed)
    assets = plan(folder, report)
    with github.asking(RELEASE):
        release = _find(github, tag)
        doubts = [] if other_commit else _compare_commits(github, release, report)
        shelf = Shelf(github, release, say)
        if release.immutable and not release.draft:
            if not shelf.unchanged(assets):
                raise RefusedError(diagnose("OCA734", f"the release {_shown(release.tag_name)} is immutable"))
            done: dict[str, Action] = dict.fromkeys((asset.name for asset in assets), "unchanged")
        else:
            _refuse_foreign(github, shelf, assets)
            done = shelf.put(assets)
    doubts += _keep(folder, assets[-1])
    return Published(release.html_url, release.tag_name, done, tuple(doubts))


def _refuse_unfit(report: Report, *, even_if_failed: bool) -> None:
    if report.shard is not None:
        part = f"{report.shard.index}/{report.shard.count}"
        raise RefusedError(diagnose("OCA740", f"the report is of shard {part} alone"))
    if not even_if_failed and (report.conclusion != "success" or not report.complete):
        raise RefusedError(diagnose("OCA731", one_line(headline(report), 500)))


def _keep(folder: Path, sums: Asset) -> list[str]:
    try:
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file, sums.open() as content:
            file.write(content.read())
        Path(file.name).chmod(0o644)
        Path(file.name).replace(folder / sums.name)
    except OSError as error:
        return [f"{sums.name} could not be left in {folder}: {error.strerror}"]
    return []


def _find(github: GitHub, tag: str | None) -> GitRelease:
    """The release of a tag, or of the event. Of a tag that has both a published one and drafts, the published one."""
    event = github.context.release
    if event is not None and tag in (None, event.tag):
        release = _maybe(lambda: github.repository.get_release(event.id).complete())
        if release is not None:
            return release
        tag = event.tag
    if tag is None:
        raise RefusedError(diagnose("OCA741", "neither a tag nor an event says which release"))
    name = tag
    return _maybe(lambda: github.repository.get_release(name)) or _listed(github, tag)


def _listed(github: GitHub, tag: str) -> GitRelease:
    """By the list of all, in which drafts are too."""
    found = sorted((one for one in github.repository.get_releases() if one.tag_name == tag), key=lambda one: one.draft)
    if not found:
        said = diagnose(
            "OCA730",
            f"there is no release of the tag {_shown(tag)}",
            hint=f"gh release create {_quoted(tag)} --draft --title {_quoted(tag)} --notes ''",
        )
        raise RefusedError(said)
    if found[0].draft and len(found) > 1:
        pages = ", ".join(one.html_url for one in found[:5])
        raise RefusedError(diagnose("OCA733", f"the tag {_shown(tag)} has {len(found)} drafts: {pages}"))
    return found[0]


def _maybe(ask: Callable[[], GitRelease]) -> GitRelease | None:
    try:
        return ask()
    except GithubException as error:
        if error.status != 404:
            raise
        return None


def _compare_commits(github: GitHub, release: GitRelease, report: Report) -> list[str]:
    """Why it cannot be told. Raises RefusedError where the release is of another commit than the report."""
    tag = release.tag_name
    commit = _commit_of(github, tag)
    if commit is None and release.draft and _HASH.fullmatch(release.target_commitish or ""):
        commit = release.target_commitish
    if commit is None and not release.draft:
        raise RefusedError(diagnose("OCA732", f"the tag {_shown(tag)} is no commit"))
    if report.commit is None:
        return ["the report does not say of which commit it is, so nobody has checked that it is the release's"]
    of = _shown(report.commit)
    if commit is None:
        return [f"the draft's tag {_shown(tag)} does not exist yet; publish it at {of}, which the models are of"]
    if commit != report.commit:
        raise RefusedError(diagnose("OCA732", f"the tag {_shown(tag)} is {commit}, and the report is of {of}"))
    return []


def _commit_of(github: GitHub, tag: str) -> str | None:
    """The commit of a tag, which an annotated one names in an object of its own; None where there is no such tag."""
    try:
        it = github.repository.get_git_ref(f"tags/{tag}").object
        for _ in range(_TAGS_DEEP):
            if it.type != "tag":
                break
            it = github.repository.get_git_tag(it.sha).object
    except GithubException as error:
        if error.status != 404:
            raise
        return None
    return it.sha if it.type == "commit" else None


def _refuse_foreign(github: GitHub, shelf: Shelf, assets: tuple[Asset, ...]) -> None:
    """Raises RefusedError for checksums that somebody else has put there, of other files than ours."""
    held = shelf.held.get(CHECKSUMS)
    if held is None or not held.whole or shelf.unchanged(assets[-1:]):
        return
    lines = download(github, held.id, _first_bytes).decode("utf-8", "replace").splitlines()
    if not any(line.split()[1:] == [REPORT] for line in lines):
        raise RefusedError(diagnose("OCA742", f"the release has a {CHECKSUMS} of files that are not of this action"))


def _first_bytes(chunks: Iterator[bytes]) -> bytes:
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > _SUMS_LIMIT:
            break
    return bytes(found)


def _shown(name: str) -> str:
    return one_line(name, 120)


def _quoted(text: str) -> str:
    """A word of a shell's line that is shown to be copied."""
    return "'" + _shown(text).replace("'", "'\\''") + "'"
