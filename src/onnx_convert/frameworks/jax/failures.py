"""Known failures of JAX, its module libraries and jax2onnx, recognised from their exceptions."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flax.errors
import jax

from onnx_convert.frameworks.jax import jaxpr, plugins
from onnx_convert.workers.original.failures import describe, place, shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from onnx_convert.workers.original.source import ExportRequest, TensorInfo
    from onnx_convert.workers.protocol import Job

VALUE_NEEDED = (
    *(jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError),
    *(jax.errors.TracerIntegerConversionError, jax.errors.NonConcreteBooleanIndexError),
)
"""What JAX raises where Python code needs a value that is only known when the model runs."""

_TRAINING = (flax.errors.ModifyScopeVariableError, flax.errors.InvalidRngError, flax.errors.TraceContextError)
_SHAPES = (flax.errors.ScopeParamShapeError,)

_NO_PLUGIN = re.compile(r"No plugins registered for primitive '([^']+)'")
_NEEDS_KEY = re.compile(r"requires? a key when running|called with an RNG|RNG key|MissingRNG", re.IGNORECASE)
_SHAPES_DIFFER = re.compile(
    r"incompatible shapes for broadcasting|same shape, got|Incompatible shapes|must have the same rank|"
    r"contracting dimensions|requires arrays with ndim|in_features|feature dimension|"
    r"Expected .*shape|number of (input )?channels|cannot reshape",
    re.IGNORECASE,
)
_REPLACED = re.compile(r"_make_patch\.<locals>|patched_\w+\(\)")
_SYMBOLIC = re.compile(r"_DimExpr|[Ss]ymbolic dimension|InconclusiveDimensionOperation")


@contextmanager
def recognised(doing: str, job: Job) -> Iterator[None]:
    """Turn exceptions that are known, whenever they arise, into WorkerErrors; the others pass."""
    try:
        yield
    except (WorkerError, MemoryError):
        raise
    except Exception as error:
        known = diagnose(error, doing, Path(job["repository"]))
        if known is None:
            raise
        raise known from error


@contextmanager
def recognised_export(
    function: Callable[..., Any], inputs: Sequence[TensorInfo], request: ExportRequest, job: Job
) -> Iterator[None]:
    """The same for an export, in which sizes are symbols and primitives need a converter."""
    repository = Path(job["repository"])
    try:
        yield
    except (WorkerError, MemoryError):
        raise
    except Exception as error:
        known = (
            _symbolic(error, inputs, repository)
            or _missing(error, function, inputs, request)
            or diagnose(error, "the export", repository)
            or _refused(error, repository)
        )
        if known is None:
            raise
        raise known from error


def diagnose(error: BaseException, doing: str, repository: Path) -> WorkerError | None:
    """What an exception means, None if it is not known."""
    said = describe(error, repository)
    if isinstance(error, VALUE_NEEDED):
        return WorkerError("OCA329", f"{doing} decides by the values of its inputs: {said}")
    if isinstance(error, _TRAINING) or _NEEDS_KEY.search(str(error)):
        return WorkerError("OCA257", f"{doing} is in training mode: {said}")
    if isinstance(error, _SHAPES) or (isinstance(error, TypeError | ValueError) and _SHAPES_DIFFER.search(str(error))):
        return WorkerError("OCA260", f"the shapes of the inputs do not fit: {said}")
    return None


def _symbolic(error: BaseException, inputs: Sequence[TensorInfo], repository: Path) -> WorkerError | None:
    text = f"{type(error).__name__}: {error}"
    dims = dict.fromkeys(axis for tensor in inputs for axis in tensor.shape if isinstance(axis, str))
    named = [name for name in dims if re.search(rf"\b{re.escape(name)}\b", str(error))]
    # Shapes that fit at every size that was tried, and not as symbols, were only equal by their sizes.
    by_shape = isinstance(error, TypeError | ValueError) and _SHAPES_DIFFER.search(str(error)) and named
    if not (_SYMBOLIC.search(text) or by_shape):
        return None
    who = ", ".join(f"`{name}`" for name in named or dims) or "a dimension"
    where = place(error, repository)
    at = f" ({where})" if where else ""
    return WorkerError("OCA331", f"the model does not let {who} be dynamic: {shorten(text, 300)}{at}")


def _missing(
    error: BaseException, function: Callable[..., Any], inputs: Sequence[TensorInfo], request: ExportRequest
) -> WorkerError | None:
    first = _NO_PLUGIN.search(str(error))
    if first is None:
        return None
    traced = jaxpr.trace(function, list(request.example.values()))
    used = dict.fromkeys([first[1], *jaxpr.primitives(traced.jaxpr)])
    names = ", ".join(f"`{name}`" for name in used if not plugins.known(name))
    return WorkerError("OCA328", f"jax2onnx has no ONNX for {names}")


def _refused(error: BaseException, repository: Path) -> WorkerError | None:
    # A converter that does not take every form of its primitive says so in many words, and often with NotImplemented.
    if _REPLACED.search(str(error)):
        return WorkerError("OCA333", f"jax2onnx's replacement does not take this call: {describe(error, repository)}")
    if isinstance(error, NotImplementedError):
        return WorkerError(
            "OCA332", f"jax2onnx does not convert this form of a primitive: {describe(error, repository)}"
        )
    return None
