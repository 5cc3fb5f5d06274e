"""What started the job, as GitHub tells it, and the commit that a pull request's models are compared with."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

from onnx_convert.github.event import event_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BASES = {
    "pull_request": ("pull_request", "base", "sha"),
    "pull_request_target": ("pull_request", "base", "sha"),
    "merge_group": ("merge_group", "base_sha"),
}
_HEAD = ("pull_request", "head", "sha")
_HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def triggered_by(event: dict[str, Any]) -> str:
    """The event that started the run that a `workflow_run` is about; empty for any other event."""
    run = event.get("workflow_run")
    name = run.get("event") if isinstance(run, dict) else None
    return name if isinstance(name, str) else ""


def base_of(environ: Mapping[str, str], repository: Path, git: Mapping[str, str]) -> str | None:
    """The commit of the base branch that an event tells of; None for an event, or a file of it, that has none.

    A hash and no name: a name could be moved by whoever opened the pull request. Where GitHub's own merge of the pull
    request is checked out, it is that merge's first parent: the event's may be hours older, and what others merged
    meanwhile would count as this pull request's doing (https://github.com/shakacode/react_on_rails/pull/4819). `git` is
    the environment that git runs in.
    """
    keys = _BASES.get(environ.get("GITHUB_EVENT_NAME", ""))
    if keys is None:
        return None
    event = event_of(environ)
    base, head = _hash(event, keys), _hash(event, _HEAD)
    if base is None:
        return None
    first, *others = _parents(repository, environ.get("GITHUB_SHA", ""), git) or (base,)
    return first if head is not None and others == [head] else base


def _hash(event: Any, keys: tuple[str, ...]) -> str | None:
    try:
        for key in keys:
            event = event[key]
    except (LookupError, TypeError):
        return None
    return event if isinstance(event, str) and _HASH.fullmatch(event) else None


def _parents(repository: Path, commit: str, git: Mapping[str, str]) -> tuple[str, ...]:
    """The parents of HEAD if it is the commit that the job is about; also those that a shallow clone does not have."""
    if not _HASH.fullmatch(commit):
        return ()
    try:
        asked = subprocess.run(
            ["git", "-C", repository, "cat-file", "--batch"],
            input=b"HEAD\n",
            env=dict(git),
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    header, *lines = asked.stdout.decode("utf-8", "replace").partition("\n\n")[0].split("\n")
    if not header.startswith(f"{commit} commit "):
        return ()
    return tuple(line.removeprefix("parent ") for line in lines if line.startswith("parent "))
