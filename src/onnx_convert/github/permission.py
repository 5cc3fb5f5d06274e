"""The permissions of a workflow's token that each feature needs, and the lines of YAML that grant them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission: its key in a workflow, the level, and what it is needed for."""

    key: str
    level: str
    purpose: str

    @property
    def yaml(self) -> str:
        """The lines for the workflow."""
        return granting((self,))


def granting(permissions: Iterable[Permission]) -> str:
    """The lines that grant all of them. Naming one takes away those that are not named, so `contents: read` is there.

    Of one key the higher level counts.
    """
    levels = {"contents": "read"}
    for one in permissions:
        levels[one.key] = max(one.level, levels.get(one.key, ""))  # "write" comes after "read"
    return "permissions:\n" + "".join(f"  {key}: {level}\n" for key, level in levels.items())


COMMENT = Permission("pull-requests", "write", "post the comment")
CHECK = Permission("checks", "write", "open and conclude the check run")
RELEASE = Permission("contents", "write", "upload the release's assets")
ARTIFACT = Permission("actions", "read", "download the report of the run before")
PULLS = Permission("pull-requests", "read", "find the pull request")
