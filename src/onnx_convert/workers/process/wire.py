"""Messages between core, template and warden: one JSON object a datagram, with file descriptors beside it.

The sockets are AF_UNIX SOCK_SEQPACKET pairs, so a message arrives whole or not at all and a closed peer reads as None.
"""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, dataclass
from typing import Any

MESSAGE_LIMIT = 2**17
"""Bytes of one message; below the kernel's default for a unix datagram (212,992)."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One job as the template is told of it. Three descriptors come with it: control, output, events.

    `uid` None keeps the user. `data_bytes` bounds what the job may allocate beyond the template's own memory
    (RLIMIT_DATA); `tasks` bounds processes and threads of the uid (RLIMIT_NPROC) where it has one of its own. `hidden`
    is what the job must not read.
    """

    module: str
    folder: str
    uid: int | None
    cwd: str
    environ: dict[str, str]
    layers: tuple[str, ...]
    search: tuple[str, ...]
    repository: str | None
    data_bytes: int | None
    tasks: int
    hidden: tuple[str, ...]


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected ends."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(channel: socket.socket, message: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
    """Send one message. Raises OSError when the peer is gone or the message is larger than the kernel takes."""
    socket.send_fds(channel, [json.dumps(message).encode()], descriptors)


def receive(channel: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next message and its descriptors; None when the peer is gone."""
    try:
        data, descriptors, _, _ = socket.recv_fds(channel, MESSAGE_LIMIT, 4)
    except ConnectionError:
        return None
    return (json.loads(data), descriptors) if data else None


def pack(assignment: Assignment) -> dict[str, Any]:
    """The assignment as a message."""
    return asdict(assignment)


def unpack(message: dict[str, Any]) -> Assignment:
    """The assignment of a message."""
    texts = {name: tuple(message[name]) for name in ("layers", "search", "hidden")}
    return Assignment(**{**message, **texts})
