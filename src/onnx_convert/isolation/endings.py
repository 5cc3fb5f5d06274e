"""From how a job ended to the sentence its user reads."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from onnx_convert.isolation.values import Failure
from onnx_convert.workers.protocol import DISK_FULL

if TYPE_CHECKING:
    from onnx_convert.isolation.results import WorkerError
    from onnx_convert.isolation.supervision import Ending
    from onnx_convert.isolation.values import Limits

_DOING = {
    "start": "starting",
    "load": "loading",
    "reference": "running the original model",
    "export": "exporting",
    "check": "checking",
    "simplify": "simplifying",
    "compare": "comparing",
    "measure": "measuring",
    "finish": "finishing",
}


def failure_of(ending: Ending, limits: Limits, *, finished: bool) -> Failure | None:
    """Why the processes of a job did not end well; None if the worker left by itself with status 0.

    `finished` says whether it left a result file, which it does last.
    """
    doing = _DOING[ending.phase]
    match ending.reason:
        case "time":
            return Failure("OCA022", f"it ran longer than {duration(limits.seconds)} while {doing} (limit `timeout`)")
        case "memory":
            return _out_of_memory(limits, doing)
        case "processes":
            return Failure("OCA024", f"it started more than {limits.processes} processes while {doing}")
        case "closed":
            return Failure("OCA029", f"the run was broken off while it was {doing}")
        case "lost":
            return Failure("OCA028", f"its process was lost while {doing}: the process that watched it was killed")
        case "exit":
            return _failure_of_status(ending, limits, doing, finished=finished)


def _failure_of_status(ending: Ending, limits: Limits, doing: str, *, finished: bool) -> Failure | None:
    assert ending.status is not None
    code = os.waitstatus_to_exitcode(ending.status)
    if code == 0 and finished:
        return None
    if code == DISK_FULL and not finished:
        return Failure("OCA033", f"the disk was full while it was {doing}")
    if code >= 0:
        return Failure("OCA021", f"it ended its process with exit code {code} while {doing}")
    near = limits.memory_bytes is not None and ending.peak_bytes > 0.7 * limits.memory_bytes
    if code == -signal.SIGABRT and near:  # an allocation that C++ code could not do without
        return _out_of_memory(limits, doing)
    if code == -signal.SIGKILL:
        message = f"it was killed by the system while {doing}, most likely because the machine ran out of memory"
        return Failure("OCA023", f"{message} (it used up to {size(ending.peak_bytes)})")
    return Failure("OCA020", f"it was ended by signal {-code} ({_name(-code)}) while {doing}")


def failure_of_error(error: WorkerError, phase: str, limits: Limits) -> Failure:
    """The failure that an error in a worker's result tells of."""
    if error.code is not None:
        return Failure(error.code, error.message, error.hint, error.opset)
    doing = _DOING[phase]
    where = f" ({error.place})" if error.place else ""
    if error.type == "MemoryError":
        return _out_of_memory(limits, doing)
    if error.type == "SystemExit":
        return Failure("OCA021", f"it called sys.exit({error.message}) while {doing}{where}")
    said = f": {error.message}" if error.message else ""
    return Failure("OCA030", f"it raised {error.type} while {doing}{where}{said}")


def _out_of_memory(limits: Limits, doing: str) -> Failure:
    if limits.memory_bytes is None:
        return Failure("OCA023", f"it ran out of memory while {doing}")
    return Failure("OCA023", f"it needed more than {size(limits.memory_bytes)} while {doing} (limit `memory`)")


def notes_of(ending: Ending, limits: Limits) -> tuple[Failure, ...]:
    """What is worth knowing of an end, good or bad."""
    notes = []
    if ending.reason == "exit" and ending.left:
        many = "a process" if ending.left == 1 else f"{ending.left} processes"
        notes.append(Failure("OCA026", f"it left {many} running, which had to be ended"))
    if left_out := ending.log.left_out:
        kept = f"the first and last {size(limits.log_bytes // 2)} are kept"
        notes.append(Failure("OCA027", f"it printed {size(left_out + limits.log_bytes)}; {kept}"))
    return tuple(notes)


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "a real-time signal"


def duration(seconds: float) -> str:
    """A limit as a user writes it: "90 s", "15 min", "2 h"."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"


def size(count: int) -> str:
    """Bytes as a user writes them: "512 MB", "1.5 GB"."""
    for unit, length in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= length:
            return f"{count / length:.3g} {unit}" if count < 1000 * length else f"{count // length:,} {unit}"
    return f"{count} bytes"
