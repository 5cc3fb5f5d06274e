"""References, annotated tags and commits."""

from typing import Any

from .api import Answer, Call, RefusedError, not_found, reads
from .identity import user


def _object(call: Call, kind: str, sha: str) -> dict[str, str]:
    return {"type": kind, "sha": sha, "url": f"{call.repo}/git/{kind}s/{sha}"}


def _get_ref(call: Call) -> Answer:
    kind, _, name = call.params["ref"].partition("/")
    tag, branch = call.state.tags.get(name), call.state.branches.get(name)
    if kind == "tags" and tag:
        target = _object(call, "tag", tag.object_sha) if tag.object_sha else _object(call, "commit", tag.sha)
    elif kind == "heads" and branch:
        target = _object(call, "commit", branch)
    else:
        raise not_found()
    ref = f"refs/{kind}/{name}"
    return Answer(200, {"ref": ref, "node_id": f"REF_{name}", "url": f"{call.repo}/git/{ref}", "object": target})


def _get_tag(call: Call) -> Answer:
    for it in call.state.tags.values():
        if it.object_sha == call.params["tag_sha"]:
            found = {
                "node_id": f"TA_{it.object_sha}",
                "tag": it.name,
                "sha": it.object_sha,
                "url": f"{call.repo}/git/tags/{it.object_sha}",
                "message": it.message,
                "tagger": {"name": "octocat", "email": "octocat@example.com", "date": "2026-01-01T00:00:00Z"},
                "object": _object(call, "commit", it.sha),
            }
            return Answer(200, found)
    raise not_found()


def _get_commit(call: Call) -> Answer:
    ref = call.params["ref"]
    tag = call.state.tags.get(ref.removeprefix("tags/"))
    sha = tag.sha if tag else call.state.branches.get(ref.removeprefix("heads/"), ref)
    if not call.state.knows(sha):
        raise RefusedError(422, f"No commit found for SHA: {ref}")
    return Answer(200, _commit(call, sha))


def _commit(call: Call, sha: str) -> dict[str, Any]:
    who = {"name": "octocat", "email": "octocat@example.com", "date": "2026-01-01T00:00:00Z"}
    url = f"{call.repo}/commits/{sha}"
    return {
        "url": url,
        "sha": sha,
        "node_id": f"C_{sha}",
        "html_url": f"{call.origin}/{call.state.repository}/commit/{sha}",
        "comments_url": f"{url}/comments",
        "commit": {
            "url": f"{call.repo}/git/commits/{sha}",
            "author": who,
            "committer": who,
            "message": "A change",
            "comment_count": 0,
            "tree": {"sha": sha, "url": f"{call.repo}/git/trees/{sha}"},
        },
        "author": user(call, "octocat"),
        "committer": user(call, "octocat"),
        "parents": [],
    }


OPERATIONS = {
    "git/get-ref": reads(_get_ref, "contents"),
    "git/get-tag": reads(_get_tag, "contents"),
    "repos/get-commit": reads(_get_commit, "contents"),
}
