"""Faults happen at the request that they are planned for, before or after the state changed."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.github_stand_in import Fault, StandIn
from tests.github_stand_in.faults import CONNECTION
from tests.unit.github_stand_in.asking import Repo, Told, ask

ANSWERS = {
    Fault.UNAUTHORIZED: 401,
    Fault.READ_ONLY: 403,
    Fault.SECONDARY: 403,
    Fault.SECONDARY_RETRY_AFTER: 403,
    Fault.PRIMARY: 403,
    Fault.NOT_FOUND: 404,
    Fault.CONFLICT: 409,
    Fault.UNPROCESSABLE: 422,
    Fault.TOO_MANY: 429,
    Fault.SERVER_ERROR: 500,
    Fault.BAD_GATEWAY: 502,
}


def comment(stand_in: StandIn) -> Told:
    return Repo(stand_in)("issues/1/comments", "POST", {"body": "text"})


def test_every_fault_is_an_answer_or_one_of_the_connection() -> None:
    assert set(ANSWERS) == set(Fault) - CONNECTION


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", list(ANSWERS))
def test_an_answer_comes_before_or_after_the_state_changed(stand_in: StandIn, kind: Fault, when: str) -> None:
    stand_in.add_pull(1)
    stand_in.fault(kind, at=2, when=when, wait_s=7)  # type: ignore[arg-type]
    statuses = [comment(stand_in).status for _ in range(3)]
    assert statuses == [201, ANSWERS[kind], 201]
    assert len(stand_in.comments(1)) == (3 if when == "after" else 2)
    assert [request.fault for request in stand_in.requests] == [None, kind, None]


def test_limits_say_how_long_to_wait_where_github_does(stand_in: StandIn) -> None:
    answers = {}
    for kind in (Fault.SECONDARY, Fault.SECONDARY_RETRY_AFTER, Fault.PRIMARY, Fault.TOO_MANY):
        stand_in.fault(kind, wait_s=7)
        answers[kind] = comment(stand_in)
    assert {kind: it.headers.get("Retry-After") for kind, it in answers.items()} == {
        Fault.SECONDARY: None,
        Fault.SECONDARY_RETRY_AFTER: "7",
        Fault.PRIMARY: None,
        Fault.TOO_MANY: "7",
    }
    assert answers[Fault.PRIMARY].headers["X-RateLimit-Remaining"] == "0"
    assert answers[Fault.SECONDARY].headers["X-RateLimit-Remaining"] != "0"
    assert "secondary rate limit" in answers[Fault.SECONDARY].json["message"]


def test_a_bad_gateway_answers_html(stand_in: StandIn) -> None:
    stand_in.fault(Fault.BAD_GATEWAY)
    assert comment(stand_in).content.startswith(b"<html>")


def told(
    connection: http.client.HTTPConnection,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Any:
    connection.request("POST" if body else "GET", path, body, headers or {})
    return json.loads(connection.getresponse().read())


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Fault.RESET, ConnectionResetError),
        (Fault.SHORT, http.client.IncompleteRead),
        (Fault.CUT, json.JSONDecodeError),
        (Fault.TIMEOUT, TimeoutError),
    ],
)
def test_a_connection_fails_as_planned(stand_in: StandIn, kind: Fault, error: type[Exception], when: str) -> None:
    stand_in.add_pull(1)
    stand_in.fault(kind, when=when)  # type: ignore[arg-type]
    connection = http.client.HTTPConnection(urlsplit(stand_in.api_url).netloc, timeout=0.2)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {stand_in.token()}"}
    with pytest.raises(error):
        told(connection, f"/repos/{stand_in.repository}/issues/1/comments", b'{"body": "text"}', headers)
    connection.close()
    assert len(stand_in.comments(1)) == (1 if when == "after" else 0)
    assert comment(stand_in).status == 201


@pytest.mark.parametrize("times", [1, None])
def test_a_port_is_closed_until_it_opens_again(stand_in: StandIn, times: int | None) -> None:
    stand_in.add_pull(1)
    stand_in.fault(Fault.REFUSED, at=2, times=times)
    kept = http.client.HTTPConnection(urlsplit(stand_in.api_url).netloc, timeout=5)
    assert told(kept, f"/repos/{stand_in.repository}")["full_name"] == stand_in.repository
    kept.auto_open = 0  # the connection that was kept is closed, and no other is opened
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        told(kept, f"/repos/{stand_in.repository}")
    kept.close()
    with pytest.raises(ConnectionRefusedError):
        comment(stand_in)
    if times is None:
        stand_in.clear_faults()
    assert eventually(lambda: comment(stand_in)).status == 201


def eventually(attempt: Callable[[], Told]) -> Told:
    while True:
        try:
            return attempt()
        except ConnectionRefusedError:
            continue


def test_a_fault_may_last(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    stand_in.fault(Fault.SERVER_ERROR, at=2, times=None)
    assert [comment(stand_in).status for _ in range(4)] == [201, 500, 500, 500]
    stand_in.clear_faults()
    assert comment(stand_in).status == 201


def test_an_upload_that_fails_in_the_middle_leaves_an_empty_asset(stand_in: StandIn) -> None:
    release = stand_in.add_release("v1")
    stand_in.fault(Fault.BAD_GATEWAY, when="partly")
    assert Repo(stand_in)(f"releases/{release.id}/assets?name=model.onnx", "POST", b"content").status == 502
    assert [(it.name, it.state, it.content) for it in stand_in.assets("v1").values()] == [
        ("model.onnx", "starter", b"")
    ]


def test_a_client_that_goes_away_in_the_middle_of_an_upload_leaves_an_empty_asset(stand_in: StandIn) -> None:
    release = stand_in.add_release("v1")
    path = f"/repos/{stand_in.repository}/releases/{release.id}/assets?name=model.onnx"
    with socket.create_connection(("127.0.0.1", stand_in.port)) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
        connection.sendall(f"{head}Authorization: Bearer {stand_in.token()}\r\n\r\n".encode() + b"a part")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""  # dropped, and by then it is known
    assert [(it.name, it.state) for it in stand_in.assets("v1").values()] == [("model.onnx", "starter")]


def test_a_client_that_goes_away_before_its_comment_arrived_left_none(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    with socket.create_connection(("127.0.0.1", stand_in.port)) as connection:
        head = f"POST /repos/{stand_in.repository}/issues/1/comments HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
        connection.sendall(f"{head}Authorization: Bearer {stand_in.token()}\r\n\r\n".encode() + b'{"body": "te')
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert stand_in.comments(1) == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_client_is_killed_at_a_request(stand_in: StandIn, when: str) -> None:
    stand_in.add_pull(1)
    code = "import sys, urllib.request as r; r.urlopen(r.Request(sys.argv[1], b'{\"body\": \"text\"}', {'Authorization': sys.argv[2], 'Content-Type': 'application/json'}))"  # noqa: E501
    url = f"{stand_in.api_url}/repos/{stand_in.repository}/issues/1/comments"
    stand_in.fault(Fault.CALL, when=when, call=lambda: os.kill(client.pid, signal.SIGKILL))  # type: ignore[arg-type]
    client = subprocess.Popen([sys.executable, "-c", code, url, f"Bearer {stand_in.token()}"])
    assert client.wait() == -signal.SIGKILL
    assert len(stand_in.comments(1)) == (1 if when == "after" else 0)
    assert ask(url).status == 200
