"""What a job is about: the repository, the event that started it, and whom to speak to, as one frozen value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

if TYPE_CHECKING:
    from collections.abc import Mapping

API = "https://api.github.com"
SERVER = "https://github.com"

_HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")


class ContextError(ValueError):
    """The environment does not say what is needed; the text says which variable or option is missing."""


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request, as the event tells of it. `head_repository` is None where the fork has been deleted."""

    number: int
    head_sha: str
    head_repository: str | None
    fork: bool


@dataclass(frozen=True, slots=True)
class Release:
    """A release by its id, and the name of its tag."""

    id: int
    tag: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """The workflow run that a `workflow_run` event is about. Its facts are GitHub's own; its artifacts are not."""

    id: int
    event: str
    head_sha: str
    head_branch: str
    head_owner: str | None
    head_repository: str | None
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Context:
    """One job. `sha` is GITHUB_SHA: of a pull request that is a merge commit, which is not its head.

    `token` shows as asterisks wherever it is printed.
    """

    repository: str
    api_url: str = API
    server_url: str = SERVER
    token: SecretStr | None = None
    event: str = ""
    sha: str = ""
    run_id: str = ""
    run_attempt: str = "1"
    workflow: str = ""
    job: str = ""
    pull: Pull | None = None
    release: Release | None = None
    trigger: Trigger | None = None

    @property
    def run_url(self) -> str:
        """The page of this workflow run, or of the repository where there is none."""
        page = f"{self.server_url}/{self.repository}"
        return f"{page}/actions/runs/{self.run_id}" if self.run_id else page

    @property
    def head_sha(self) -> str:
        """The commit that a check is about: the head of the pull request, or what was pushed."""
        if self.pull is not None:
            return self.pull.head_sha
        return self.trigger.head_sha if self.trigger is not None else self.sha


def context_of(environ: Mapping[str, str], event: Mapping[str, Any], *, token: str = "", api_url: str = "") -> Context:
    """The context of a job, from its variables and the content of its event file (`{}` if there is none).

    Raises ContextError where GITHUB_REPOSITORY is missing or no `owner/name`.
    """
    repository = environ.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(repository) or {".", ".."} & set(repository.split("/")):
        raise ContextError(f"GITHUB_REPOSITORY is {repository!r}, which is no owner/name")
    return Context(
        repository=repository,
        api_url=(api_url or environ.get("GITHUB_API_URL") or API).rstrip("/"),
        server_url=(environ.get("GITHUB_SERVER_URL") or SERVER).rstrip("/"),
        token=SecretStr(token.strip()) if token.strip() else None,
        event=environ.get("GITHUB_EVENT_NAME", ""),
        sha=environ.get("GITHUB_SHA", ""),
        run_id=environ.get("GITHUB_RUN_ID", ""),
        run_attempt=environ.get("GITHUB_RUN_ATTEMPT") or "1",
        workflow=environ.get("GITHUB_WORKFLOW", ""),
        job=environ.get("GITHUB_JOB", ""),
        pull=_pull(event, repository),
        release=_release(event),
        trigger=_trigger(event),
    )


def _pull(event: Mapping[str, Any], repository: str) -> Pull | None:
    number, sha = _id(event, "pull_request", "number"), _at(event, "pull_request", "head", "sha")
    if number is None or not _is_hash(sha):
        return None
    head = _text(event, "pull_request", "head", "repo", "full_name")
    return Pull(number, sha, head, fork=head is None or head.casefold() != repository.casefold())


def _release(event: Mapping[str, Any]) -> Release | None:
    number, tag = _id(event, "release", "id"), _text(event, "release", "tag_name")
    return Release(number, tag) if number is not None and tag else None


def _trigger(event: Mapping[str, Any]) -> Trigger | None:
    number, sha = _id(event, "workflow_run", "id"), _at(event, "workflow_run", "head_sha")
    if number is None or not _is_hash(sha):
        return None
    return Trigger(
        id=number,
        event=_text(event, "workflow_run", "event") or "",
        head_sha=sha,
        head_branch=_text(event, "workflow_run", "head_branch") or "",
        head_owner=_text(event, "workflow_run", "head_repository", "owner", "login"),
        head_repository=_text(event, "workflow_run", "head_repository", "full_name"),
        attempt=_id(event, "workflow_run", "run_attempt") or 1,
    )


def _at(event: Any, *keys: str) -> Any:
    for key in keys:
        if not isinstance(event, dict):
            return None
        event = event.get(key)
    return event


def _id(event: Mapping[str, Any], *keys: str) -> int | None:
    found = _at(event, *keys)
    return found if type(found) is int and found > 0 else None


def _text(event: Mapping[str, Any], *keys: str) -> str | None:
    found = _at(event, *keys)
    return found if isinstance(found, str) else None


def _is_hash(found: object) -> bool:
    return isinstance(found, str) and _HASH.fullmatch(found) is not None
