"""Pull requests."""

from typing import Any

from .api import Answer, Call, not_found, reads
from .identity import repository, user, user_id
from .model import Pull


def pull(call: Call, it: Pull) -> dict[str, Any]:
    """A `pull-request-simple`."""
    url, issue = f"{call.repo}/pulls/{it.number}", f"{call.repo}/issues/{it.number}"
    html = f"{call.origin}/{call.state.repository}/pull/{it.number}"
    links = {
        "self": url,
        "html": html,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{call.repo}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{call.repo}/statuses/{it.head_sha}",
    }
    closed = it.created_at if it.state == "closed" else None
    return {
        "url": url,
        "id": 10_000 + it.number,
        "node_id": f"PR_{it.number}",
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "issue_url": issue,
        **{
            f"{name}_url": links[name]
            for name in ("comments", "review_comments", "review_comment", "commits", "statuses")
        },
        "number": it.number,
        "state": it.state,
        "locked": it.locked,
        "active_lock_reason": None,
        "title": it.title,
        "user": user(call, it.author),
        "body": None,
        "labels": [],
        "milestone": None,
        "created_at": it.created_at,
        "updated_at": it.created_at,
        "closed_at": closed,
        "merged_at": closed if it.merged else None,
        "merge_commit_sha": it.merge_commit_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _side(call, it.head_repository, it.head_branch, it.head_sha),
        "base": _side(call, call.state.repository, it.base_branch, it.base_sha),
        "_links": {name: {"href": href} for name, href in links.items()},
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
        "draft": it.draft,
    }


def minimal(call: Call, it: Pull) -> dict[str, Any]:
    """A `pull-request-minimal`, as check runs and workflow runs name it."""
    return {
        "id": 10_000 + it.number,
        "number": it.number,
        "url": f"{call.repo}/pulls/{it.number}",
        "head": _short(call, it.head_repository or "", it.head_branch, it.head_sha),
        "base": _short(call, call.state.repository, it.base_branch, it.base_sha),
    }


def own(call: Call, sha: str) -> list[dict[str, Any]]:
    """The pull requests from within the repository with this head: GitHub does not name those of forks beside a run."""
    found = [
        it for it in call.state.pulls.values() if it.head_sha == sha and it.head_repository == call.state.repository
    ]
    return [minimal(call, it) for it in found if it.state == "open"]


def _side(call: Call, name: str | None, branch: str, sha: str) -> dict[str, Any]:
    # Of a fork that was deleted, `repo` is null; its owner stays.
    owner = (name or "ghost/").partition("/")[0]
    found = repository(call, name) if name else None
    return {"label": f"{owner}:{branch}", "ref": branch, "sha": sha, "user": user(call, owner), "repo": found}


def _short(call: Call, name: str, branch: str, sha: str) -> dict[str, Any]:
    repo = {"id": user_id(name), "url": f"{call.api}/repos/{name}", "name": name.partition("/")[2]}
    return {"ref": branch, "sha": sha, "repo": repo}


def _list(call: Call) -> Answer:
    state, head, base = call.query.get("state", "open"), call.query.get("head"), call.query.get("base")
    found = [it for it in call.state.pulls.values() if state in ("all", it.state)]
    # "Filter pulls by head user or head organization and branch name in the format of `user:ref-name`"; of anything
    # else GitHub takes no notice, and answers with all of them.
    if head and ":" in head:
        found = [it for it in found if head == f"{(it.head_repository or '').partition('/')[0]}:{it.head_branch}"]
    found = [it for it in found if base in (None, it.base_branch)]
    newest = call.query.get("direction", "desc") == "desc"
    return call.page(sorted(found, key=lambda it: it.number, reverse=newest), lambda it: pull(call, it))


def _get(call: Call) -> Answer:
    it = call.state.pulls.get(call.params["pull_number"])
    if it is None:
        raise not_found()
    counts = ("review_comments", "additions", "deletions")
    comments = sum(one.number == it.number for one in call.state.comments.values())
    return Answer(
        200,
        {
            **pull(call, it),
            **dict.fromkeys(counts, 0),
            "comments": comments,
            "commits": 1,
            "changed_files": 1,
            "merged": it.merged,
            "mergeable": True,
            "mergeable_state": "clean",
            "merged_by": None,
            "maintainer_can_modify": False,
        },
    )


def _of_commit(call: Call) -> Answer:
    sha = call.params["commit_sha"]
    return call.page([it for it in call.state.pulls.values() if it.head_sha == sha], lambda it: pull(call, it))


OPERATIONS = {
    "pulls/list": reads(_list, "pull_requests"),
    "pulls/get": reads(_get, "pull_requests"),
    "repos/list-pull-requests-associated-with-commit": reads(_of_commit, "pull_requests"),
}
