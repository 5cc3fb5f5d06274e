"""From a job's source to a fitted estimator."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn.exceptions import InconsistentVersionWarning, NotFittedError
from sklearn.utils.validation import check_is_fitted

from onnx_convert.frameworks.sklearn.estimator import EstimatorSource
from onnx_convert.workers.original import callables
from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from onnx_convert.workers.original.source import Source
    from onnx_convert.workers.protocol import Job

_DATA_TYPES = frozenset(
    {
        "sklearn.tree._tree.Tree",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.metrics._dist_metrics.EuclideanDistance32",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    }
)
"""scikit-learn's own types that hold arrays and call nothing. skops lists them as untrusted since forged arrays could
crash the process; a process that may crash is what a worker is."""

_METHODS = ("predict", "transform", "kneighbors")
"""An estimator has one of these, which is what is converted."""

_FORMS = "a scikit-learn source is a .skops, .joblib or .pkl file, or `file.py:callable`"


def load(job: Job) -> Source:
    """The source of a job. Raises WorkerError of OCA2xx for what is not a fitted estimator."""
    if job.get("weights"):
        raise WorkerError("OCA206", "scikit-learn estimators have no `weights` to load", "leave the key out")
    path, symbol = Path(job["source"]["path"]), job["source"]["symbol"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InconsistentVersionWarning)
        estimator = _built(job, path, symbol) if symbol else _file(job, path)
    _tell_versions(caught, job)
    _check_fitted(estimator)
    return EstimatorSource(estimator, job)


def _is_estimator(value: object) -> bool:
    return hasattr(value, "get_params") and any(hasattr(value, method) for method in _METHODS)


def _built(job: Job, path: Path, symbol: str) -> Any:
    made = callables.build(path, symbol, job.get("args") or {}, _is_estimator)
    if not _is_estimator(made) or isinstance(made, type):
        kind = f"the class {made.__name__}" if isinstance(made, type) else f"an object of type {type(made).__name__}"
        raise WorkerError("OCA203", f"`{symbol}` returned {kind}, not a fitted estimator or pipeline")
    return made


def _file(job: Job, path: Path) -> Any:
    readers: dict[str, Callable[[Job, Path], Any]] = {
        ".skops": _skops,
        ".joblib": _pickle,
        ".pkl": _pickle,
        ".pickle": _pickle,
    }
    reader = readers.get(path.suffix)
    if reader is None:
        raise WorkerError("OCA204", f"{path.name} is not a scikit-learn source", _FORMS)
    try:
        made = reader(job, path)
    except (WorkerError, MemoryError):
        raise
    except Exception as error:
        if _of_another_version(error):
            message = f"{path.name} was written by another scikit-learn: {type(error).__name__}: {shorten(str(error))}"
            raise WorkerError("OCA275", message) from error
        if isinstance(error, ModuleNotFoundError):
            raise
        message = f"{path.name} cannot be loaded: {type(error).__name__}: {shorten(str(error))}"
        raise WorkerError("OCA204", message, "it may be damaged or from another scikit-learn") from error
    if not _is_estimator(made):
        raise WorkerError("OCA203", f"{path.name} holds an object of type {type(made).__name__}, not an estimator")
    return made


def _of_another_version(error: Exception) -> bool:
    """Whether a file names what this scikit-learn no longer has, or holds arrays of a layout that has changed."""
    if isinstance(error, ModuleNotFoundError):
        return (error.name or "").startswith("sklearn.")
    gone = isinstance(error, AttributeError | ImportError) and "sklearn." in str(error)
    return gone or (isinstance(error, ValueError) and "incompatible dtype" in str(error))


def _pickle(job: Job, path: Path) -> Any:
    if not job.get("trust"):
        raise WorkerError("OCA205", f"{path.name} is a pickle; loading it runs code that it holds")
    import joblib  # noqa: PLC0415 - only once the pickle may be loaded

    return joblib.load(path)


def _skops(job: Job, path: Path) -> Any:
    import skops.io  # noqa: PLC0415 - a format of several

    untrusted = skops.io.get_untrusted_types(file=path)
    unknown = [name for name in untrusted if name not in _DATA_TYPES]
    if unknown and not job.get("trust"):
        raise WorkerError("OCA228", f"{path.name} holds types that nobody knows to be safe: {', '.join(unknown)}")
    return skops.io.load(path, trusted=untrusted)


def _check_fitted(estimator: Any) -> None:
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        raise WorkerError("OCA226", f"the {type(estimator).__name__} is not fitted") from None
    except TypeError:
        return  # not one of scikit-learn's own; running it will tell


def _tell_versions(caught: list[warnings.WarningMessage], job: Job) -> None:
    versions = set()
    for one in caught:
        if isinstance(one.message, InconsistentVersionWarning):
            versions.add((one.message.original_sklearn_version, one.message.current_sklearn_version))
        else:
            print(warnings.formatwarning(one.message, one.category, one.filename, one.lineno), file=sys.stderr)
    for before, now in sorted(versions):
        job.note("OCA227", f"the estimator was saved by scikit-learn {before} and loaded by {now}")
