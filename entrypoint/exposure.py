"""What the runner mounts into the container that model code must not write, or not even read.

Model code runs as another user, so closed permissions are enough. A runner leaves many of them open.
"""

from __future__ import annotations

import stat
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COMMAND_FILES = ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
DOCKER_SOCKET = Path("/var/run/docker.sock")
GITHUB = Path("/github")
READABLE = ("workspace",)
"""What jobs of models may read below GITHUB: not the file of the event, nor the homes of other steps."""
DEPTH = 3
"""How many folders below the workspace a checkout is looked for, as `path` of actions/checkout makes it."""


def sensitive(environ: Mapping[str, str], socket: Path = DOCKER_SOCKET) -> tuple[Path, ...]:
    """The command files, their folders and the socket, as far as they are there."""
    files = [Path(environ[name]) for name in COMMAND_FILES if environ.get(name)]
    folders = {path.parent for path in files}
    return tuple(path for path in (*files, *sorted(folders), socket) if path.exists())


def secret(environ: Mapping[str, str], workspace: Path, github: Path = GITHUB) -> tuple[Path, ...]:
    """What may hold a credential: git's folders of the workspace, the event, and what else the runner mounts.

    actions/checkout leaves the job's token in .git/config, or in a file of the runner's temporary folder.
    """
    checkouts = [found for depth in range(DEPTH + 1) for found in workspace.glob("*/" * depth + ".git")]
    mounts = [path for path in sorted(github.glob("*")) if path.name not in READABLE]
    event = [Path(environ["GITHUB_EVENT_PATH"])] if environ.get("GITHUB_EVENT_PATH") else []
    found = (*checkouts, *mounts, *event)
    return tuple(path for path in found if path.exists() and not path.is_symlink())


@contextmanager
def closed(paths: tuple[Path, ...], secrets: tuple[Path, ...] = ()) -> Iterator[tuple[Path, ...]]:
    """Take away other users' permission to write `paths`, and every permission for `secrets`, while the block runs.

    Yields those that stayed open.
    """
    with ExitStack() as stack:
        # In a sticky folder nobody replaces another's files.
        writable = [path for path in paths if not _mode(path) & stat.S_ISVTX]
        stayed = [path for path in writable if not _without(path, stat.S_IWOTH, stack)]
        stayed += [path for path in secrets if not _without(path, stat.S_IRWXO, stack)]
        yield tuple(dict.fromkeys(stayed))


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _without(path: Path, taken: int, stack: ExitStack) -> bool:
    """Whether a path is without some permissions until the stack is left, when it is put back as it was."""
    mode = _mode(path)
    if mode & taken:
        try:
            path.chmod(mode & ~taken)
            stack.callback(_put_back, path, mode)
        except OSError:
            return False
    return True


def _put_back(path: Path, mode: int) -> None:
    with suppress(OSError):  # removed meanwhile
        path.chmod(mode)
