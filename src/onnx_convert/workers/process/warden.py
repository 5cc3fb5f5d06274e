"""The warden of one job: forks the worker, waits for it, and leaves nothing of it running.

It is the subreaper of its job, so whatever the worker starts, daemons included, stays below it; when the last of its
children has ended, nothing of the job runs. Where the job has a user of its own the warden stays root and the job
cannot touch it. If the core goes away, the control socket closes and the warden ends the job.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import signal
import socket
import time
from typing import NoReturn

from onnx_convert.workers.process import child, processes, wire

PR_SET_CHILD_SUBREAPER = 36


def main(assignment: wire.Assignment, control: int, output: int, events: int) -> NoReturn:
    """Run one job; called in a fresh fork of the template, never returns.

    Messages to the core: {"warden"}, its process id, once the worker runs; at the end {"status", "peak_bytes", "left"}:
    the worker's wait status, its largest resident set, and how many processes it left behind.
    """
    try:
        os.setsid()
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        child.close_others({control, output, events})
        channel = socket.socket(fileno=control)
        _watch(assignment, channel, output, events)
    finally:
        os._exit(0)


def _watch(assignment: wire.Assignment, channel: socket.socket, output: int, events: int) -> None:
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    worker = os.fork()
    if worker == 0:
        for each in (channel.detach(), wake, woken):
            os.close(each)
        child.main(assignment, output, events)  # never returns
    os.close(output)
    os.close(events)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    with contextlib.suppress(OSError):
        wire.send(channel, {"warden": os.getpid()})
    ended = _wait(worker, channel, wake)
    left = sum(map(processes.alive, processes.descendants(os.getpid()))) if ended else 0
    swept = sweep(assignment.uid, worker)
    status, usage = ended or swept or (signal.SIGKILL, resource.getrusage(resource.RUSAGE_CHILDREN))
    with contextlib.suppress(OSError):
        wire.send(channel, {"status": status, "peak_bytes": usage.ru_maxrss * 1024, "left": left})


Ended = tuple[int, resource.struct_rusage]


def _wait(worker: int, channel: socket.socket, wake: int) -> Ended | None:
    """Reap until the worker has ended, or the core says to end it or is gone (None)."""
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    poll.register(wake, select.POLLIN)
    while True:
        if ended := _reap(worker):
            return ended
        ready = {descriptor for descriptor, _ in poll.poll()}
        if wake in ready:
            os.read(wake, 4096)
        if channel.fileno() in ready:
            return _reap(worker)


def _reap(worker: int) -> Ended | None:
    """Bury what has ended; the worker's end if it is among it. ChildProcessError is not raised but means nobody."""
    ended = None
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                break
            if pid == worker:
                ended = status, usage
    return ended


def sweep(uid: int | None, worker: int) -> Ended | None:
    """Kill every process of the job and bury it; the worker's end if it was still running."""
    ended = None
    while True:
        _kill_user(uid) if uid else _kill_tree()
        ended = _reap(worker) or ended
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # no children: as a subreaper that means no descendants
            return ended
        time.sleep(0.005)


def _kill_user(uid: int) -> None:
    # kill(-1) by the user itself reaches all its processes at once, which a fork bomb cannot outrun.
    killer = os.fork()
    if killer == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            if os.getuid() == uid != 0:
                os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(killer, 0)


def _kill_tree() -> None:
    # Stopped first, until no new one appears: a fork bomb that is killed one by one grows faster than it shrinks.
    stopped: set[int] = set()
    while new := set(processes.descendants(os.getpid())) - stopped:
        for pid in new:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGSTOP)
        stopped |= new
    for pid in stopped:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
