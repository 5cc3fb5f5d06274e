"""Users, apps, the repository, and what is left of a rate limit, as GitHub shows them."""

import hashlib
import time
from typing import Any

from .api import Answer, Call, Operation, RefusedError, not_found
from .model import ACTIONS_APP, ACTIONS_BOT, App, Identity, now

# Fields NAME_url that every user and every repository have; nothing but their presence matters here.
_USER_URLS = "followers following gists starred subscriptions organizations repos events received_events"
_REPOSITORY_URLS = (
    "archive assignees blobs branches collaborators comments commits compare contents contributors deployments "
    "downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels "
    "languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags teams "
    "trees"
)


def user_id(login: str) -> int:
    """The number of an account: the real one of github-actions[bot], and for others always the same."""
    if login == "github-actions[bot]":
        return ACTIONS_BOT
    return 1000 + int.from_bytes(hashlib.sha256(login.encode()).digest()[:4])


def user(call: Call, login: str) -> dict[str, Any]:
    """A `simple-user`."""
    url, number = f"{call.api}/users/{login}", user_id(login)
    return {
        "login": login,
        "id": number,
        "node_id": f"U_{number}",
        "avatar_url": f"{call.origin}/avatars/{number}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{call.origin}/{login}",
        **{f"{name}_url": f"{url}/{name}" for name in _USER_URLS.split()},
        "type": "Bot" if login.endswith("[bot]") else "User",
        "site_admin": False,
    }


def app(call: Call, it: App | None) -> dict[str, Any] | None:
    """An `integration`."""
    if it is None:
        return None
    return {
        "id": it.id,
        "slug": it.slug,
        "node_id": f"A_{it.id}",
        "owner": user(call, "github" if it.id == ACTIONS_APP else it.slug),
        "name": it.name,
        "description": "",
        "external_url": f"{call.origin}/features",
        "html_url": f"{call.origin}/apps/{it.slug}",
        "created_at": "2018-07-30T09:30:17Z",
        "updated_at": "2024-04-10T20:33:16Z",
        "permissions": {"checks": "write", "contents": "write", "issues": "write", "metadata": "read"},
        "events": [],
    }


def repository(call: Call, full_name: str | None = None) -> dict[str, Any]:
    """A `repository`; the stand-in's own, or a fork of it."""
    full_name = full_name or call.state.repository
    owner, _, name = full_name.partition("/")
    url, number = f"{call.api}/repos/{full_name}", user_id(full_name)
    html = f"{call.origin}/{full_name}"
    counts = (
        "forks",
        "forks_count",
        "open_issues",
        "open_issues_count",
        "stargazers_count",
        "watchers",
        "watchers_count",
    )
    return {
        "id": number,
        "node_id": f"R_{number}",
        "name": name,
        "full_name": full_name,
        "owner": user(call, owner),
        "private": call.state.private,
        "html_url": html,
        "description": None,
        "fork": full_name != call.state.repository,
        "url": url,
        **{f"{name}_url": f"{url}/{name}" for name in _REPOSITORY_URLS.split()},
        "git_url": html,
        "ssh_url": f"git@github.com:{full_name}.git",
        "clone_url": f"{html}.git",
        "svn_url": html,
        "mirror_url": None,
        "homepage": None,
        "language": "Python",
        **dict.fromkeys(counts, 0),
        "size": 100,
        "default_branch": call.state.default_branch,
        "topics": [],
        **dict.fromkeys(("has_issues", "has_projects", "has_wiki", "has_downloads"), True),
        **dict.fromkeys(("has_pages", "has_discussions", "archived", "disabled"), False),
        "visibility": "private" if call.state.private else "public",
        "pushed_at": now(),
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": now(),
        "license": None,
    }


def rate(who: Identity) -> dict[str, int]:
    """What is left of a token's limit."""
    return {"limit": who.limit, "remaining": who.remaining, "used": who.limit - who.remaining, "reset": who.reset}


def rate_headers(who: Identity | None) -> dict[str, str]:
    """What every answer says of the rate limit."""
    held = rate(who) if who else {"limit": 60, "remaining": 59, "used": 1, "reset": int(time.time()) + 3600}
    return {f"X-RateLimit-{name.title()}": str(value) for name, value in held.items()} | {
        "X-RateLimit-Resource": "core"
    }


def count(who: Identity) -> None:
    """Counts a request, and refuses it where the limit is reached. A window lasts an hour."""
    if who.reset <= time.time():
        who.reset, who.remaining = int(time.time()) + 3600, who.limit
    if who.remaining <= 0:
        raise RefusedError(403, f"API rate limit exceeded for user ID {who.id}.")
    who.remaining -= 1


def _get_user(call: Call) -> Answer:
    if call.identity is None:
        raise RefusedError(401, "Requires authentication")
    if call.identity.kind != "user":
        raise RefusedError(403, "Resource not accessible by integration")
    counts = ("public_repos", "public_gists", "followers", "following", "private_gists", "total_private_repos")
    more = ("owned_private_repos", "disk_usage", "collaborators")
    blank = ("name", "company", "location", "email", "hireable", "bio")
    return Answer(
        200,
        {
            **user(call, call.identity.login),
            **dict.fromkeys(counts + more, 0),
            **dict.fromkeys(blank),
            "blog": "",
            "two_factor_authentication": True,
            "created_at": "2011-01-25T18:44:36Z",
            "updated_at": now(),
        },
    )


def _get_repository(call: Call) -> Answer:
    held = call.may("contents", "write")
    permissions = {"admin": False, "maintain": False, "push": held, "triage": held, "pull": True}
    found = {**repository(call), "network_count": 0, "subscribers_count": 0}
    return Answer(200, {**found, "permissions": permissions} if call.identity else found)


def _get_rate_limit(call: Call) -> Answer:
    if call.identity is None:
        raise not_found()
    return Answer(
        200,
        {"resources": dict.fromkeys(("core", "graphql", "search"), rate(call.identity)), "rate": rate(call.identity)},
    )


OPERATIONS = {
    "users/get-authenticated": Operation(_get_user),
    "repos/get": Operation(_get_repository),
    "rate-limit/get": Operation(_get_rate_limit),
}
