"""PyGithub with patience: every request is repeated where that is safe, for as long as the job's budget lasts.

    github = connect(context, Patience())
    with github.asking(COMMENT):
        github.repository.get_issue(3).create_comment("…")

What is created with POST may exist although the answer was lost; `ensure` looks before it repeats.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from copy import deepcopy
from functools import cached_property
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar
from urllib.parse import urlsplit

from github import Auth, GithubException
from github.Repository import Repository
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester
from pydantic import SecretStr

from onnx_convert import __version__
from onnx_convert.diagnostics import diagnose
from onnx_convert.github.patience import FAULTS
from onnx_convert.github.refusal import AstrayError, RefusedError, refused
from onnx_convert.github.traces import without_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from urllib.parse import SplitResult

    from onnx_convert.github.context import Context
    from onnx_convert.github.patience import Patience
    from onnx_convert.github.permission import Permission
    from onnx_convert.report.model import Diagnostic

T = TypeVar("T")

TIMEOUT = 30
"""Seconds that a connection, or a pause within an answer, may take."""


_GRAPHQL = {"RATE_LIMITED": 429, "FORBIDDEN": 403, "INSUFFICIENT_SCOPES": 403}
"""What REST would answer to what GraphQL calls an error."""

_STORED = 16 * 2**20
"""Bytes of an asset for which a second more is waited for the answer."""

_TOKEN = re.compile(r"[\x21-\x7e]+")


class PatientRequester(Requester):
    """Repeats what failed: a request that was surely not done, and any that may be done twice, which POST may not."""

    def __init__(self, patience: Patience, **options: Any) -> None:
        super().__init__(**options)
        self.patience = patience
        self.timeout = options["timeout"]
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
        return self.insist(
            # PyGithub puts the token into the headers that it is given, which are the caller's.
            lambda: _straight(lambda: send(verb, *deepcopy(arguments), **deepcopy(options))),
            repeatable=verb != "POST",
        )

    def requestJson(self, verb: str, *arguments: Any, **options: Any) -> tuple[int, dict[str, Any], str]:  # noqa: N802 - PyGithub's name
        """As Requester's, which takes a redirection that it does not follow, and half an answer, for a good one."""
        status, headers, output = super().requestJson(verb, *arguments, **options)
        if status in {307, 308}:
            raise AstrayError(f"the answer leads to {headers.get('location', 'nowhere')}")
        if status in {200, 201} and not output.lstrip().startswith(("{", "[")):
            raise JSONDecodeError("no JSON", "", 0)
        return status, headers, output

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
        if not self._trusts(where):
            raise AstrayError(f"the assets of the release are to be sent to {where.scheme}://{where.netloc}")
        # The answer comes when GitHub has stored it all.
        timeout = self.timeout + int(headers.get("Content-Length", 0)) / _STORED
        cnx = cnx or made(where.hostname or "", where.port, timeout=timeout)
        send = super().requestMemoryBlobAndCheck
        return _straight(lambda: send(verb, url, parameters, dict(headers), file_like, cnx))

    @classmethod
    def createException(cls, status: int, headers: dict[str, Any], output: Any) -> GithubException:  # noqa: N802 - PyGithub's
        """As Requester's, also of an answer that is no object, and of GraphQL's, whose status is always 200."""
        data = output if isinstance(output, dict) else {"message": str(output or "")}
        errors = data.get("errors")
        types = [str(one.get("type")) for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
        status = next((_GRAPHQL[one] for one in types if one in _GRAPHQL), status)
        if not isinstance(data.get("message"), str):
            data = data | {"message": ""}
        return super().createException(status, headers, data)

    def _trusts(self, where: SplitResult) -> bool:
        """Whether the token may go there: to the API's host and to those beside it, as safely as there."""
        host, domain = where.hostname or "", self.hostname.removeprefix("api.")
        return where.scheme in {"https", self.scheme} and (host == self.hostname or f".{host}".endswith(f".{domain}"))


def _straight(send: Callable[[], T]) -> T:
    """What a request gives. PyGithub asserts that it stays on its host, which is a fault like others here."""
    try:
        return without_frames(send)
    except (AssertionError, RuntimeError) as error:
        message = f"the answer leads away from the address of GitHub's API, to {error}"
    raise AstrayError(message)


class GitHub:
    """The repository of a context, spoken to with its token and one budget of patience.

    Requests through `unpaced` do not wait after one that wrote: for the second of two that have to follow at once.
    """

    def __init__(self, context: Context, requester: PatientRequester, unpaced: PatientRequester) -> None:
        self.context = context
        self.requester = requester
        self.unpaced = unpaced
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
    # No variable here holds the token as it is: a traceback may show the values of variables.
    token = context.token or SecretStr("")
    if wrong := _wrong(token):
        raise RefusedError(wrong)
    if not _is_address(context.api_url):
        shown = context.api_url.rpartition("@")[2]  # without a password
        raise RefusedError(diagnose("OCA706", f"`{shown}` is not the address of GitHub's API"))
    options = {
        "auth": Auth.Token(token.get_secret_value()),
        "base_url": context.api_url,
        "timeout": timeout,
        "user_agent": f"onnx-convert-action/{__version__}",
        "per_page": 100,
        "verify": True,
        "retry": 0,
        "pool_size": None,
        "lazy": True,
    }
    paced = PatientRequester(
        patience, seconds_between_requests=between[0], seconds_between_writes=between[1], **options
    )
    return GitHub(context, paced, PatientRequester(patience, **options))


def _wrong(token: SecretStr) -> Diagnostic | None:
    """What is wrong with a token. The text of requests' own exception for one with a line's end holds the token."""
    text = token.get_secret_value()
    if not text:
        return diagnose("OCA705", "there is no token to speak to GitHub with")
    if not _TOKEN.fullmatch(text):
        return diagnose("OCA701", "the token holds characters that no token has, such as a line's end")
    return None


def _is_address(url: str) -> bool:
    try:
        where = urlsplit(url)
        return where.scheme in {"http", "https"} and bool(where.hostname) and where.port != 0
    except ValueError:  # such as a port that is no number
        return False
