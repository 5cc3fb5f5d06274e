"""A template process: imports a framework once, then forks a warden for every job.

Run by path in an environment's own interpreter, `python -s -P template.py FD`, where FD is its end of a socket pair.
Standard library only. It never runs the caller's code itself and ends when the core closes the socket.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import importlib.util
import os
import signal
import socket
import sys
import traceback
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def import_package() -> None:
    """Make `onnx_convert` importable from where this file lies, and nothing else of the core's site-packages."""
    folder = Path(__file__).resolve().parents[2]
    spec = importlib.util.spec_from_file_location(
        folder.name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[folder.name] = module
    spec.loader.exec_module(module)


def main(descriptor: int) -> None:
    """Serve jobs until the core closes the socket."""
    import_package()
    from onnx_convert.workers.process import clash, wire

    control = socket.socket(fileno=descriptor)
    control.set_inheritable(False)
    started = wire.receive(control)
    if started is None:
        return
    try:
        for name in started[0]["preload"]:
            importlib.import_module(name)
    except BaseException as error:
        said = traceback.format_exc()[-8000:]
        wire.send(control, {"failed": said, "clash": clash.packages(error)})
        return
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    wire.send(control, {"ready": True})
    _serve(control)


def _serve(control: socket.socket) -> None:
    from onnx_convert.workers.process import warden, wire

    wardens: set[int] = set()
    # The handler runs while recv_fds waits (PEP 475 resumes it), so wardens are reaped as they end.
    signal.signal(signal.SIGCHLD, lambda *_: _reap(wardens))
    for stream in (sys.stdout, sys.stderr):
        stream.flush()  # what an import printed is not each job's to print again
    gc.collect()
    gc.freeze()
    while (received := wire.receive(control)) is not None:
        message, descriptors = received
        assignment = wire.unpack(message)
        _import_worker(assignment.module)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            warden.main(assignment, *descriptors)  # never returns
        wardens.add(pid)
        for each in descriptors:
            os.close(each)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _import_worker(module: str) -> None:
    # Our own module, not the caller's: imported here it is compiled once and shared by all its jobs. If it cannot be
    # imported, the child finds that out again and reports it as the job's failure.
    if module.startswith("onnx_convert."):
        with contextlib.suppress(Exception):
            importlib.import_module(module)


def _reap(wardens: set[int]) -> None:
    """Bury dead wardens. Any other child was orphaned by a warden that its own job killed: it is ended."""
    from onnx_convert.workers.process import processes

    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            break
        wardens.discard(pid)
    for pid in processes.children(os.getpid()):
        if pid not in wardens:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
