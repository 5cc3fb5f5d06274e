"""What came with the checkout is the pull request's: it must not pose as our cache or lead our output elsewhere.

The run is root and believes its cache: a committed environment would be executed, a committed result reported. And it
writes into its output folder: a committed symlink there would let it write wherever it points, such as GITHUB_ENV.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from entrypoint.inputs import CallError

if TYPE_CHECKING:
    from entrypoint.call import Call


def refuse_planted(call: Call) -> None:
    """Raises CallError if the cache or the legs hold committed files, or the output folder holds symlinks."""
    if (link := _first_link(call.out)) is not None:
        raise CallError(
            f"output-dir: `{link.relative_to(call.workspace)}` is a symbolic link",
            "remove it, or use a folder of the action's own: nothing is written through links",
        )
    if call.cache.is_dir() and any(call.cache.iterdir()) and not _made_here(call):
        raise CallError(
            f"cache-dir: `{call.cache.relative_to(call.workspace)}` came with the checkout",
            "use a folder that holds no committed files: what a pull request can write is no cache",
        )
    if call.arguments[:1] == ("merge",) and call.shards.is_dir() and _tracked(call, call.shards):
        raise CallError(
            f"shards-dir: `{call.shards.relative_to(call.workspace)}` came with the checkout",
            "use a folder that holds no committed files: what a pull request can write is no leg's report",
        )


def _first_link(folder: Path) -> Path | None:
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if (path := Path(place, name)).is_symlink():
                return path
    return None


def _made_here(call: Call) -> bool:
    """Whether git tracks nothing in the cache. Without any git nobody can tell, and the answer is no."""
    tracked = _tracked(call, call.cache)
    if tracked is not None:
        return not tracked
    return (call.repository / ".git").exists() and not call.cache.is_relative_to(call.repository)


def _tracked(call: Call, folder: Path) -> bool | None:
    """Whether git tracks a file in a folder; None where it cannot tell."""
    # Every repository is trusted by this one command: it only asks, and runs nothing that a repository configures.
    git = ("git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-C")
    asked = subprocess.run([*git, folder, "ls-files", "-z"], env=dict(call.environ), capture_output=True, check=False)
    return bool(asked.stdout) if asked.returncode == 0 else None
