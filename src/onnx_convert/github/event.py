"""The event that started a job, as GitHub tells it in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZE_LIMIT = 32 * 2**20


def event_of(environ: Mapping[str, str]) -> dict[str, Any]:
    """What GitHub tells of the event; empty where there is no file of it, or none that can be read."""
    try:
        with Path(environ["GITHUB_EVENT_PATH"]).open("rb") as file:
            event = json.loads(file.read(SIZE_LIMIT))
    except (KeyError, OSError, ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}
