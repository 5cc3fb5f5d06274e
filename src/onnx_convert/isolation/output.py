"""What a worker prints and says: kept within bounds however much it is."""

from __future__ import annotations

from onnx_convert.workers.protocol import PHASES


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


class Phases:
    """The last phase a worker announced; whatever else it writes on that channel is ignored."""

    _LONGEST = max(map(len, PHASES))

    def __init__(self) -> None:
        self.current = PHASES[0]
        self._rest = b""

    def add(self, data: bytes) -> None:
        """Take what was written next."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[: self._LONGEST + 1]
        for line in lines:
            if (name := line.decode("ascii", "replace")) in PHASES:
                self.current = name
