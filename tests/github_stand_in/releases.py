"""Releases and their assets."""

import re
import unicodedata
from typing import Any, Literal

from .api import Answer, Call, RefusedError, not_found, reads, writes
from .identity import user
from .model import Asset, Release, now


def release(call: Call, it: Release) -> dict[str, Any]:
    """A `release`."""
    url = f"{call.repo}/releases/{it.id}"
    page = f"untagged-{it.id}" if it.draft else it.tag
    return {
        "url": url,
        "html_url": f"{call.origin}/{call.state.repository}/releases/tag/{page}",
        "assets_url": f"{url}/assets",
        "upload_url": f"{call.uploads}/releases/{it.id}/assets{{?name,label}}",
        "tarball_url": None if it.draft else f"{call.repo}/tarball/{it.tag}",
        "zipball_url": None if it.draft else f"{call.repo}/zipball/{it.tag}",
        "id": it.id,
        "node_id": f"RE_{it.id}",
        "tag_name": it.tag,
        "target_commitish": call.state.default_branch,
        "name": it.name or it.tag,
        "body": it.body,
        "draft": it.draft,
        "prerelease": it.prerelease,
        "immutable": it.immutable,
        "created_at": it.created_at,
        "updated_at": it.created_at,
        "published_at": None if it.draft else it.created_at,
        "author": user(call, "octocat"),
        "assets": [asset(call, it, one) for one in it.assets],
    }


def asset(call: Call, of: Release, it: Asset) -> dict[str, Any]:
    """A `release-asset`."""
    return {
        "url": f"{call.repo}/releases/assets/{it.id}",
        "browser_download_url": f"{call.origin}/{call.state.repository}/releases/download/{of.tag}/{it.name}",
        "id": it.id,
        "node_id": f"RA_{it.id}",
        "name": it.name,
        "label": it.label,
        "state": it.state,
        "content_type": it.content_type,
        "size": len(it.content),
        "digest": None if call.state.older_server else it.digest,
        "download_count": 0,
        "created_at": it.created_at,
        "updated_at": it.updated_at,
        "uploader": user(call, it.uploader),
    }


def normalised(name: str) -> str:
    """The name that GitHub gives an asset.

    "GitHub renames asset filenames that have special characters, non-alphanumeric characters, and leading or trailing
    periods." Which ones is known from trials alone: travis-ci/dpl#821, softprops/action-gh-release#159 and #749.
    """
    plain = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
    dotted = re.sub(r"\.{2,}", ".", re.sub(r"[^A-Za-z0-9_.+-]+", ".", plain)).rstrip(".")
    return f"default{dotted}" if dotted.startswith(".") else dotted


def _visible(call: Call, it: Release) -> bool:
    return not it.draft or call.may("contents", "write")


def _find(call: Call) -> Release:
    it = call.state.releases.get(call.params["release_id"])
    if it is None or not _visible(call, it):
        raise not_found()
    return it


def _find_asset(call: Call) -> tuple[Release, Asset]:
    for of in call.state.releases.values():
        for it in of.assets:
            if it.id == call.params["asset_id"] and _visible(call, of):
                return of, it
    raise not_found()


def _list(call: Call) -> Answer:
    found = [it for it in call.state.releases.values() if _visible(call, it)]
    return call.page(found[::-1], lambda it: release(call, it))


def _get(call: Call) -> Answer:
    return Answer(200, release(call, _find(call)))


def _by_tag(call: Call) -> Answer:
    for it in call.state.releases.values():
        if it.tag == call.params["tag"] and not it.draft:  # "Get a published release with the specified tag."
            return Answer(200, release(call, it))
    raise not_found()


def _latest(call: Call) -> Answer:
    found = [it for it in call.state.releases.values() if not it.draft and not it.prerelease]
    if not found:
        raise not_found()
    return Answer(200, release(call, found[-1]))


def _update(call: Call) -> Answer:
    it = _find(call)
    for key in ("name", "body", "draft", "prerelease"):
        if key in call.body:
            setattr(it, key, call.body[key])
    # "Once published, the release's assets can't be added, modified or deleted": from then on, and only then.
    it.immutable = it.immutable or (call.state.immutable_releases and not it.draft)
    return Answer(200, release(call, it))


def _list_assets(call: Call) -> Answer:
    it = _find(call)
    return call.page(it.assets, lambda one: asset(call, it, one))


def _get_asset(call: Call) -> Answer:
    of, it = _find_asset(call)
    if call.request.headers.get("Accept") != "application/octet-stream":
        return Answer(200, asset(call, of, it))
    if it.state != "uploaded":
        raise not_found()
    return Answer(302, None, {"Location": f"{call.request.blobs}/assets/{it.id}/{it.name}"})


def _upload(call: Call) -> Answer:
    it = _find(call)
    _refuse_immutable(it, "upload assets to")
    name = _free_name(it, call.query["name"])
    if not call.request.body and call.request.complete:
        error = {"resource": "ReleaseAsset", "code": "custom", "field": "size"}
        raise RefusedError(422, "Validation Failed", [{**error, "message": "size must be greater than or equal to 1"}])
    if len(it.assets) >= call.state.asset_limit:  # in these words: leeguooooo/AgentParty#974
        error = {"resource": "ReleaseAsset", "code": "custom", "field": "file_count"}
        message = f"file_count limited to {call.state.asset_limit} assets"
        raise RefusedError(422, "Validation Failed", [{**error, "message": message}])
    kind = call.request.headers.get("Content-Type", "application/octet-stream")
    content = call.request.body if call.request.complete else b""
    state: Literal["uploaded", "starter"] = "uploaded" if call.request.complete else "starter"
    made = Asset(call.state.new_id(), name, call.query.get("label"), kind, content, state, call.author.login)
    it.assets.append(made)
    it.remember()
    return Answer(201, asset(call, it, made), {"Location": f"{call.repo}/releases/assets/{made.id}"})


def _update_asset(call: Call) -> Answer:
    of, it = _find_asset(call)
    _refuse_immutable(of, "modify assets of")
    if call.body.get("name", it.name) != it.name:
        it.name = _free_name(of, call.body["name"])
    it.label = call.body.get("label", it.label)
    it.updated_at = now()
    of.remember()
    return Answer(200, asset(call, of, it))


def _delete_asset(call: Call) -> Answer:
    of, it = _find_asset(call)
    _refuse_immutable(of, "delete assets from")
    of.assets.remove(it)
    of.remember()
    return Answer(204)


def _refuse_immutable(it: Release, what: str) -> None:
    if it.immutable:  # the words are known of an upload (softprops/action-gh-release#653)
        raise RefusedError(422, f"Cannot {what} an immutable release.")


def _free_name(it: Release, name: str) -> str:
    found = normalised(name)
    if any(one.name == found for one in it.assets):
        error = {"resource": "ReleaseAsset", "code": "already_exists", "field": "name"}
        raise RefusedError(422, "Validation Failed", [error])
    return found


OPERATIONS = {
    "repos/list-releases": reads(_list, "contents"),
    "repos/get-release": reads(_get, "contents"),
    "repos/get-release-by-tag": reads(_by_tag, "contents"),
    "repos/get-latest-release": reads(_latest, "contents"),
    "repos/update-release": writes(_update, "contents"),
    "repos/list-release-assets": reads(_list_assets, "contents"),
    "repos/get-release-asset": reads(_get_asset, "contents"),
    "repos/upload-release-asset": writes(_upload, "contents"),
    "repos/update-release-asset": writes(_update_asset, "contents"),
    "repos/delete-release-asset": writes(_delete_asset, "contents"),
}
