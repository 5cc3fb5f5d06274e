"""The client against a stand-in for GitHub, and against servers that misbehave, over real HTTP."""

from __future__ import annotations

import logging
import ssl
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import pytest
from pydantic import SecretStr

from onnx_convert.github.artifact import report_of
from onnx_convert.github.client import GitHub, connect
from onnx_convert.github.context import Context
from onnx_convert.github.download import download
from onnx_convert.github.patience import FAULTS, Patience
from onnx_convert.github.permission import COMMENT
from onnx_convert.github.refusal import RefusedError
from tests.github_stand_in import Fault, StandIn
from tests.github_stand_in.every_fault import every_fault

TOKEN = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"
Answer = tuple[int, Mapping[str, str], bytes]


def speak(url: str, token: str = TOKEN, *, patience: Patience | None = None, timeout: float = 30) -> GitHub:
    context = Context("octo-org/models", api_url=url, token=SecretStr(token))
    return connect(context, patience or Patience(5, first=0.001), timeout=timeout, between=(0.0, 0.0))


class Server:
    """A server that answers every request alike and remembers what it was sent."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], Answer], certificate: Path | None) -> None:
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.seen.append((self.command, self.path, dict(self.headers)))
                status, headers, body = answer(self)
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | dict(headers)).items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(BrokenPipeError):
                    self.wfile.write(body)

            do_POST = do_PATCH = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        if certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.url = f"https://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def serving(
    answer: Callable[[BaseHTTPRequestHandler], Answer] | Answer, certificate: Path | None = None
) -> Iterator[Server]:
    server = Server(answer if callable(answer) else lambda _: answer, certificate)
    try:
        yield server
    finally:
        server.close()


def read(github: GitHub) -> Any:
    return github.requester.requestJsonAndCheck("GET", f"/repos/{github.context.repository}/issues/1/comments")[1]


def post(github: GitHub) -> Any:
    return github.repository.get_issue(1).create_comment("hello").id


def upload(github: GitHub, host: str, file: BinaryIO) -> Any:
    headers = {"Content-Type": "application/octet-stream"}
    return github.requester.requestMemoryBlobAndCheck("POST", f"{host}/assets", {}, headers, file)


# Repeats


def test_a_request_that_only_reads_is_repeated(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    stand_in.add_comment(1, "hello")
    github = speak(stand_in.api_url, stand_in.token(), patience=Patience(9, first=0.05), timeout=1)
    for kind in (
        Fault.RESET,
        Fault.SHORT,
        Fault.CUT,
        Fault.SERVER_ERROR,
        Fault.BAD_GATEWAY,
        Fault.TIMEOUT,
        Fault.REFUSED,
    ):
        stand_in.fault(kind)
        assert read(github)[0]["body"] == "hello"


@pytest.mark.parametrize("kind", [Fault.RESET, Fault.SHORT, Fault.CUT, Fault.BAD_GATEWAY])
def test_a_request_that_makes_something_is_not_repeated_blindly(stand_in: StandIn, kind: Fault) -> None:
    stand_in.add_pull(1)
    github = speak(stand_in.api_url, stand_in.token())
    stand_in.fault(kind, when="after")
    with pytest.raises(FAULTS):
        post(github)
    assert len(stand_in.comments(1)) == 1


def test_limits_are_waited_for_even_by_what_makes_something(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    for kind in (Fault.SECONDARY, Fault.SECONDARY_RETRY_AFTER, Fault.PRIMARY, Fault.TOO_MANY):
        slept: list[float] = []
        github = speak(stand_in.api_url, stand_in.token(), patience=Patience(120, sleep=slept.append))
        stand_in.fault(kind, wait_s=20)
        assert post(github)
        assert len(slept) == 1
        assert slept[0] >= (60 if kind is Fault.SECONDARY else 19)


def test_a_rate_limit_that_is_used_up_is_no_lack_of_permission(stand_in: StandIn) -> None:
    token = stand_in.token()
    stand_in.limit(token, remaining=0, reset_s=3600)
    github = speak(stand_in.api_url, token)
    with pytest.raises(RefusedError) as refusal, github.asking(COMMENT):
        read(github)
    assert refusal.value.diagnostic.code == "OCA703"


def test_what_is_ensured_is_there_once_after_every_fault_at_every_request() -> None:
    def comment(stand_in: StandIn) -> None:
        github = speak(
            stand_in.api_url, stand_in.token(), patience=Patience(60, first=0.001, sleep=lambda _: None), timeout=1
        )
        issue = github.repository.get_issue(1)

        def find() -> Any:
            return next((one for one in issue.get_comments() if one.body == "hello"), None)

        with github.asking(COMMENT):
            github.ensure(find, lambda: issue.create_comment("hello"))

    bodies: Callable[[StandIn], list[str]] = lambda stand_in: [one.body for one in stand_in.comments(1)]  # noqa: E731
    every_fault(comment, bodies, lambda stand_in: stand_in.add_pull(1), failures=(RefusedError,))


# Answers that are none


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((200, {}, b""), "OCA700"),
        ((200, {"Content-Type": "text/html"}, b"<html>please log in</html>"), "OCA700"),
        ((200, {}, b'"text"'), "OCA700"),
        ((200, {}, b'{"a": '), "OCA700"),
        ((500, {}, b"[1, 2]"), "OCA700"),
        ((403, {}, b'["no"]'), "OCA702"),
        ((422, {}, b'{"message": ["no"], "errors": "none"}'), "OCA704"),
        ((404, {}, b"not here"), "OCA702"),
    ],
)
def test_any_answer_is_a_refusal_and_no_crash(answer: Answer, code: str) -> None:
    with serving(answer) as server:
        github = speak(server.url)
        with pytest.raises(RefusedError) as refusal, github.asking(COMMENT):
            post(github)
        assert refusal.value.diagnostic.code == code
        with pytest.raises(RefusedError), github.asking(COMMENT):
            read(github)


@pytest.mark.parametrize(
    ("kind", "code"), [("RATE_LIMITED", "OCA703"), ("FORBIDDEN", "OCA702"), ("INSUFFICIENT_SCOPES", "OCA702")]
)
def test_what_graphql_answers_with_200_is_what_rest_would_say(kind: str, code: str) -> None:
    body = b'{"data": null, "errors": [{"type": "%s", "message": "no"}]}' % kind.encode()
    with serving((200, {}, body)) as server:
        github = speak(server.url)
        with pytest.raises(RefusedError) as refusal, github.asking(COMMENT):
            github.login  # noqa: B018
    assert refusal.value.diagnostic.code == code


# Where the token goes


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("act", [read, post])
def test_no_other_host_is_given_the_token(status: int, act: Callable[[GitHub], Any]) -> None:
    with serving((200, {}, b"{}")) as other:
        target = other.url.replace("127.0.0.1", "localhost")
        with serving((status, {"Location": f"{target}/elsewhere"}, b"{}")) as server:
            github = speak(server.url)
            try:
                with github.asking(COMMENT):
                    act(github)
            except RefusedError as refusal:
                assert refusal.diagnostic.code == "OCA706"  # noqa: PT017
        assert not any("Authorization" in headers for _, _, headers in other.seen)
        assert not other.seen


def test_a_server_that_calls_itself_by_another_name_is_a_refusal_that_says_so() -> None:
    def second_page(request: BaseHTTPRequestHandler) -> Answer:
        return 200, {"Link": '<http://inner.example:8080/repos/a/b?page=2>; rel="next"'}, b'[{"id": 1}]'

    with serving(second_page) as server:
        github = speak(server.url)
        with pytest.raises(RefusedError) as refusal, github.asking(COMMENT):
            list(github.repository.get_issue(1).get_comments())
        assert refusal.value.diagnostic.code == "OCA706"


@pytest.mark.parametrize(
    "target",
    ["http://uploads.evil.example", "http://evil-127.0.0.1", "ftp://127.0.0.1", "http://127.0.0.1.evil.example"],
)
def test_uploads_go_to_no_foreign_host(target: str, tmp_path: Path) -> None:
    (tmp_path / "asset").write_bytes(b"x")
    with serving((200, {}, b"{}")) as server, (tmp_path / "asset").open("rb") as file:
        github = speak(server.url)
        with pytest.raises(RefusedError) as refusal, github.asking(COMMENT):
            upload(github, target, file)
        assert refusal.value.diagnostic.code == "OCA706"
        assert not server.seen


def test_a_proxy_is_used_and_a_netrc_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine api.example\nlogin else\npassword else\n")
    with serving((200, {}, b"[]")) as proxy:
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        monkeypatch.setenv("http_proxy", proxy.url)
        read(speak("http://api.example/api/v3"))
    ((_, path, headers),) = proxy.seen
    assert path.startswith("http://api.example:80/api/v3/repos/octo-org/models/issues/1/comments")
    assert headers["Authorization"] == f"token {TOKEN}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost, signed by itself as those of Enterprise Servers are, with its key in one file."""
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "cert", *names]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)
    (folder / "both").write_text((folder / "key").read_text() + (folder / "cert").read_text())
    return folder / "both"


def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_token_is_sent(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    with serving((200, {}, b"[]"), certificate) as server:
        github = speak(server.url, patience=Patience(0))
        with pytest.raises(RefusedError, match="its certificate is not trusted"), github.asking(COMMENT):
            read(github)
        assert not server.seen
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.with_name("cert")))
        assert read(github) == []


def test_uploads_that_nobody_answers_end(tmp_path: Path) -> None:
    (tmp_path / "asset").write_bytes(b"x")
    hold = threading.Event()

    def wait(request: BaseHTTPRequestHandler) -> Answer:
        hold.wait(20)
        return 200, {}, b"{}"

    with serving(wait) as server, (tmp_path / "asset").open("rb") as file:
        github = speak(server.url, timeout=0.5)
        with pytest.raises(RefusedError, match="did not answer in time"), github.asking(COMMENT):
            upload(github, server.url, file)
        hold.set()


# Where the token does not show


def frames(trace: TracebackType | None) -> str:
    """What a traceback shows that has the values of variables, but for those of this test."""
    shown = []
    while trace is not None:
        if trace.tb_frame.f_code.co_filename != __file__:
            shown += [f"{name} = {value!r}" for name, value in trace.tb_frame.f_locals.items()]
        trace = trace.tb_next
    return "\n".join(shown)


def everything(error: BaseException) -> str:
    """What can be seen of an exception, and of all behind it."""
    seen, texts = [error], []
    for one in seen:
        texts += [
            str(one),
            repr(one),
            repr(one.args),
            "".join(traceback.format_exception(one)),
            frames(one.__traceback__),
        ]
        texts += [f"{name}={getattr(value, '__dict__', value)}" for name, value in vars(one).items()]
        behind = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        seen += [each for each in behind if isinstance(each, BaseException) and each not in seen]
    return "\n".join(texts)


@pytest.mark.parametrize("kind", [kind for kind in Fault if kind is not Fault.CALL])
def test_no_fault_shows_the_token(stand_in: StandIn, kind: Fault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stand_in.add_pull(1)
    token = stand_in.token()
    github = speak(stand_in.api_url, token, patience=Patience(0), timeout=0.3 if kind is Fault.TIMEOUT else 30)
    listing: Callable[[GitHub], Any] = lambda github: list(github.repository.get_issue(1).get_comments())  # noqa: E731
    acts: tuple[Callable[[GitHub], Any], ...] = (
        *(listing, post, lambda github: github.graphql("query { viewer { login } }")),
        *(lambda github: download(github, 1, b"".join), lambda github: report_of(github, 1, "onnx-convert")),
    )
    # Contents are no JSON that could be cut.
    for act in acts[: 3 if kind is Fault.CUT else None]:
        stand_in.fault(kind, times=None)
        with pytest.raises(FAULTS) as fault:
            act(github)
        stand_in.clear_faults()
        assert token not in everything(fault.value)
        stand_in.fault(kind, times=None)
        with pytest.raises(RefusedError) as refusal, github.asking(COMMENT):
            act(github)
        stand_in.clear_faults()
        assert token not in everything(refusal.value)
    assert token not in caplog.text
    assert "urllib3" in caplog.text


def test_an_interrupt_in_the_middle_of_a_request_does_not_show_the_token() -> None:
    def interrupt(request: BaseHTTPRequestHandler) -> Answer:
        raise_in_main.set()
        hold.wait(20)
        return 200, {}, b"[]"

    raise_in_main, hold = threading.Event(), threading.Event()
    with serving(interrupt) as server:
        import signal  # noqa: PLC0415 - only here

        def send() -> None:
            raise_in_main.wait()
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        threading.Thread(target=send, daemon=True).start()
        with pytest.raises(KeyboardInterrupt) as ended:
            connect(
                Context("a/b", api_url=server.url, token=SecretStr(TOKEN)), Patience(0), timeout=20
            ).repository.get_issue(1).create_comment("x")
        hold.set()
    assert TOKEN not in everything(ended.value)


@pytest.mark.parametrize("token", [f"{TOKEN}\nX-Evil: 1", f"{TOKEN}é", f"{TOKEN} x", f"{TOKEN}\x00", "\u2028"])
def test_a_token_that_is_none_is_refused_before_it_is_sent_and_not_shown(token: str) -> None:
    with serving((200, {}, b"[]")) as server:
        with pytest.raises(RefusedError) as refusal:
            speak(server.url, token)
        assert refusal.value.diagnostic.code == "OCA701"
        assert token not in str(refusal.value) + repr(refusal.value.diagnostic)
        assert not server.seen


CRASHING = """
import logging, sys
from pydantic import SecretStr
from rich.traceback import install
from github import enable_console_debug_logging
from onnx_convert.github.client import connect
from onnx_convert.github.context import Context
from onnx_convert.github.patience import Patience
logging.basicConfig(level=logging.DEBUG)
enable_console_debug_logging()
install(show_locals=True, locals_max_length=10_000, locals_max_string=10_000, width=100_000)
token = sys.stdin.read()
context = Context("octo-org/models", api_url=sys.argv[1], token=SecretStr(token))
del token
github = connect(context, Patience(0), timeout=1)
print(context, repr(context), github, repr(github), github.requester, github.repository, vars(github))
for one in github.repository.get_issue(1).get_comments():
    print(one)
github.repository.get_issue(2).create_comment("x")
"""


def test_a_process_that_crashes_with_all_there_is_to_log_does_not_show_the_token(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    stand_in.add_comment(1, "hello")
    token = stand_in.token()
    done = subprocess.run(
        [sys.executable, "-c", CRASHING, stand_in.api_url], input=token, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "locals" in done.stderr
    assert "issues/1/comments" in done.stderr
    assert "UnknownObjectException" in done.stderr
    assert token not in done.stdout + done.stderr


def test_an_enterprise_server_is_spoken_to_below_its_own_address(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    for i in count():
        stand_in.add_comment(1, f"number {i}")
        if i == 120:
            break
    github = speak(stand_in.enterprise_api_url, stand_in.token())
    assert len(list(github.repository.get_issue(1).get_comments())) == 121
    assert github.login == "github-actions[bot]"
    assert post(github)
