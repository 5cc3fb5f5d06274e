"""What started the job, as GitHub tells it: the commit that a pull request's models are compared with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZE_LIMIT = 32 * 2**20

_BASES = {
    "pull_request": ("pull_request", "base", "sha"),
    "pull_request_target": ("pull_request", "base", "sha"),
    "merge_group": ("merge_group", "base_sha"),
}
_HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def base_of(environ: Mapping[str, str]) -> str | None:
    """The commit of the base branch that an event tells of; None for an event, or a file of it, that has none.

    A hash from the event and no name: a name could be moved by whoever opened the pull request.
    """
    path, keys = environ.get("GITHUB_EVENT_PATH"), _BASES.get(environ.get("GITHUB_EVENT_NAME", ""))
    if not path or keys is None:
        return None
    try:
        with Path(path).open("rb") as file:
            found: Any = json.loads(file.read(SIZE_LIMIT))
        for key in keys:
            found = found[key]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return found if isinstance(found, str) and _HASH.fullmatch(found) else None
