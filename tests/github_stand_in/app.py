"""From a request to its answer: who asks for what, whether it is allowed, and whether all of it is as described."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from . import actions, checks, comments, git, graphql, identity, pulls, releases
from .api import Answer, Call, Operation, RefusedError, Request, not_found
from .model import Identity, State
from .validation import Described, Limit, description

OPERATIONS: Mapping[str, Operation] = {
    **actions.OPERATIONS,
    **checks.OPERATIONS,
    **comments.OPERATIONS,
    **git.OPERATIONS,
    **identity.OPERATIONS,
    **pulls.OPERATIONS,
    **releases.OPERATIONS,
}


@dataclass
class Exchange:
    """What is kept of a request. `status` is None for one that got no answer, or half of one."""

    method: str
    path: str  # as sent, percent-encoded, with its prefix
    query: Mapping[str, str]
    authorized: bool
    operation: str | None = None
    login: str | None = None
    status: int | None = None
    fault: str | None = None


class App:
    """Answers one request after the other; who calls it holds the lock on the state."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.violations: list[str] = []

    def answer(self, request: Request, exchange: Exchange) -> Answer:
        """GitHub's answer, or 500 where request or answer are not as GitHub describes them."""
        before = len(self.violations)
        report = self._reporter(exchange)
        who = None
        try:
            who = self._who(request)
            exchange.login = who.login if who else None
            answer = self._answer(request, exchange, who, report)
        except RefusedError as refused:
            answer = refused.answer
        if len(self.violations) > before and answer.status not in (401, 403, 404):
            answer = Answer(500, {"message": "; ".join(self.violations[before:])})
        return replace(answer, headers={**identity.rate_headers(who), **answer.headers})

    def _reporter(self, exchange: Exchange) -> Callable[[str], None]:
        def report(problem: str) -> None:
            self.violations.append(f"{exchange.method} {exchange.path}: {problem}")

        return report

    def _answer(
        self, request: Request, exchange: Exchange, who: Identity | None, report: Callable[[str], None]
    ) -> Answer:
        if request.path == "/graphql" and request.method == "POST":
            exchange.operation = "graphql"
            return graphql.answer(Call(self.state, request, who, {}, {}, None), report)
        found = description().find(request.method, request.path)
        if found is None:
            report("no such operation is described, or none that the stand-in has")
            raise not_found()
        described, params = found
        exchange.operation = described.id
        operation = OPERATIONS[described.id]
        if not request.complete and not described.uploads:
            raise RefusedError(400, "Problems parsing JSON")
        query = description().query(described, request.query)
        body = _json(request) if not described.uploads else None
        problems = list(described.problems(query, request.headers.get("Content-Type", ""), body))
        limits = [problem.message for problem in problems if isinstance(problem, Limit)]
        for problem in problems:
            if isinstance(problem, str):
                report(problem)
        if len(problems) > len(limits):
            raise RefusedError(422, "Invalid request.")
        if "repo" in params and f"{params['owner']}/{params['repo']}" != self.state.repository:
            raise not_found()
        call = Call(self.state, request, who, params, query, body)
        _refuse_without_permission(call, operation)
        if limits:
            raise RefusedError(422, limits[0])
        return self._checked(described, operation, call, report)

    def _checked(self, described: Described, operation: Operation, call: Call, report: Callable[[str], None]) -> Answer:
        try:
            answer = operation.handler(call)
        except RefusedError as refused:
            answer = refused.answer
        for problem in described.answer_problems(answer.status, answer.body):
            report(problem)
        return answer

    def _who(self, request: Request) -> Identity | None:
        given = request.headers.get("Authorization")
        if given is None:
            return None
        scheme, _, token = given.partition(" ")
        who = self.state.identities.get(token)
        if scheme.lower() not in ("token", "bearer") or who is None:
            raise RefusedError(401, "Bad credentials")
        if request.path != "/rate_limit":
            identity.count(who)
        return who

    def look_for_tokens(self, target: str, exchange: Exchange) -> None:
        """A token has no place in a URL: those are logged on the way."""
        if any(token in unquote(target) for token in self.state.identities):
            exchange.path, exchange.query = "(a token)", {}
            self._reporter(exchange)("a token in a URL")

    def blob(self, path: str, exchange: Exchange) -> Answer:
        """The content of an asset or an artifact, from a URL that needs no token and must get none."""
        if exchange.authorized:
            self._reporter(exchange)("a token was sent to the storage of contents")
            return Answer(
                403, None, {"Content-Type": "application/xml"}, b"<Error><Code>AuthenticationFailed</Code></Error>"
            )
        kind, _, rest = path.strip("/").partition("/")
        number = rest.partition("/")[0]
        assets = {str(it.id): it for of in self.state.releases.values() for it in of.assets}
        found = assets.get(number) if kind == "assets" else self.state.artifacts.get(int(number or 0))
        if found is None:
            return Answer(404, None, {"Content-Type": "application/xml"}, b"<Error><Code>BlobNotFound</Code></Error>")
        return Answer(200, None, {"Content-Type": "application/octet-stream"}, found.content)


def _json(request: Request) -> Any:
    if not request.body:
        return None
    try:
        return json.loads(request.body)
    except ValueError:
        raise RefusedError(400, "Problems parsing JSON") from None


def _refuse_without_permission(call: Call, operation: Operation) -> None:
    """GitHub hides from strangers what is private, and refuses a token that lacks a permission.

    Reading what is public needs no permission there; here a token without any (`none`) is refused, as in a private
    repository, so that no client relies on being in a public one.
    """
    if call.state.private and call.identity is None and operation.level:
        raise not_found()
    if operation.level is None or (operation.level == "read" and call.identity is None):
        return
    if call.identity is None:
        raise RefusedError(401, "Requires authentication")
    if not any(call.may(one, operation.level) for one in operation.permissions):
        kind = "personal access token" if call.identity.kind == "user" else "integration"
        accepted = "; ".join(f"{one}={operation.level}" for one in operation.permissions)
        raise RefusedError(
            403, f"Resource not accessible by {kind}", headers={"X-Accepted-GitHub-Permissions": accepted}
        )
