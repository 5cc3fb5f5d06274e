"""Two ways to ask the stand-in: plainly, and with PyGithub."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from github import Auth, Github
from github.Repository import Repository

from tests.github_stand_in import StandIn


@dataclass(frozen=True)
class Told:
    """An answer; `json` is None where there is none."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content) if self.content else None


def ask(
    url: str,
    method: str = "GET",
    body: object = None,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Told:
    """One request, on a connection of its own; no redirect is followed."""
    parts = urlsplit(url)
    sent = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request(method, parts._replace(scheme="", netloc="").geturl(), data, {**sent, **(headers or {})})
        answer = connection.getresponse()
        return Told(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


class Repo:
    """Plain requests below a repository of a stand-in, with one token."""

    def __init__(self, stand_in: StandIn, token: str | None = "") -> None:
        self.url = f"{stand_in.api_url}/repos/{stand_in.repository}"
        self.token = stand_in.token() if token == "" else token

    def __call__(self, path: str, method: str = "GET", body: object = None, **headers: str) -> Told:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(f"{self.url}/{path}", method, body, token=self.token, headers=named)


def client(stand_in: StandIn, api_url: str, token: str | None = None) -> Github:
    """PyGithub, without its pauses and its patience."""
    auth = Auth.Token(token or stand_in.token())
    return Github(auth=auth, base_url=api_url, seconds_between_requests=0, seconds_between_writes=0, retry=None)


def repository(stand_in: StandIn, token: str | None = None) -> Repository:
    """The stand-in's repository by PyGithub."""
    return client(stand_in, stand_in.api_url, token).get_repo(stand_in.repository)
