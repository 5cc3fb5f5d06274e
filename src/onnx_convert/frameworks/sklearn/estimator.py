"""A fitted estimator as a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import sklearn

from onnx_convert.frameworks.sklearn import boosting, boundary, inspect
from onnx_convert.frameworks.sklearn.export import convert
from onnx_convert.frameworks.sklearn.heads import evaluate, final_step, has_scores, heads, methods
from onnx_convert.frameworks.sklearn.prepare import reads_text
from onnx_convert.workers.original.source import Boundary, TensorInfo
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from onnx_convert.workers.original.source import Array, ExportRequest
    from onnx_convert.workers.protocol import Job

DTYPES = ("float32", "float64", "int64", "int32", "bool", "string")
"""What skl2onnx takes as inputs."""


class EstimatorSource:
    """A fitted estimator or pipeline; it gets the same float32 values as the ONNX model."""

    def __init__(self, estimator: Any, job: Job) -> None:
        self.versions = _versions()
        self._estimator = estimator
        self._job = job
        self._heads = heads(estimator)
        self._inputs: tuple[TensorInfo, ...] = ()
        self._undecided = 0
        inspect.refuse_dictionaries(estimator)
        if has_scores(estimator):
            name = type(final_step(estimator)).__name__
            job.note("OCA312", f"{name} gives scores, not probabilities: the output is `scores`, its decision_function")

    def signature(self) -> list[TensorInfo] | None:
        """None where the spec has inputs: how they are split is the user's choice; else what fit() saw."""
        return None if self._job.get("inputs") and _all_shaped(self._job["inputs"]) else self._seen()

    def guess(self) -> list[TensorInfo]:
        """What fit() saw."""
        return self._seen() or [TensorInfo("features", "float32", ("batch", 4))]

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """Any batch will do."""
        return {}

    def accept(self, inputs: tuple[TensorInfo, ...]) -> None:
        """Take one array, or one column [batch, 1] for each input (OCA211, OCA230)."""
        for tensor in inputs:
            if tensor.dtype not in DTYPES:
                message = f"input `{tensor.name}` is {tensor.dtype}, which skl2onnx does not take"
                raise WorkerError("OCA230", message, f"it takes {', '.join(DTYPES)}")
            if len(inputs) > 1 and tensor.shape[1:] != (1,):
                message = f"input `{tensor.name}` is {list(tensor.shape)}; with several inputs each is one column"
                raise WorkerError("OCA211", message, 'give `shape = ["batch", 1]`, or one input with all features')
        inspect.refuse_mixed_columns(self._estimator, inputs)
        if len({tensor.shape[0] for tensor in inputs if tensor.shape}) > 1:
            raise WorkerError("OCA211", "the inputs are columns of one table, but their first dimensions differ")
        self._inputs = inputs

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """The outputs as the ONNX graph gives them, in its dtypes."""
        table = self._table(inputs)
        double = all(tensor.dtype == "float64" for tensor in self._inputs)
        with inspect.explained(self._inputs):
            found = evaluate(self._heads, self._estimator, table)
        self._undecided += inspect.undecided(self._estimator, found)
        return {name: _onnx_dtype(values, double=double) for name, values in found.items()}

    def bind(self, inputs: Mapping[str, Array], threads: int) -> Callable[[], object]:
        """All outputs of the ONNX graph, one method after the other, on inputs in scikit-learn's form."""
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - only measuring needs it

        threadpool_limits(threads)
        table = self._table(inputs)
        calls = [getattr(self._estimator, method) for method in methods(self._heads)]
        return lambda: [call(table) for call in calls]

    def export(self, request: ExportRequest) -> None:
        """Convert with skl2onnx."""
        for message in inspect.left_out(self._estimator):
            self._job.note("OCA274", message)
        if self._undecided and any(tensor.dtype != "float64" for tensor in self._inputs):
            message = f"{self._undecided} of the reference scores lie within float32's precision of the boundary"
            self._job.note("OCA342", message)
        convert(self._estimator, request, self._heads)

    def boundary(self, example: Mapping[str, Array], limit: int) -> list[Boundary]:
        """Samples at thresholds of trees that see the inputs as they are; none for other estimators and dtypes."""
        if any(tensor.dtype != "float32" for tensor in self._inputs):
            return []
        sample = np.concatenate([array[:1].reshape(1, -1) for array in example.values()], axis=1)[0]
        found = boundary.splits(self._estimator, limit)
        if not found:
            return []
        table = np.concatenate([boundary.rows(split, sample) for split in found])
        names = getattr(self._estimator, "feature_names_in_", None)
        points = [
            {
                "feature": f"feature {split.feature}" if names is None else str(names[split.feature]),
                "threshold": split.threshold,
                "value": float(table[3 * number + step, split.feature]),
            }
            for number, split in enumerate(found)
            for step in range(3)
        ]
        return list(self._batches(table, points))

    def _batches(self, table: Array, points: list[dict[str, Any]]) -> Iterator[Boundary]:
        """The rows as inputs, in one batch where its size is free; the last of several is filled up."""
        first = self._inputs[0].shape[0]
        size = first if isinstance(first, int) else len(table)
        for start in range(0, len(table), size):
            rows = table[np.arange(start, start + size) % len(table)]
            arrays = np.split(rows, rows.shape[1], axis=1) if len(self._inputs) > 1 else [rows]
            named = {
                tensor.name: np.ascontiguousarray(array) for tensor, array in zip(self._inputs, arrays, strict=True)
            }
            yield Boundary(named, tuple(points[start : start + size]))

    def _table(self, inputs: Mapping[str, Array]) -> Any:
        arrays = {name: a.astype(object) if a.dtype.kind == "U" else a for name, a in inputs.items()}
        names = getattr(self._estimator, "feature_names_in_", None)
        if len(arrays) == 1 and (names is None or list(arrays) != list(names)):
            (array,) = arrays.values()
            if names is None or array.ndim != 2 or array.shape[1] != len(names):
                return array.ravel() if reads_text(self._estimator) else array
            arrays = {str(name): array[:, [position]] for position, name in enumerate(names)}
        import pandas as pd  # noqa: PLC0415 - only estimators of named columns need it

        return pd.DataFrame({name: array[:, 0] for name, array in arrays.items()})

    def _seen(self) -> list[TensorInfo] | None:
        if _has_columns(self._estimator) and hasattr(self._estimator, "feature_names_in_"):
            return [TensorInfo(str(name), "float32", ("batch", 1)) for name in self._estimator.feature_names_in_]
        width = getattr(self._estimator, "n_features_in_", None)
        return None if width is None else [TensorInfo("features", "float32", ("batch", int(width)))]


def _versions() -> dict[str, str]:
    import skl2onnx  # noqa: PLC0415 - beside the others whose version is told

    own = {"scikit-learn": sklearn.__version__, "skl2onnx": skl2onnx.__version__, "numpy": np.__version__}
    return own | boosting.versions()


def _all_shaped(given: Mapping[str, Mapping[str, Any]]) -> bool:
    return all(values.get("shape") is not None for values in given.values())


def _has_columns(estimator: Any) -> bool:
    if type(estimator).__name__ == "ColumnTransformer":
        return True
    return any(_has_columns(step) for _, step in getattr(estimator, "steps", ()))


def _onnx_dtype(values: Array, *, double: bool) -> Array:
    """Labels as int64 or text, numbers as the floats that the graph computes with."""
    if values.dtype.kind in "OUS":
        return values.astype(np.str_)
    if values.dtype.kind in "iub":
        return values.astype(np.int64)
    return values.astype(np.float64 if double else np.float32)
