"""The permissions of a workflow's token that each feature needs, and the lines of YAML that grant them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission: its key in a workflow, the level, and what it is needed for."""

    key: str
    level: str
    purpose: str

    @property
    def yaml(self) -> str:
        """The lines for the workflow. Naming one permission takes all others away, hence the first."""
        own = "" if self.key == "contents" else "  contents: read\n"
        return f"permissions:\n{own}  {self.key}: {self.level}\n"


COMMENT = Permission("pull-requests", "write", "post the comment")
CHECK = Permission("checks", "write", "open and conclude the check run")
RELEASE = Permission("contents", "write", "upload the release's assets")
ARTIFACT = Permission("actions", "read", "download the report of the run before")
PULLS = Permission("pull-requests", "read", "find the pull request")
