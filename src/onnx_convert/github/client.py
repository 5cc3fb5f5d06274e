"""PyGithub with patience: every request is repeated where that is safe, for as long as the job's budget lasts.

    github = connect(context, Patience())
    with github.asking(COMMENT):
        github.repository.get_issue(3).create_comment("…")

What is created with POST may exist although the answer was lost; `ensure` looks before it repeats.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar
from urllib.parse import urlsplit

from github import Auth
from github.Repository import Repository
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester

from onnx_convert import __version__
from onnx_convert.diagnostics import diagnose
from onnx_convert.github.patience import FAULTS
from onnx_convert.github.refusal import RefusedError, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from onnx_convert.github.context import Context
    from onnx_convert.github.patience import Patience
    from onnx_convert.github.permission import Permission

T = TypeVar("T")

TIMEOUT = 30
"""Seconds that a connection, or a pause within an answer, may take."""


class PatientRequester(Requester):
    """Repeats what failed: a request that was surely not done, and any that may be done twice, which POST may not."""

    def __init__(self, patience: Patience, **options: Any) -> None:
        super().__init__(**options)
        self.patience = patience
        self._timeout = options["timeout"]
        self._insisting = False

    def insist(self, action: Callable[[], T], *, repeatable: bool) -> T:
        """As Patience's. Of those within each other only the outermost repeats: it knows what to look at before."""
        if self._insisting:
            return action()
        self._insisting = True
        try:
            return self.patience.insist(action, repeatable=repeatable)
        finally:
            self._insisting = False

    def requestJsonAndCheck(self, verb: str, *arguments: Any, **options: Any) -> tuple[dict[str, Any], Any]:  # noqa: N802 - PyGithub's name
        """As Requester's, with patience."""
        send = super().requestJsonAndCheck
        return self.insist(lambda: send(verb, *arguments, **options), repeatable=verb != "POST")

    def requestMemoryBlobAndCheck(  # noqa: N802 - PyGithub's
        self,
        verb: str,
        url: str,
        parameters: Any,
        headers: dict[str, Any],
        file_like: BinaryIO,
        cnx: HTTPRequestsConnectionClass | HTTPSRequestsConnectionClass | None = None,
    ) -> tuple[dict[str, Any], Any]:
        """As Requester's, once, since the file is read. PyGithub gives hosts of uploads no time-out; this does."""
        where = urlsplit(url)
        made = HTTPSRequestsConnectionClass if where.scheme == "https" else HTTPRequestsConnectionClass
        cnx = cnx or made(where.hostname or "", where.port, timeout=self._timeout)
        return super().requestMemoryBlobAndCheck(verb, url, parameters, headers, file_like, cnx)


class GitHub:
    """The repository of a context, spoken to with its token and one budget of patience."""

    def __init__(self, context: Context, requester: PatientRequester) -> None:
        self.context = context
        self.requester = requester
        self.patience = requester.patience

    @cached_property
    def repository(self) -> Repository:
        """The repository; nothing is asked for it until one of its attributes is."""
        return Repository(self.requester, url=f"/repos/{self.context.repository}")

    @cached_property
    def login(self) -> str:
        """Whose the token is, as comments name their author: `github-actions[bot]` for a workflow's own.

        By GraphQL, since REST's `GET /user` is closed to tokens of apps
        (https://docs.github.com/en/rest/users/users#get-the-authenticated-user).
        """
        return str(self.graphql("query { viewer { login } }")["viewer"]["login"])

    def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a query, or of a mutation that may happen twice. Raises one of FAULTS."""
        query_once = self.requester.graphql_query
        return dict(self.requester.insist(lambda: query_once(query, variables), repeatable=True)[1]["data"])

    def ensure(self, find: Callable[[], T | None], make: Callable[[], T]) -> T:
        """What `find` finds, or else what `make` makes, with a look before each repeat, of PATCH and DELETE too.

        Raises one of FAULTS.
        """

        def step() -> T:
            found = find()
            return make() if found is None else found

        return self.requester.insist(step, repeatable=True)

    @contextmanager
    def asking(self, permission: Permission) -> Iterator[None]:
        """Turns a failed request into the RefusedError that names what `permission` is for."""
        try:
            yield
        except FAULTS as error:
            raise refused(error, permission) from None


def connect(
    context: Context, patience: Patience, *, timeout: float = TIMEOUT, between: tuple[float, float] = (0.0, 1.0)
) -> GitHub:
    """Someone to speak to. `between` are the least seconds between requests, and between those that write.

    Nothing is sent yet. Raises RefusedError where the context has no token, or an address that is none.
    """
    if context.token is None:
        raise RefusedError(diagnose("OCA705", "there is no token to speak to GitHub with"))
    where = urlsplit(context.api_url)
    if where.scheme not in {"http", "https"} or not where.hostname:
        raise RefusedError(diagnose("OCA706", f"`{context.api_url}` is not the address of GitHub's API"))
    requester = PatientRequester(
        patience,
        auth=Auth.Token(context.token.get_secret_value()),
        base_url=context.api_url,
        timeout=timeout,
        user_agent=f"onnx-convert-action/{__version__}",
        per_page=100,
        verify=True,
        retry=0,
        pool_size=None,
        seconds_between_requests=between[0],
        seconds_between_writes=between[1],
        lazy=True,
    )
    return GitHub(context, requester)
