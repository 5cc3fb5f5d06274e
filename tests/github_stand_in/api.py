"""What the topics share: a call of an operation, its answer, its refusal, and the permission that it takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from .model import Identity, State

DOCUMENTATION = "https://docs.github.com/rest"


@dataclass(frozen=True)
class Request:
    """A request as it came in. `complete` is false where the client was gone before its body had arrived."""

    method: str
    path: str  # percent-encoded, without the prefix under which the API is mounted
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    origin: str  # scheme, host and port as the client named them
    blobs: str  # the same for the storage of contents
    enterprise: bool = False
    complete: bool = True


@dataclass(frozen=True)
class Answer:
    """What is sent back: a JSON value, or bytes of a type, or nothing."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None


class RefusedError(Exception):
    """GitHub's answer to what it does not do."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: Sequence[Mapping[str, object] | str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        body = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}
        self.answer = Answer(status, {**body, "errors": list(errors)} if errors else body, headers or {})


def not_found() -> RefusedError:
    """There is no such thing, or none that this token may see."""
    return RefusedError(404, "Not Found")


@dataclass(frozen=True)
class Call:
    """One call of an operation: whose, on what, with what."""

    state: State
    request: Request
    identity: Identity | None
    params: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any

    @property
    def origin(self) -> str:
        """Where pages for people are."""
        return self.request.origin

    @property
    def api(self) -> str:
        """Where the API is."""
        return self.request.origin + ("/api/v3" if self.request.enterprise else "")

    @property
    def repo(self) -> str:
        """Where the repository is in the API."""
        return f"{self.api}/repos/{self.state.repository}"

    @property
    def uploads(self) -> str:
        """Where the repository is for uploads."""
        below = "/api/uploads" if self.request.enterprise else ""
        return f"{self.request.origin}{below}/repos/{self.state.repository}"

    @property
    def author(self) -> Identity:
        """Who asks, in an operation that nobody may call without a token."""
        assert self.identity is not None
        return self.identity

    def may(self, permission: str, level: Literal["read", "write"]) -> bool:
        """Whether the token has a permission."""
        held = self.identity.permissions.get(permission, "none") if self.identity else "none"
        return held == "write" or (held == "read" and level == "read")

    def page(self, items: Sequence[Any], render: Callable[[Any], Any], wrap: str | None = None) -> Answer:
        """One page of items, with links to the others; under a key beside the total where `wrap` names one."""
        size, number = min(int(self.query.get("per_page", 30)), 100) or 30, max(int(self.query.get("page", 1)), 1)
        last = max((len(items) + size - 1) // size, 1)
        shown = [render(item) for item in items[(number - 1) * size : number * size]]
        links: dict[str, int] = {}
        if number > 1:
            links |= {"prev": number - 1, "first": 1}
        if number < last:
            links |= {"next": number + 1, "last": last}
        headers = (
            {"Link": ", ".join(f'<{self._page(at)}>; rel="{name}"' for name, at in links.items())} if links else {}
        )
        return Answer(200, {"total_count": len(items), wrap: shown} if wrap else shown, headers)

    def _page(self, number: int) -> str:
        query = {**self.request.query, "page": str(number)}
        return f"{self.api}{self.request.path}?" + "&".join(f"{key}={quote(value)}" for key, value in query.items())


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Operation:
    """An operation, and the permissions any one of which it takes. Without `level` anybody may call it."""

    handler: Handler
    level: Literal["read", "write"] | None = None
    permissions: tuple[str, ...] = ()


def reads(handler: Handler, *permissions: str) -> Operation:
    """An operation for who may read one of these."""
    return Operation(handler, "read", permissions)


def writes(handler: Handler, *permissions: str) -> Operation:
    """An operation for who may write one of these."""
    return Operation(handler, "write", permissions)
