"""What a worker prints and says: kept within bounds however much it is."""

from __future__ import annotations

from typing import Any

from onnx_convert.isolation.results import LyingResultError, read_object
from onnx_convert.workers.protocol import PHASES, PROGRESS_LIMIT


class BoundedLog:
    """The first and the last half of `limit` bytes; what lies between is counted and forgotten."""

    def __init__(self, limit: int) -> None:
        self._half = limit // 2
        self._head = bytearray()
        self._tail = bytearray()
        self._total = 0

    def add(self, data: bytes) -> None:
        """Take what was printed next."""
        self._total += len(data)
        room = self._half - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * self._half:
            del self._tail[: -self._half or None]

    @property
    def left_out(self) -> int:
        """Bytes that were printed and not kept."""
        return max(0, self._total - len(self._head) - min(len(self._tail), self._half))

    def text(self) -> str:
        r"""What was kept, bytes that are not UTF-8 as `\xNN`, with a line that says how much is left out."""
        tail = bytes(self._tail[-self._half :]) if self._half else b""
        gap = f"\n[... {self.left_out:,} bytes left out ...]\n".encode() if self.left_out else b""
        return (bytes(self._head) + gap + tail).decode("utf-8", "backslashreplace")


class Events:
    """What a worker announces: the last phase, and its last report of progress; anything else is ignored."""

    def __init__(self) -> None:
        self.phase = PHASES[0]
        self._progress: bytes | None = None
        self._rest = b""

    def add(self, data: bytes) -> None:
        """Take what was written next."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[: PROGRESS_LIMIT + 1]
        for line in lines:
            if line.startswith(b"{") and len(line) < PROGRESS_LIMIT:
                self._progress = line
            elif (name := line.decode("ascii", "replace")) in PHASES:
                self.phase = name

    def progress(self) -> dict[str, Any] | None:
        """The last report since this was last asked for, with bounded depth and valid text; None if there is none."""
        line, self._progress = self._progress, None
        try:
            return None if line is None else read_object(line, "progress")
        except LyingResultError:
            return None
