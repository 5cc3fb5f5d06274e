"""What the stand-in knows: values that a JSON file can hold. Only who holds the server's lock changes them."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from pydantic import Base64UrlBytes

Level = Literal["none", "read", "write"]
ACTIONS_APP = 15368  # the id of GitHub Actions as an app, on github.com
ACTIONS_BOT = 41898282  # and that of github-actions[bot] as a user


def now() -> str:
    """The time as GitHub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class App:
    """A GitHub App, the author of check runs."""

    id: int
    slug: str
    name: str


@dataclass
class Identity:
    """Who a token belongs to, and what it may do in the repository."""

    login: str
    id: int
    kind: Literal["actions", "app", "user"]
    permissions: dict[str, Level]
    app: App | None = None
    limit: int = 5000
    remaining: int = 5000
    reset: int = 0


@dataclass
class Pull:
    """A pull request; its number is also that of the conversation with its comments."""

    number: int
    head_sha: str
    head_branch: str
    head_repository: str | None
    base_sha: str
    base_branch: str = "main"
    author: str = "octocat"
    title: str = "A change"
    state: Literal["open", "closed"] = "open"
    draft: bool = False
    locked: bool = False
    merged: bool = False
    merge_commit_sha: str | None = None  # of an open one, what GitHub merged to try it
    created_at: str = field(default_factory=now)


@dataclass
class Comment:
    """A comment of a conversation."""

    id: int
    number: int
    author: str
    body: str
    app: App | None = None
    minimized: str | None = None
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)
    revisions: int = 0

    @property
    def node_id(self) -> str:
        """Its name in GraphQL."""
        return f"IC_{self.id}"


@dataclass
class CheckRun:
    """A check run on a commit; annotations are as they were sent."""

    id: int
    head_sha: str
    name: str
    app: App
    status: str = "queued"
    conclusion: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    details_url: str | None = None
    external_id: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, object]] = field(default_factory=list)


@dataclass
class Asset:
    """A file of a release. `starter` is what an upload leaves that broke off: a name, and no content."""

    id: int
    name: str
    label: str | None
    content_type: str
    content: Base64UrlBytes
    state: Literal["uploaded", "starter"]
    uploader: str
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)

    @property
    def digest(self) -> str | None:
        """The digest as GitHub tells it."""
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}" if self.state == "uploaded" else None


AssetState = tuple[str, str | None, str]


@dataclass
class Release:
    """A release. `history` has what its assets were after each change of them, beginning with those it started with."""

    id: int
    tag: str
    sha: str
    draft: bool = False
    prerelease: bool = False
    immutable: bool = False
    name: str | None = None
    body: str | None = None
    created_at: str = field(default_factory=now)
    assets: list[Asset] = field(default_factory=list)
    history: list[list[AssetState]] = field(default_factory=list)

    def remember(self) -> None:
        """Notes what the assets are now."""
        self.history.append([(asset.name, asset.digest, asset.state) for asset in self.assets])


@dataclass
class Run:
    """A run of a workflow."""

    id: int
    head_sha: str
    head_branch: str
    head_repository: str
    event: str
    conclusion: str
    name: str = "onnx-convert"
    created_at: str = field(default_factory=now)


@dataclass
class Artifact:
    """A zip file that a run of a workflow left."""

    id: int
    run_id: int
    name: str
    content: Base64UrlBytes
    expired: bool = False
    created_at: str = field(default_factory=now)

    @property
    def digest(self) -> str:
        """The digest as GitHub tells it."""
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"


@dataclass
class Tag:
    """A tag: of a commit, or with an object of its own (`object_sha`) if annotated."""

    name: str
    sha: str
    object_sha: str | None = None
    message: str = ""


@dataclass
class State:
    """One repository, and who may do what in it."""

    repository: str = "octo-org/models"
    private: bool = False
    default_branch: str = "main"
    identities: dict[str, Identity] = field(default_factory=dict)  # by token
    pulls: dict[int, Pull] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    check_runs: dict[int, CheckRun] = field(default_factory=dict)
    releases: dict[int, Release] = field(default_factory=dict)
    asset_limit: int = 1000  # how many a release may have
    immutable_releases: bool = False  # whether a release becomes immutable when it is published
    older_server: bool = (
        False  # an Enterprise Server that tells no digests of assets, nor whether comments are minimised
    )
    tags: dict[str, Tag] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    commits: list[str] = field(default_factory=list)
    runs: dict[int, Run] = field(default_factory=dict)
    artifacts: dict[int, Artifact] = field(default_factory=dict)
    next_id: int = 1_000_001

    def knows(self, sha: str) -> bool:
        """Whether the repository has a commit, of its own or of a pull request."""
        pulls = {one for it in self.pulls.values() for one in (it.head_sha, it.base_sha)}
        others = {it.sha for it in self.tags.values()} | {it.head_sha for it in self.runs.values()}
        return sha in pulls | others | set(self.branches.values()) | set(self.commits)

    def new_id(self) -> int:
        """A number that nothing here has yet."""
        self.next_id += 1
        return self.next_id
