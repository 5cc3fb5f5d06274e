"""What there is in the stand-in: put there, and looked at, by tests."""

import copy
import hashlib
import io
import secrets
import tempfile
import threading
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from .identity import user_id
from .model import (
    ACTIONS_APP,
    App,
    Artifact,
    Asset,
    AssetState,
    CheckRun,
    Comment,
    Identity,
    Level,
    Pull,
    Release,
    Run,
    State,
    Tag,
)
from .releases import normalised

ACTIONS = App(ACTIONS_APP, "github-actions", "GitHub Actions")
OTHER = App(900_001, "models-bot", "Models bot")
_STATE: TypeAdapter[State] = TypeAdapter(State)
_PERMISSIONS: dict[str, Level] = {
    "contents": "write",
    "issues": "write",
    "pull_requests": "write",
    "checks": "write",
    "actions": "read",
}
_AUTHORS = {"actions": "github-actions[bot]", "app": "models-bot[bot]", "user": "octocat"}
_PREFIXES = {"actions": "ghs_", "app": "ghs_", "user": "github_pat_"}


class World:
    """A repository and who may do what in it, kept in a file where there is one."""

    def __init__(self, repository: str, state_file: Path | None) -> None:
        self._state_file = state_file
        if state_file and state_file.exists():
            self.state = _STATE.validate_json(state_file.read_bytes())
        else:
            self.state = State(repository)
        self._secret = secrets.token_hex()
        self._lock = threading.RLock()

    @property
    def repository(self) -> str:
        """The repository, as OWNER/NAME."""
        return self.state.repository

    # Who asks

    def token(
        self, kind: str = "actions", *, read_only: bool = False, login: str | None = None, **permissions: Level
    ) -> str:
        """A token of a job ("actions"), a person ("user") or another app ("app"), with the usual permissions but these.

        For the same the same; so a forked child may ask for one that was asked for before.
        """
        held: dict[str, Level] = {**_PERMISSIONS, **permissions}
        if read_only:
            held = {name: "none" if level == "none" else "read" for name, level in held.items()}
        login = login or _AUTHORS[kind]
        app = {"actions": ACTIONS, "app": OTHER}.get(kind)
        said = repr((self._secret, login, sorted(held.items())))
        token = _PREFIXES[kind] + hashlib.sha256(said.encode()).hexdigest()[:36]
        with self._lock:
            if token in self.state.identities:
                return token
            reset = int(time.time()) + 3600
            self.state.identities[token] = Identity(login, user_id(login), kind, held, app, reset=reset)  # type: ignore[arg-type]
            self._save()
        return token

    def limit(self, token: str, *, remaining: int, reset_s: int = 60) -> None:
        """Sets what is left of a token's rate limit, and in how many seconds it starts anew."""
        with self._lock:
            who = self.state.identities[token]
            who.remaining, who.reset = remaining, int(time.time()) + reset_s

    # What is there

    def add_commit(self, sha: str) -> None:
        """A commit that check runs may be on."""
        with self._lock:
            self.state.commits.append(sha)
            self._save()

    def add_pull(
        self,
        number: int | None = None,
        *,
        head_sha: str = "a" * 40,
        head_branch: str = "feature",
        head_repository: str | None = "",
        base_sha: str = "b" * 40,
        **more: Any,
    ) -> Pull:
        """A pull request from the repository itself, from the fork `head_repository`, or (None) from a deleted one."""
        with self._lock:
            number = number or max(self.state.pulls, default=0) + 1
            source = self.state.repository if head_repository == "" else head_repository
            made = Pull(number, head_sha, head_branch, source, base_sha, **more)
            self.state.pulls[number] = made
            self._save()
            return made

    def add_comment(self, number: int, body: str, *, author: str = "octocat", minimized: str | None = None) -> Comment:
        """A comment of anybody; `minimized` is the reason, such as "outdated"."""
        with self._lock:
            app = {"github-actions[bot]": ACTIONS, "models-bot[bot]": OTHER}.get(author)
            made = Comment(self.state.new_id(), number, author, body, app, minimized)
            self.state.comments[made.id] = made
            self._save()
            return made

    def add_check_run(self, sha: str, name: str, *, app: str = "actions", **more: Any) -> CheckRun:
        """A check run of GitHub Actions ("actions") or of another app ("app")."""
        with self._lock:
            self.state.commits.append(sha)
            made = CheckRun(self.state.new_id(), sha, name, ACTIONS if app == "actions" else OTHER, **more)
            self.state.check_runs[made.id] = made
            self._save()
            return made

    def add_release(
        self,
        tag: str,
        *,
        sha: str = "c" * 40,
        annotated: bool = False,
        assets: Mapping[str, bytes] | None = None,
        **more: Any,
    ) -> Release:
        """A release and, unless it is a draft, its tag. More are `draft`, `prerelease`, `immutable`, `name`, `body`."""
        with self._lock:
            made = Release(self.state.new_id(), tag, sha, **more)
            self.state.releases[made.id] = made
            if not made.draft:
                self.add_tag(tag, sha, annotated=annotated)
            for name, content in (assets or {}).items():
                made.assets.append(self._asset(name, content, "uploaded"))
            made.remember()
            self._save()
            return made

    def add_asset(self, tag: str, name: str, content: bytes = b"", *, state: str = "uploaded") -> Asset:
        """An asset of a release, or (state "starter") what an upload left that broke off."""
        with self._lock:
            release, made = self._release(tag), self._asset(name, content, state)
            release.assets.append(made)
            release.remember()
            self._save()
            return made

    def _asset(self, name: str, content: bytes, state: str) -> Asset:
        kind = "application/octet-stream"
        return Asset(self.state.new_id(), normalised(name), None, kind, content, state, "octocat")  # type: ignore[arg-type]

    def add_tag(self, name: str, sha: str, *, annotated: bool = False) -> Tag:
        """A tag; an annotated one has an object of its own, which `git/ref` names instead of the commit."""
        with self._lock:
            made = Tag(name, sha, f"{user_id(name):040x}" if annotated else None, name)
            self.state.tags[name] = made
            self._save()
            return made

    def add_branch(self, name: str, sha: str) -> None:
        """A branch."""
        with self._lock:
            self.state.branches[name] = sha
            self._save()

    def add_run(
        self,
        run_id: int | None = None,
        *,
        head_sha: str = "a" * 40,
        head_branch: str = "feature",
        head_repository: str = "",
        event: str = "pull_request",
        conclusion: str = "success",
    ) -> Run:
        """A finished run of a workflow."""
        with self._lock:
            number = run_id or self.state.new_id()
            source = head_repository or self.state.repository
            made = Run(number, head_sha, head_branch, source, event, conclusion)
            self.state.runs[number] = made
            self._save()
            return made

    def add_artifact(
        self, run_id: int, name: str, content: bytes | Mapping[str, bytes], *, expired: bool = False
    ) -> Artifact:
        """An artifact: files, which are zipped, or bytes that are sent as they are."""
        with self._lock:
            data = content if isinstance(content, bytes) else _zipped(content)
            made = Artifact(self.state.new_id(), run_id, name, data, expired)
            self.state.artifacts[made.id] = made
            self._save()
            return made

    def lock(self, number: int, *, locked: bool = True) -> None:
        """Locks a conversation."""
        with self._lock:
            self.state.pulls[number].locked = locked
            self._save()

    def minimize(self, comment_id: int, reason: str = "outdated") -> None:
        """Hides a comment, as somebody may by hand."""
        with self._lock:
            self.state.comments[comment_id].minimized = reason
            self._save()

    def delete_comment(self, comment_id: int) -> None:
        """Deletes a comment, as somebody may by hand."""
        with self._lock:
            del self.state.comments[comment_id]
            self._save()

    # What came of it

    def comments(self, number: int) -> list[Comment]:
        """The comments of a conversation, oldest first."""
        with self._lock:
            return [copy.deepcopy(it) for it in self.state.comments.values() if it.number == number]

    def check_runs(self, sha: str) -> list[CheckRun]:
        """The check runs on a commit, oldest first."""
        with self._lock:
            return [copy.deepcopy(it) for it in self.state.check_runs.values() if it.head_sha == sha]

    def release(self, tag: str) -> Release:
        """The release of a tag, draft or not."""
        with self._lock:
            return copy.deepcopy(self._release(tag))

    def assets(self, tag: str) -> dict[str, Asset]:
        """The assets of a release by name."""
        return {it.name: it for it in self.release(tag).assets}

    def history(self, tag: str) -> list[frozenset[AssetState]]:
        """What the assets of a release were at first and after each change: (name, digest, state)."""
        return [frozenset(then) for then in self.release(tag).history]

    def _release(self, tag: str) -> Release:
        return next(it for it in self.state.releases.values() if it.tag == tag)

    def _save(self) -> None:
        if self._state_file is None:
            return
        with tempfile.NamedTemporaryFile(dir=self._state_file.parent, delete=False) as file:
            file.write(_STATE.dump_json(self.state, indent=1))
        Path(file.name).replace(self._state_file)


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
