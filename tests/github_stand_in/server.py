"""HTTP: ports that can be closed for a moment, and connections on which a fault can happen."""

import contextlib
import json
import re
import select
import socket
import struct
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qsl, urlsplit

from .api import Answer, Request
from .app import Exchange
from .faults import CONNECTION, Fault, Planned

if TYPE_CHECKING:
    from .stand_in import StandIn

_UPLOAD = re.compile(r"/releases/\d+/assets$")
# What answers say of the rate limit that do not come from it, such as that a secondary limit is reached.
_UNTOUCHED = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4999", "X-RateLimit-Resource": "core"}
_NO_LINGER = struct.pack("ii", 1, 0)  # closing such a socket resets the connection


class DroppedError(Exception):
    """The connection is to be closed as it is."""


class Port:
    """A port that listens, and that can stop listening without anybody else getting it."""

    def __init__(self, host: str, port: int, serve: Callable[["Port", socket.socket], object]) -> None:
        self._serve = serve
        self._socket = _bound(host, port)
        self.number: int = self._socket.getsockname()[1]
        self._open, self._stopped = threading.Event(), False
        self._idle: set[socket.socket] = set()
        self._every: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def listen(self) -> None:
        """Takes connections, again."""
        self._socket.listen(128)
        self._open.set()

    def refuse(self) -> None:
        """Refuses connections from now on, and closes those on which nothing happens. Linux keeps the port bound."""
        # Shut down a second time, Linux would have connections shut down from birth once the socket listens again.
        if self._open.is_set():
            self._open.clear()
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        with self._lock:
            for one in self._idle:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Ends all."""
        self._stopped = True
        self.refuse()
        self._open.set()
        with self._lock:
            for one in self._every:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    @contextlib.contextmanager
    def busy(self, connection: socket.socket) -> Iterator[None]:
        """While this lasts, `refuse` leaves the connection alone."""
        with self._lock:
            self._idle.discard(connection)
        try:
            yield
        finally:
            with self._lock:
                self._idle.add(connection)

    def _accept(self) -> None:
        while not self._stopped:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                self._open.wait()
                continue
            threading.Thread(target=self._connection, args=(connection,), daemon=True).start()

    def _connection(self, connection: socket.socket) -> None:
        with self._lock:
            self._idle.add(connection)
            self._every.add(connection)
        try:
            # A client that goes away, killed or out of patience, is no business of the server.
            with contextlib.suppress(OSError, DroppedError):
                self._serve(self, connection)
        finally:
            with self._lock:
                self._idle.discard(connection)
                self._every.discard(connection)
            connection.close()


def _bound(host: str, port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    if port:
        return made
    # Linux gives a port that it chose itself back when the socket stops listening; one that was asked for stays.
    with made:
        return _bound(host, made.getsockname()[1])


class Handler(BaseHTTPRequestHandler):
    """The requests of one connection."""

    protocol_version = "HTTP/1.1"
    server_version = "GitHub.com"
    sys_version = ""
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 60
    blobs: ClassVar[bool] = False

    def __init__(self, stand_in: "StandIn", port: Port, connection: socket.socket) -> None:
        self.stand_in = stand_in
        self.port = port
        super().__init__(connection, connection.getpeername(), None)  # type: ignore[arg-type]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The log is `StandIn.requests`."""

    def do_GET(self) -> None:
        """Any request."""
        with self.port.busy(self.connection):
            self._exchange()
        if self.stand_in.refuse_next():
            raise DroppedError

    do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815

    def _exchange(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        exchange = Exchange(self.command, parts.path, query, "Authorization" in self.headers)
        fault = self.stand_in.arrived(self.path, exchange)
        if fault and fault.kind is Fault.REFUSED:
            raise DroppedError
        if fault and fault.kind is Fault.RESET and fault.when == "before":
            self._read(half=True)
            self._reset(b"")
        body, complete = self._read()
        answer = None
        if not fault or fault.when == "after":
            answer = self._answer(self._request(parts.path, query, body, complete), exchange)
        elif fault.when == "partly" and self.command == "POST" and _UPLOAD.search(parts.path):
            self._answer(self._request(parts.path, query, b"", complete=False), exchange)
        if not complete:
            raise DroppedError
        if fault is None:
            assert answer is not None
            self._send(answer, exchange)
        else:
            self._fail(fault, answer, exchange)

    def _request(self, path: str, query: Mapping[str, str], body: bytes, complete: bool) -> Request:
        host = self.headers.get("Host", "")
        prefix = next((one for one in ("/api/v3", "/api/uploads") if path.startswith(f"{one}/")), "")
        prefix = "/api" if path == "/api/graphql" else prefix
        blobs = f"http://{host.partition(':')[0]}:{self.stand_in.blob_port}"
        path = path.removeprefix(prefix)
        headers = self.headers
        return Request(self.command, path, query, headers, body, f"http://{host}", blobs, bool(prefix), complete)  # type: ignore[arg-type]

    def _answer(self, request: Request, exchange: Exchange) -> Answer:
        try:
            return self.stand_in.answer(request, exchange, blobs=self.blobs)
        except Exception:
            self.stand_in.violations.append(traceback.format_exc())
            return Answer(500, {"message": "the stand-in failed"})

    def _read(self, *, half: bool = False) -> tuple[bytes, bool]:
        length = int(self.headers.get("Content-Length") or 0)
        try:
            body = self.rfile.read(length // 2 if half else length)
        except OSError:
            return b"", False
        return body, len(body) == length

    def _fail(self, fault: Planned, answer: Answer | None, exchange: Exchange) -> None:
        exchange.status = None
        if fault.kind not in CONNECTION:
            self._send(fault.answer(), exchange)
            return
        head, body = self._rendered(
            answer or Answer(200, {"message": "an answer that never arrives as a whole"}), exchange
        )
        exchange.status = None
        match fault.kind:
            case Fault.RESET:
                self._reset((head + body)[: len(head + body) // 2])
            case Fault.SHORT:
                self._write(head + body[: len(body) // 2])
            case Fault.CUT:
                text = (body or b'{"message"')[: max(len(body) // 2, 1)]
                self._send(Answer(200, None, {"Content-Type": "application/json; charset=utf-8"}, text), exchange)
                return
            case Fault.CALL:
                assert fault.call is not None
                fault.call()
            case _:
                # Until the client loses its patience, or the test is over.
                while not self.stand_in.stopped and not select.select([self.connection], [], [], 0.05)[0]:
                    pass
        raise DroppedError

    def _send(self, answer: Answer, exchange: Exchange) -> None:
        head, body = self._rendered(answer, exchange)
        self._write(head + body)

    def _write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def _rendered(self, answer: Answer, exchange: Exchange) -> tuple[bytes, bytes]:
        content = answer.content
        if content is None:
            content = b"" if answer.body is None else json.dumps(answer.body).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"} if answer.body is not None else {}
        headers |= {"Server": "GitHub.com", "X-GitHub-Request-Id": f"{id(exchange):X}"}
        headers |= {"Date": self.date_time_string()} | ({} if self.blobs else _UNTOUCHED)
        headers |= answer.headers
        if answer.status != 204:
            headers["Content-Length"] = str(len(content))
        exchange.status = answer.status
        lines = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('',))[0]}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode(), b"" if self.command == "HEAD" else content

    def _reset(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self._write(data)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        raise DroppedError


class BlobHandler(Handler):
    """The requests to where contents are."""

    blobs = True
