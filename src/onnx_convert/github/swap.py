"""The assets of a release, replaced so that no content is ever missing.

GitHub can rename an asset, but not onto another. So what is new is uploaded under a temporary name and verified; then
the old one is renamed aside and the new one into its place, with nothing between; and only when all are in place are
the old ones deleted. Whatever moment this ends at, the next run sees from the names how far it came: `Shelf.settle`.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Literal

from github import GithubException

from onnx_convert.diagnostics import diagnose
from onnx_convert.github.assets import CHECKSUMS, COUNT_LIMIT, REPORT
from onnx_convert.github.download import download
from onnx_convert.github.patience import FAULTS
from onnx_convert.github.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from github.GitRelease import GitRelease
    from github.GitReleaseAsset import GitReleaseAsset

    from onnx_convert.github.assets import Asset
    from onnx_convert.github.client import GitHub

Action = Literal["uploaded", "replaced", "unchanged"]

NEW, OLD = "onnx-convert-new.", "onnx-convert-old."
"""What the temporary names of an asset's content begin with: of the new one, and of the old one."""
_LAST = (REPORT, CHECKSUMS)
"""They tell of the others, so they come after them."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a release holds under a name. Until it is `whole` it is the place of an upload that broke off."""

    id: int
    name: str
    size: int
    whole: bool
    digest: str | None

    @classmethod
    def of(cls, asset: GitReleaseAsset) -> Held:
        """As GitHub tells of it; older Enterprise Servers tell no digest."""
        return cls(asset.id, asset.name, asset.size, asset.state == "uploaded", asset.digest)


class Shelf:
    """The assets of one release, and the requests that change them. Every method may raise one of FAULTS."""

    def __init__(self, github: GitHub, release: GitRelease, say: Callable[[str], None]) -> None:
        self._github = github
        self._release = release
        self._say = say
        self._digests: dict[int, str] = {}
        self.held: dict[str, Held] = {}
        self.look()

    def look(self) -> None:
        """Ask what the release holds now."""
        self.held = {asset.name: Held.of(asset) for asset in self._release.get_assets()}

    def unchanged(self, assets: Collection[Asset]) -> bool:
        """Whether all of them are there as they are to be."""
        return all(self._is(asset.name, asset) for asset in assets)

    def leftovers(self) -> tuple[str, ...]:
        """Temporary names that an earlier run left."""
        return tuple(name for name in self.held if name.startswith((NEW, OLD)))

    def put(self, assets: Collection[Asset]) -> dict[str, Action]:
        """Have these assets on the release, and say what that took of each.

        Raises RefusedError where what GitHub holds at last is not what was sent.
        """
        completed = self.settle({asset.name: asset for asset in assets})
        done: dict[str, Action] = {asset.name: self._action(asset) for asset in assets}
        self._refuse_too_many(done)
        new = [asset for asset in assets if done[asset.name] == "uploaded"]
        for asset in new:
            if asset.name not in _LAST:
                self._upload(asset, asset.name)
        for batch in self._batches([asset for asset in assets if done[asset.name] == "replaced"]):
            for asset in batch:
                self._upload(asset, NEW + asset.name)
            for asset in batch:
                self._swap(asset.name)
            for asset in batch:
                self._delete(OLD + asset.name)
        for asset in new:
            if asset.name in _LAST:
                self._upload(asset, asset.name)
        if completed or set(done.values()) != {"unchanged"}:
            self._verify(assets)
        return done | dict.fromkeys(completed & {name for name, one in done.items() if one == "unchanged"}, "replaced")

    def settle(self, wanted: dict[str, Asset]) -> set[str]:
        """Complete what an earlier run began, or take it back, and remove what it left; the names it completed.

        A name that is not there, beside its old content, was between two renames: it gets the new content if that is
        what is wanted now, else the old one back. `starter` is an upload that broke off.
        """
        completed: set[str] = set()
        left = {name.removeprefix(NEW).removeprefix(OLD) for name in self.leftovers()}
        for name in sorted(left | wanted.keys()):
            for one in (name, NEW + name):
                if one in self.held and not self.held[one].whole:
                    self._delete(one)
            asset = wanted.get(name)
            if name not in self.held and asset is not None and self._is(NEW + name, asset):
                self._rename(NEW + name, name)
                completed.add(name)
            elif name not in self.held and OLD + name in self.held:
                self._rename(OLD + name, name)
            if name in self.held:
                self._delete(OLD + name)
            if asset is None or self._is(name, asset) or not self._is(NEW + name, asset):
                self._delete(NEW + name)
        return completed

    def _refuse_too_many(self, names: Collection[str]) -> None:
        count = len(self.held.keys() | set(names))
        if count > COUNT_LIMIT:
            raise RefusedError(diagnose("OCA737", f"the release would hold {count:,} assets, with those of others"))

    def _batches(self, assets: list[Asset]) -> Iterator[list[Asset]]:
        """As many at a time as the release has room for beside what it holds: all of them, but of hundreds."""
        while assets:
            room = COUNT_LIMIT - len(self.held)
            if room < 1:
                raise RefusedError(diagnose("OCA737", "the release is full, so nothing on it can be replaced"))
            yield assets[:room]
            assets = assets[room:]

    def digest(self, name: str) -> str | None:
        """The digest of what is held under a name, as `sha256:…`, downloaded where GitHub does not tell it."""
        held = self.held[name]
        if held.digest is not None:
            return held.digest
        if held.id not in self._digests:
            self._digests[held.id] = download(self._github, held.id, _sha256)
        return f"sha256:{self._digests[held.id]}"

    def _action(self, asset: Asset) -> Action:
        if asset.name not in self.held:
            return "uploaded"
        return "unchanged" if self._is(asset.name, asset) else "replaced"

    def _is(self, name: str, asset: Asset) -> bool:
        """Whether that asset's content is held, whole, under a name."""
        held = self.held.get(name)
        return (
            held is not None
            and held.whole
            and held.size == asset.size
            and self.digest(name) == f"sha256:{asset.sha256}"
        )

    def _upload(self, asset: Asset, name: str) -> None:
        """Have an asset's content under a name that is free. A repeat looks first: an answer may have been lost."""
        attempts = 0

        def step() -> None:
            nonlocal attempts
            attempts += 1
            if attempts > 1:
                self.look()
            if name in self.held and not self._is(name, asset):
                self._delete(name)
            if name not in self.held:
                with asset.open() as file:
                    self._send(file, asset, name)

        self._github.requester.insist(step, repeatable=True)
        self._check(asset, name)
        self._say(f"uploaded {asset.name}")

    def _send(self, file: BinaryIO, asset: Asset, name: str) -> None:
        held = Held.of(self._release.upload_asset_from_memory(file, asset.size, name, "application/octet-stream"))
        self.held[held.name] = held
        if held.name != name:
            self._delete(held.name)
            raise RefusedError(diagnose("OCA736", f"GitHub made {held.name} of the name {name}"))

    def _check(self, asset: Asset, name: str) -> None:
        """Raises RefusedError, and takes it away, where GitHub has stored something else than was sent."""
        if not self._is(name, asset):
            self._delete(name)
            raise RefusedError(diagnose("OCA738", f"GitHub stored {asset.name} with other content than was sent"))

    def _swap(self, name: str) -> None:
        """Put what is under the temporary name in its place. On a failure the old one is taken back, if it can be."""
        try:
            self._rename(name, OLD + name)
            self._rename(NEW + name, name, at_once=True)
        except BaseException:  # an interruption too must not leave the name empty
            self._take_back(name)
            raise
        self._say(f"replaced {name}")

    def _take_back(self, name: str) -> None:
        # What an answer that was lost did can only be seen by looking.
        with suppress(*FAULTS):
            self.look()
            if name not in self.held and OLD + name in self.held:
                self._rename(OLD + name, name, at_once=True)

    def _rename(self, name: str, to: str, *, at_once: bool = False) -> None:
        requester = self._github.unpaced if at_once else self._github.requester
        requester.requestJsonAndCheck("PATCH", self._url(name), input={"name": to})
        self.held[to] = replace(self.held.pop(name), name=to)

    def _delete(self, name: str) -> None:
        """Have nothing under a name. That there is nothing may be the work of a request whose answer was lost."""
        if name not in self.held:
            return
        try:
            self._github.requester.requestJsonAndCheck("DELETE", self._url(name))
        except GithubException as error:
            if error.status != 404:
                raise
        del self.held[name]

    def _url(self, name: str) -> str:
        return f"/repos/{self._github.context.repository}/releases/assets/{self.held[name].id}"

    def _verify(self, assets: Collection[Asset]) -> None:
        """Raises RefusedError where the release does not hold the assets: somebody else changes it at this time."""
        self.look()
        if not self.unchanged(assets) or self.leftovers():
            raise RefusedError(diagnose("OCA744", "the release does not hold what was put there"))


def _sha256(chunks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
