"""What the runner mounts into the container that model code must not write: its command files, the Docker socket.

Model code runs as another user, so closed permissions are enough. A runner may have left them open.
"""

from __future__ import annotations

import stat
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COMMAND_FILES = ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
DOCKER_SOCKET = Path("/var/run/docker.sock")


def sensitive(environ: Mapping[str, str], socket: Path = DOCKER_SOCKET) -> tuple[Path, ...]:
    """The command files, their folders and the socket, as far as they are there."""
    files = [Path(environ[name]) for name in COMMAND_FILES if environ.get(name)]
    folders = {path.parent for path in files}
    return tuple(path for path in (*files, *sorted(folders), socket) if path.exists())


@contextmanager
def closed(paths: tuple[Path, ...]) -> Iterator[tuple[Path, ...]]:
    """Take away other users' permission to write `paths` while the block runs. Yields those that stayed open."""
    with ExitStack() as stack:
        stayed: list[Path] = []
        for path in paths:
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:  # in a sticky folder nobody replaces another's files
                try:
                    path.chmod(mode & ~stat.S_IWOTH)
                    stack.callback(path.chmod, mode)  # the runner's own, so put back as it was
                except OSError:
                    stayed.append(path)
        yield tuple(stayed)
