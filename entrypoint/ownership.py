"""Files the run made are root's; the workspace's owner must be able to delete them in a later step.

https://github.com/actions/runner/issues/434
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def hand_back(folders: Iterable[Path], workspace: Path) -> None:
    """Give folders below the workspace, and all in them, to the workspace's owner. Follows no symlink.

    Only root can give files away; for anyone else they are already the owner's, and nothing is done.
    """
    owner = workspace.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    for folder in filter(os.path.isdir, folders):
        for parent in _made_by_us(folder, workspace):
            os.chown(parent, owner.st_uid, owner.st_gid, follow_symlinks=False)
        for _, names, files, descriptor in os.fwalk(folder, follow_symlinks=False):
            for name in (*names, *files):
                with suppress(FileNotFoundError):
                    os.chown(name, owner.st_uid, owner.st_gid, dir_fd=descriptor, follow_symlinks=False)


def _made_by_us(folder: Path, workspace: Path) -> list[Path]:
    chain = [folder, *folder.parents]
    below = chain[: chain.index(workspace)]
    return [path for path in below if path.is_dir() and path.lstat().st_uid == 0]
