"""The caller's own operators, made known to the framework and its exporter before the source is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.workers.original import callables
from onnx_convert.workers.original.failures import guarded
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from onnx_convert.workers.protocol import Job


@dataclass(frozen=True)
class CustomOps:
    """Versions of the operators' domains, and what `register` returned: exporters' own functions by operator."""

    opsets: Mapping[str, int] = field(default_factory=dict)
    table: Mapping[Any, Any] = field(default_factory=dict)


NONE = CustomOps()


def register(job: Job) -> CustomOps:
    """Call the job's `register`, a function without parameters, for its effects and for what it returns.

    Raises WorkerError OCA390 if it raises, OCA391 if it returns anything but a mapping or None.
    """
    given = job.get("custom_ops") or {}
    named = given.get("register")
    if not named:
        return CustomOps(given.get("opsets") or {})
    path, symbol = Path(named["path"]), named["symbol"]
    with guarded("OCA390", f"`{symbol}` of {path.name}", Path(job["repository"])):
        function = getattr(callables.import_shared(path, Path(job["repository"])), symbol, None)
        if not callable(function):
            raise WorkerError("OCA390", f"{path.name} has no function `{symbol}`")
        table = function()
    if table is not None and not isinstance(table, Mapping):
        message = f"`{symbol}` of {path.name} returned an object of type {type(table).__name__}"
        raise WorkerError("OCA391", message, "return a dict of exporters' functions by operator, or nothing")
    return CustomOps(given.get("opsets") or {}, table or {})
