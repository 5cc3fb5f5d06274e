"""Watching one job: its output, its phase, its time, its memory, its end."""

from __future__ import annotations

import os
import select
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from onnx_convert.isolation.output import BoundedLog, Events
from onnx_convert.workers.process import processes, wire

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from onnx_convert.isolation.values import Hear, Limits

Reason = Literal["exit", "time", "memory", "processes", "closed", "lost"]

_TICK = 0.05
_SWEEP = 30.0
"""Seconds a warden is given to end its job; it takes milliseconds unless a process is stuck in the kernel."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job's processes ended. `status` is the worker's wait status, None if nobody could say.

    `started` says whether there was a worker at all: a template that dies takes jobs with it that it had not forked.
    """

    reason: Reason
    started: bool
    status: int | None
    left: int
    phase: str
    peak_bytes: int
    seconds: float
    log: BoundedLog


class Supervision:
    """Watches one job from its assignment to its end.

    `channel` leads to the warden; `output` and `events` are read ends, made non-blocking here. Nothing a worker writes
    is kept beyond its bounds, and everything is read, so that it never waits for us. `hear` is told of progress at
    every look, however often the worker reports it.
    """

    def __init__(
        self, channel: socket.socket, output: int, events: int, limits: Limits, hear: Hear | None = None
    ) -> None:
        self._channel = channel
        self._limits = limits
        self._log = BoundedLog(limits.log_bytes)
        self._events = Events()
        self._listener = hear
        self._sinks: dict[int, Callable[[bytes], None]] = {output: self._log.add, events: self._events.add}
        self._poll = select.poll()
        for descriptor in (channel.fileno(), output, events):
            os.set_blocking(descriptor, False)
            self._poll.register(descriptor, select.POLLIN)
        self._warden: int | None = None
        self._peak = 0
        self._reason: Reason = "exit"
        self._end: dict[str, int] | None = None
        self._over = False

    def run(self, closed: Callable[[], bool]) -> Ending:
        """Block until the job has ended, for whatever reason; `closed` says when it is to be given up."""
        started = time.monotonic()
        deadline: float | None = None  # of the warden, once it was told to end the job
        looked = 0.0
        while not self._over:
            self._read(_TICK)
            now = time.monotonic()
            if deadline is not None:
                if now > deadline:
                    break
            elif now - looked >= _TICK:
                looked = now
                self._tell_listener()
                if reason := self._trespass(now - started, closed):
                    self._reason, deadline = reason, now + _SWEEP
                    self._tell_warden()
        self._drain()
        self._tell_listener()
        if self._end is None and self._reason == "exit":
            self._reason = "lost"
        end = self._end or {}
        return Ending(
            reason=self._reason,
            started=self._warden is not None,
            status=end.get("status"),
            left=end.get("left", 0),
            phase=self._events.phase,
            peak_bytes=max(self._peak, end.get("peak_bytes", 0)),
            seconds=time.monotonic() - started,
            log=self._log,
        )

    def _read(self, seconds: float) -> None:
        for descriptor, _ in self._poll.poll(seconds * 1000):
            if descriptor == self._channel.fileno():
                self._hear()
            else:
                self._consume(descriptor)

    def _hear(self) -> None:
        try:
            received = wire.receive(self._channel)
        except BlockingIOError:
            return
        if received is None:
            self._over = True
            return
        message = received[0]
        if "warden" in message:
            self._warden = message["warden"]
        else:
            self._end, self._over = message, True

    def _consume(self, descriptor: int) -> bool:
        """Read what there is, at most 1 MiB so that the clock is looked at; False at the end of file."""
        for _ in range(16):
            try:
                data = os.read(descriptor, 2**16)
            except BlockingIOError:
                return True
            if not data:
                self._poll.unregister(descriptor)
                del self._sinks[descriptor]
                return False
            self._sinks[descriptor](data)
        return True

    def _drain(self) -> None:
        # The writers are dead: what is left is what the pipes hold.
        for descriptor in list(self._sinks):
            self._consume(descriptor)

    def _trespass(self, seconds: float, closed: Callable[[], bool]) -> Reason | None:
        if closed():
            return "closed"
        if seconds > self._limits.seconds:
            return "time"
        if self._warden is None:
            return None
        memory = self._limits.memory_bytes
        used = processes.usage(processes.descendants(self._warden), limit=memory)
        self._peak = max(self._peak, used.memory_bytes)
        if memory is not None and used.memory_bytes > memory:
            return "memory"
        return "processes" if used.processes > self._limits.processes else None

    def _tell_listener(self) -> None:
        if self._listener and (progress := self._events.progress()) is not None:
            self._listener(progress)

    def _tell_warden(self) -> None:
        try:
            wire.send(self._channel, {"end": True})
        except OSError:
            self._over = True
