"""Known failures of torch.onnx, recognised from its exceptions and warnings and said in a user's words."""

from __future__ import annotations

import re
import sys
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from onnx_convert.workers.original.failures import describe, place, shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from onnx_convert.frameworks.pytorch.unsupported import Lowest
    from onnx_convert.workers.original.source import ExportRequest
    from onnx_convert.workers.protocol import Job

_TORCH = Path(torch.__file__).parent
_NOTES = 5
"""Baked places that are named one by one."""

_OPERATOR = re.compile(
    r"operator '([^']+)'|unrecognized namespace ([\w:]+)|OpOverload\(op='([^']+)'|"
    r"No decompositions registered for .*?'([^']+)'"
)
_STANDARD = frozenset({"aten", "prim", "prims", "onnx", "torchvision"})
_SAYINGS = (
    (
        re.compile(r"Unsupported: ONNX export of operator (\w+), (.*?)\.? Please feel free"),
        "OCA344",
        "the `torchscript` exporter converts `{0}` only in other circumstances: {1}",
    ),
    (
        re.compile(r"SymbolicValueError: ([^\n]*?)(?:, got .*)?(?:  \[Caused by.*)?$", re.MULTILINE),
        "OCA344",
        "the `torchscript` exporter converts an operator only in other circumstances: {0}",
    ),
    (
        re.compile(r"Unknown number type: complex|ComplexFloat|ComplexDouble"),
        "OCA345",
        "the model computes with complex numbers",
    ),
    (
        re.compile(r"torch\.jit\.trace a dynamo-optimized function"),
        "OCA347",
        "the model calls torch.cond, torch.compile or another function that only dynamo follows",
    ),
    (
        re.compile(r"Couldn't export Python operator (\w+)"),
        "OCA348",
        "the torch.autograd.Function `{0}` has no `symbolic`",
    ),
)
"""What exceptions say, with the code it has here and what a user reads of it."""
_DATA_DEPENDENT = re.compile(
    r"data-dependent|Could not (guard|extract)|GuardOnDataDependentSymNode|Dynamic control flow|"
    r"Cannot cast .* to number|torch\.cond|Unsupported: .*branching",
    re.IGNORECASE,
)
_CONSTRAINT = re.compile(
    r"Constraints violated|ConstraintViolation|inferred to be a constant|not all values of|"
    r"conflicts between user-specified ranges",
    re.IGNORECASE,
)
_SIZE = re.compile(r"(?:L|inputs)\['(\w+)'\]\.(?:size\(\)|shape)\[(\d+)\]")


@contextmanager
def recognised(request: ExportRequest, job: Job, find: Callable[[], Lowest]) -> Iterator[None]:
    """Turn exceptions of torch.onnx that are known into WorkerErrors; the others pass.

    `find` gives all operators that the exporter lacks, where it lacks one.
    """
    try:
        yield
    except (WorkerError, MemoryError):
        raise
    except Exception as error:
        known = diagnose(error, request, Path(job["repository"]), find)
        if known is None:
            raise
        raise known from error


def diagnose(  # noqa: PLR0911 - one return for each known failure
    error: BaseException, request: ExportRequest, repository: Path, find: Callable[[], Lowest]
) -> WorkerError | None:
    """What an exception of an exporter means, None if it is not known."""
    chain = list(_chain(error))
    text = "\n".join(f"{type(one).__name__}: {one}" for one in chain)
    root = chain[-1]
    where = next((found for one in reversed(chain) if (found := place(one, repository))), None)
    at = f" ({where})" if where else ""
    if isinstance(root, ModuleNotFoundError) and root.name in {"onnxscript", "onnx", "onnx_ir"}:
        return WorkerError("OCA305", f"the `{request.exporter}` exporter needs the package `{root.name}`")
    if (operator := _OPERATOR.search(text)) and (
        "not supported" in text or "No ONNX function" in text or "regist" in text
    ):
        return _unsupported(next(filter(None, operator.groups())), request, find)
    if known := _said(text, at):
        return known
    if _CONSTRAINT.search(text):
        return _refused_dimension(text, request)
    if _DATA_DEPENDENT.search(text):
        return WorkerError("OCA302", f"the model decides by the values of its inputs: {shorten(_reason(root))}{at}")
    if len(chain) > 1:
        said = describe(root, repository)
        return WorkerError("OCA300", f"the exporter `{request.exporter}` raised {said}" + ("" if at in said else at))
    return None


def _said(text: str, at: str) -> WorkerError | None:
    for pattern, code, what in _SAYINGS:
        if found := pattern.search(text):
            return WorkerError(code, what.format(*(shorten(group, 200) for group in found.groups())) + at)
    return None


def tell_warnings(caught: Sequence[warnings.WarningMessage], job: Job) -> None:
    """Notes for what the tracer baked, by its place in the code; everything else goes to the log.

    What PyTorch's own modules ask of a tensor are checks of arguments; what is deprecated outside of the repository is
    nothing to the user.
    """
    places: dict[str, str] = {}
    for one in caught:
        path = Path(one.filename)
        if issubclass(one.category, torch.jit.TracerWarning) and not path.is_relative_to(_TORCH):
            places.setdefault(_place(one, Path(job["repository"])), str(one.message))
        elif path.is_relative_to(job["repository"]) or not issubclass(one.category, DeprecationWarning | FutureWarning):
            print(warnings.formatwarning(one.message, one.category, one.filename, one.lineno), file=sys.stderr)
    for where, message in list(places.items())[:_NOTES]:
        job.note("OCA304", f"{where}: {shorten(message.partition('. ')[0], 200)}")
    if len(places) > _NOTES:
        job.note(
            "OCA304", f"and at {len(places) - _NOTES} more places: {', '.join(list(places)[_NOTES : _NOTES + 10])}"
        )


def _unsupported(operator: str, request: ExportRequest, find: Callable[[], Lowest]) -> WorkerError:
    name = operator if "::" in operator else operator.replace(".", "::", 1)
    found: Lowest = {}
    with suppress(Exception):  # a list is more than one name, but no reason to fail otherwise
        found = find()
    found = found or {name: None}
    shown = ", ".join(f"`{each}`" + (f" (from opset {low} on)" if low else "") for each, low in sorted(found.items()))
    message = f"the `{request.exporter}` exporter has no ONNX at opset {request.opset} for {shown}"
    if any(each.startswith("quantized::") for each in found):
        return WorkerError("OCA278", message)
    if own := [each for each in found if each.partition("::")[0] not in _STANDARD]:
        return WorkerError("OCA301", message, f"tell the exporter with `custom-ops.register` how to write {own[0]}")
    known = [low for low in found.values() if low]
    if len(known) < len(found):
        return WorkerError("OCA301", message)
    return WorkerError("OCA301", message, f"ask for opset {max(known)}, which has all of them", opset=max(known))


def _refused_dimension(text: str, request: ExportRequest) -> WorkerError:
    named = {tensor.name: tensor.shape for tensor in request.inputs}
    found = {
        str(named[name][int(axis)])
        for name, axis in _SIZE.findall(text)
        if name in named and int(axis) < len(named[name]) and isinstance(named[name][int(axis)], str)
    }
    dims = found or {name for name in request.dims if re.search(rf"\b{re.escape(name)}\b", text)}
    who = ", ".join(f"`{name}`" for name in sorted(dims)) or "a dimension"
    why = next((line.strip(" -") for line in text.splitlines() if _SIZE.search(line)), "")
    return WorkerError("OCA303", f"the model does not let {who} be dynamic" + (f": {shorten(why, 300)}" if why else ""))


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__


def _place(one: warnings.WarningMessage, repository: Path) -> str:
    path = Path(one.filename)
    if path.is_relative_to(repository):
        return f"{path.relative_to(repository)}:{one.lineno}"
    parts = path.parts
    start = parts.index("site-packages") + 1 if "site-packages" in parts else max(len(parts) - 2, 0)
    return f"{'/'.join(parts[start:])}:{one.lineno}"
