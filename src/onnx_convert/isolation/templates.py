"""Template processes as the core sees them: one for each environment in use, started when it is first needed."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert import workers
from onnx_convert.workers.process import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from onnx_convert.environments import Environment

_START_SECONDS = 300.0
_LOG_BYTES = 20_000


class TemplateError(Exception):
    """A template process could not be started; the message is what it said, `clash` the packages that do not fit."""

    def __init__(self, message: str, clash: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.clash = clash


class Template:
    """One running template process. Raises TemplateError if it does not come up."""

    def __init__(
        self, environment: Environment, environ: Mapping[str, str], log: Path, closed: Callable[[], bool]
    ) -> None:
        self._lock = threading.Lock()
        self._clash: tuple[str, ...] = ()
        self._control, theirs = wire.pair()
        program = Path(workers.__file__).parent / "process" / "template.py"
        # -s -P: neither the user's site-packages nor the current folder. Not -I, which would ignore PYTHONHASHSEED.
        command = [str(environment.python), "-s", "-P", str(program), str(theirs.fileno())]
        with theirs, log.open("wb") as output:
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=dict(environ),
                    cwd="/",
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C is the core's to handle
                )
            except OSError as error:
                self._control.close()
                raise TemplateError(f"{environment.python} cannot be run: {error.strerror}") from None
        failed = self._greet(environment, closed)
        if failed is not None:
            self.close()
            said = log.read_text("utf-8", "backslashreplace")[-_LOG_BYTES:]
            raise TemplateError("\n".join(filter(None, (said, failed))), self._clash)

    def _greet(self, environment: Environment, closed: Callable[[], bool]) -> str | None:
        """Have the framework imported; None once that is done, else what went wrong."""
        deadline = time.monotonic() + _START_SECONDS
        self._control.settimeout(0.2)
        try:
            wire.send(self._control, {"preload": list(environment.preload)})
            while not closed() and time.monotonic() < deadline:
                with contextlib.suppress(TimeoutError):
                    answer = wire.receive(self._control)
                    self._control.settimeout(None)
                    if answer is None:
                        return "it ended without an answer"
                    self._clash = tuple(answer[0].get("clash", ()))
                    return answer[0].get("failed")
        except OSError as error:
            return f"no answer: {error.strerror}"
        return "the run was broken off" if closed() else f"no answer within {_START_SECONDS:g} s"

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def assign(self, assignment: wire.Assignment, descriptors: tuple[int, int, int]) -> None:
        """Hand a job over, with the far ends of its control socket, output and events. Raises OSError if it is gone."""
        with self._lock:
            wire.send(self._control, wire.pack(assignment), descriptors)

    def close(self) -> None:
        """End the process; jobs that run are their wardens' and end by their own control sockets."""
        with contextlib.suppress(OSError):
            self._control.close()
        self._process.kill()
        self._process.wait()


@dataclass
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    template: Template | None = None
    error: TemplateError | None = None
    starts: int = 0


class Templates:
    """All template processes of a fence; safe between threads."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ
        self._lock = threading.Lock()
        self._slots: dict[tuple[object, ...], _Slot] = {}
        self._closed = False

    def get(self, environment: Environment) -> Template:
        """The environment's template, started if it does not run. Raises TemplateError, the same one every time."""
        key = (environment.python, environment.preload)
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
        with slot.lock:
            if slot.error is not None:
                raise slot.error
            if self._closed:
                raise TemplateError("the run was broken off")
            if slot.template is None or not slot.template.alive:
                if slot.template is not None:
                    slot.template.close()
                slot.template = self._start(environment, slot)
            return slot.template

    def _start(self, environment: Environment, slot: _Slot) -> Template:
        slot.starts += 1
        log = self._folder / f"template-{environment.name}-{id(slot):x}-{slot.starts}.log"
        try:
            return Template(environment, self._environ, log, lambda: self._closed)
        except TemplateError as error:
            slot.error = error
            raise

    def close(self) -> None:
        """End them all and start no more."""
        self._closed = True
        with self._lock:
            slots = list(self._slots.values())
        for slot in slots:
            with slot.lock:
                if slot.template is not None:
                    slot.template.close()
