"""The child that becomes a worker: drops everything it inherited, then runs one module's `main`.

It is the last code of ours before the caller's. Whatever that raises becomes an error in out/result.json; the process
leaves by os._exit, so neither exit handlers nor threads can hold it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import faulthandler
import fcntl
import importlib
import importlib.util
import io
import os
import resource
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from onnx_convert.workers import protocol
from onnx_convert.workers.process import landlock, processes
from onnx_convert.workers.process.reads import Reads

if TYPE_CHECKING:
    from types import ModuleType

    from onnx_convert.workers.process.wire import Assignment

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

_EVENTS = 3
_OPEN_FILES = 4096


def main(assignment: Assignment, output: int, events: int) -> NoReturn:
    """Become the worker of an assignment; called in a fresh fork of the warden, never returns."""
    status = 70  # EX_SOFTWARE: what could not even be told
    try:
        _keep_only(output, events)
        _limit(assignment)
        own = [f"{assignment.folder}/{name}" for name in ("out", "home", "tmp")]
        _become(assignment.uid, landlock.ruleset(own, assignment.hidden))
        ours = (*assignment.layers, *sys.path, str(Path(__file__).parents[2]))
        _settle(assignment)
        reads = Reads(assignment.repository, ours)
        folder = Path(assignment.folder)
        job = protocol.read_job(folder, _EVENTS)
        status = _finish(folder, job, reads, _run(assignment, job))
    except BaseException as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            status = protocol.DISK_FULL
        with contextlib.suppress(BaseException):
            traceback.print_exc()
    finally:
        os._exit(status)


def close_others(keep: set[int]) -> None:
    """Close every descriptor but the standard ones and `keep`."""
    for descriptor in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if descriptor > 2 and descriptor not in keep:
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _keep_only(output: int, events: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.setsid()
    null, output, events = os.open(os.devnull, os.O_RDONLY), *(_above(each) for each in (output, events))
    for target, descriptor in enumerate((null, output, output, events)):
        os.dup2(descriptor, target)
    os.closerange(_EVENTS + 1, os.sysconf("SC_OPEN_MAX"))
    sys.stdout = _text_stream(1)
    sys.stderr = _text_stream(2)


def _text_stream(descriptor: int) -> io.TextIOWrapper:
    # By the line, so that what was printed before a crash is not lost; any text may be printed.
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", "backslashreplace", line_buffering=True)


def _above(descriptor: int) -> int:
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD, 16)


def _limit(assignment: Assignment) -> None:
    # If the machine runs out of memory, the kernel takes the worker and not the core.
    Path("/proc/self/oom_score_adj").write_text("1000")
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    if assignment.data_bytes is not None:
        _lower(resource.RLIMIT_DATA, processes.data_bytes(os.getpid()) + assignment.data_bytes)
    if assignment.uid is not None:
        _lower(resource.RLIMIT_NPROC, assignment.tasks)


def _lower(which: int, value: int) -> None:
    hard = resource.getrlimit(which)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _become(uid: int | None, rules: int | None) -> None:
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    libc = ctypes.CDLL(None, use_errno=True)
    # After the change of user, which resets both: die with the warden; /proc/self belongs to the new user.
    for option, value in ((PR_SET_NO_NEW_PRIVS, 1), (PR_SET_PDEATHSIG, signal.SIGKILL), (PR_SET_DUMPABLE, 1)):
        if libc.prctl(option, value, 0, 0, 0):
            raise OSError(ctypes.get_errno(), f"prctl({option})")
    if rules is not None:
        landlock.restrict(rules)


def _settle(assignment: Assignment) -> None:
    os.umask(0o022)
    os.environ.clear()
    os.environ.update(assignment.environ)
    os.chdir(assignment.cwd)
    # Only now: packages of a model's requirements are the caller's code, and the template, which is root, has none.
    sys.path[0:0] = assignment.layers
    # At the end: a `numpy.py` in the repository shadows nothing.
    sys.path += [path for path in assignment.search if path not in sys.path]
    tempfile.tempdir = None  # what a framework asked for while the template imported it is not this job's
    sys.dont_write_bytecode = True
    sys.argv = ["worker"]
    faulthandler.enable()


def _run(assignment: Assignment, job: protocol.Job) -> dict[str, Any]:
    try:
        return {"ok": True, "result": _import(assignment.module).main(job)}
    except BaseException as error:
        if not isinstance(error, protocol.WorkerError) or error.__cause__ is not None:
            with contextlib.suppress(Exception):
                traceback.print_exc()
        return {"ok": False, "error": _describe(error, assignment.repository)}


def _import(module: str) -> ModuleType:
    if not Path(module).is_absolute():
        return importlib.import_module(module)
    spec = importlib.util.spec_from_file_location("onnx_convert_worker", module)
    if spec is None or spec.loader is None:
        raise ImportError(f"{module} is not a Python file")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def _describe(error: BaseException, repository: str | None) -> dict[str, str | int | None]:
    try:
        message = str(error)
    except BaseException as second:
        message = f"its message could not be made: {type(second).__name__}"
    code, hint, opset = None, None, None
    if isinstance(error, protocol.WorkerError):
        code, message, hint, opset = error.code, error.message, error.hint, error.opset
    return {
        "code": code,
        "type": type(error).__name__,
        "message": message[: protocol.TEXT_LIMIT],
        "hint": hint,
        "opset": opset,
        "place": _place(error, repository),
    }


def _place(error: BaseException, repository: str | None) -> str | None:
    """The innermost line of the repository that the error passed through, as `path:line`."""
    if repository is None:
        return None
    places = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno or 1))
    for filename, line in reversed(places):
        if filename.startswith(repository + os.sep):
            return f"{os.path.relpath(filename, repository)}:{line}"
    return None


def _finish(folder: Path, job: protocol.Job, reads: Reads, result: dict[str, Any]) -> int:
    seen = {"notes": job.notes, "reads": reads.files()}
    try:
        protocol.write_result(folder, {**result, **seen})
    except BaseException as error:
        protocol.write_result(folder, {"ok": False, "error": _describe(error, None), **seen})
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()
    return 0
