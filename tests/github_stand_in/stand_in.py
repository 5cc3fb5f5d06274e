"""The stand-in as tests see it: a world behind a server, with faults between. `__init__` tells how to use it."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Self

from .api import Answer, Request
from .app import App as Application
from .app import Exchange
from .faults import Fault, Faults, Planned, When
from .server import BlobHandler, Handler, Port
from .world import World

CLOSED_S = 0.1


class StandIn(World):
    """A running stand-in for GitHub with one repository."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        blob_port: int = 0,
        *,
        repository: str = "octo-org/models",
        state_file: Path | None = None,
    ) -> None:
        super().__init__(repository, state_file)
        self._app = Application(self.state)
        self._faults = Faults()
        self._reopen: threading.Timer | None = None
        self.stopped = False
        self.requests: list[Exchange] = []
        self._host = host
        self._port = Port(host, port, partial(Handler, self))
        self._blob_port = Port(host, blob_port, partial(BlobHandler, self))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the server and every connection."""
        self.stopped = True
        if self._reopen:
            self._reopen.cancel()
        self._port.stop()
        self._blob_port.stop()

    # Where it is

    @property
    def api_url(self) -> str:
        """As GITHUB_API_URL is on github.com."""
        return f"http://{'127.0.0.1' if self._host == '0.0.0.0' else self._host}:{self._port.number}"

    @property
    def graphql_url(self) -> str:
        """As GITHUB_GRAPHQL_URL is on github.com."""
        return f"{self.api_url}/graphql"

    @property
    def enterprise_api_url(self) -> str:
        """As GITHUB_API_URL is on an Enterprise Server."""
        return f"{self.api_url}/api/v3"

    @property
    def enterprise_graphql_url(self) -> str:
        """As GITHUB_GRAPHQL_URL is on an Enterprise Server."""
        return f"{self.api_url}/api/graphql"

    @property
    def port(self) -> int:
        """The port of the API."""
        return self._port.number

    @property
    def blob_port(self) -> int:
        """The port of the storage of contents."""
        return self._blob_port.number

    @property
    def violations(self) -> list[str]:
        """What was not as GitHub describes it."""
        return self._app.violations

    # What goes wrong

    def fault(
        self,
        kind: Fault,
        *,
        at: int = 1,
        when: When = "before",
        times: int | None = 1,
        call: Callable[[], None] | None = None,
        wait_s: int = 1,
    ) -> None:
        """Plans a fault at the `at`-th request from now. `wait_s` is what Retry-After and rate limits tell to wait."""
        with self._lock:
            self._faults.plan(Planned(kind, at, times, when, call, wait_s))
        self.refuse_next()

    def clear_faults(self) -> None:
        """Ends all faults."""
        with self._lock:
            self._faults.clear()
        if self._reopen:
            self._reopen.cancel()
        self._port.listen()

    # What the server asks

    def arrived(self, target: str, exchange: Exchange) -> Planned | None:
        """Notes a request, and gives the fault that it meets."""
        with self._lock:
            self._app.look_for_tokens(target, exchange)
            self.requests.append(exchange)
            fault = self._faults.next()
            exchange.fault = fault.kind if fault else None
            return fault

    def answer(self, request: Request, exchange: Exchange, *, blobs: bool) -> Answer:
        """Answers a request; one after the other."""
        with self._lock:
            answer = self._app.blob(request.path, exchange) if blobs else self._app.answer(request, exchange)
            if request.method != "GET":
                self._save()
            return answer

    def refuse_next(self) -> bool:
        """Closes the port if the next request is to be refused, for a moment or until faults are cleared."""
        with self._lock:
            fault = self._faults.closed()
            if fault is None:
                return False
            self._port.refuse()
            if fault.times is not None:
                self._reopen = threading.Timer(CLOSED_S, self._open_again, (fault,))
                self._reopen.daemon = True
                self._reopen.start()
            return True

    def _open_again(self, fault: Planned) -> None:
        with self._lock:
            self._faults.skip(fault)
            if not self.stopped:
                self._port.listen()
