"""skl2onnx, called so that the graph has the names, the shapes and the opset that were asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import onnx
from onnx import helper
from sklearn.base import is_classifier

from onnx_convert.frameworks.sklearn import boosting, prepare, refusals
from onnx_convert.frameworks.sklearn.heads import final_step, has_scores
from onnx_convert.frameworks.sklearn.mend import mend, reshape
from onnx_convert.frameworks.sklearn.parts import parts
from onnx_convert.workers.original import opset
from onnx_convert.workers.original.declare import declare
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from onnx_convert.frameworks.sklearn.heads import Head
    from onnx_convert.workers.original.source import ExportRequest

HIGHEST = 22
"""The highest opset that skl2onnx 1.20 is tested with; above it the model is raised."""

HIGHEST_ML = 3
"""The highest version of ai.onnx.ml that skl2onnx 1.20 writes."""

DEFAULTS = {"locale": "C.UTF-8", "div": "div"}
"""Options that every step gets which has them.

`locale` is the one that text is lowered in. skl2onnx leaves it to ONNX Runtime, whose en_US is in no slim image: the
model does not load there (https://github.com/onnx/sklearn-onnx/issues/1019). `div` divides as the scalers of
scikit-learn do. skl2onnx multiplies with the inverse, and a last bit that differs changes sides at the threshold of a
tree that follows (https://github.com/microsoft/onnxruntime/issues/4130).
"""

_PATTERN = r"(?u)\b\w\w+\b"
"""What scikit-learn takes for a word, unless it is told otherwise."""

WORDS = r"[\p{L}\p{N}_]{2,}"
"""The same as ONNX Runtime's tokenizer reads it. skl2onnx writes [a-zA-Z0-9_]+, which cuts words at an accent."""

_TYPES = {
    "float32": "FloatTensorType",
    "float64": "DoubleTensorType",
    "int64": "Int64TensorType",
    "int32": "Int32TensorType",
    "bool": "BooleanTensorType",
    "string": "StringTensorType",
}


def convert(estimator: Any, request: ExportRequest, heads: Sequence[Head]) -> None:
    """Write an estimator as ONNX. Raises WorkerError OCA307 for one without a converter, OCA311 for other outputs."""
    boosting.register()
    prepare.settle(estimator, rounded=all(tensor.dtype != "float64" for tensor in request.inputs))
    model = _converted(estimator, request)
    mend(model, estimator, heads)
    found = [output.name for output in model.graph.output]
    if len(found) != len(heads):
        expected = ", ".join(head.name for head in heads)
        message = f"skl2onnx wrote the outputs {', '.join(found)} where {expected} were expected"
        raise WorkerError("OCA311", message, "an export option that adds outputs has no counterpart to compare with")
    names = dict(zip(found, (tensor.name for tensor in request.outputs), strict=True))
    names.update(zip((i.name for i in model.graph.input), (tensor.name for tensor in request.inputs), strict=True))
    rename(model.graph, names)
    reshape(model, request.outputs)
    for value, tensor in zip(
        (*model.graph.input, *model.graph.output), (*request.inputs, *request.outputs), strict=True
    ):
        declare(value, tensor)
    model = opset.bring_to(model, request.opset)
    onnx.save(model, request.path)


def rename(graph: Any, names: Mapping[str, str]) -> None:
    """Rename values of a graph and of its subgraphs; whoever has a new name already gives way."""
    changes = {old: new for old, new in names.items() if old != new}
    taken = set(changes.values()).difference(names)
    changes |= {name: f"{name}_inner" for name in taken}
    _rename(graph, changes)


def _converted(estimator: Any, request: ExportRequest) -> Any:
    import skl2onnx  # noqa: PLC0415 - the errors of its import belong to the export
    from skl2onnx.common import data_types, exceptions  # noqa: PLC0415

    types = [
        (
            tensor.name,
            getattr(data_types, _TYPES[tensor.dtype])([None if isinstance(a, str) else a for a in tensor.shape]),
        )
        for tensor in request.inputs
    ]
    try:
        return skl2onnx.convert_sklearn(
            estimator,
            # Else it is random, and no two files are the same: https://github.com/onnx/sklearn-onnx/issues/881
            name=type(final_step(estimator)).__name__,
            initial_types=types,
            target_opset={"": min(request.opset, HIGHEST), "ai.onnx.ml": _ml(request.opset)},
            options=_options(estimator, request.options),
        )
    except (exceptions.MissingShapeCalculator, exceptions.MissingConverter) as error:
        kind = re.search(r"<class '([^']+)'>|alias '([^']+)'", str(error))
        name = next(filter(None, kind.groups())) if kind else type(final_step(estimator)).__name__
        raise WorkerError("OCA307", f"skl2onnx has no converter for `{name}`") from error
    except Exception as error:
        known = refusals.recognise(error, request.opset)
        if known is None:
            raise
        raise known from error


def _ml(version: int) -> int:
    """The highest version of ai.onnx.ml released with an opset that skl2onnx writes too."""
    # Rows of the table: release, IR version, ai.onnx, ai.onnx.ml, ...
    return min(max((row[3] for row in helper.VERSION_TABLE if row[2] <= version), default=1), HIGHEST_ML)


def _options(estimator: Any, given: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    final = final_step(estimator)
    wanted: dict[str, Any] = {}
    if is_classifier(estimator):
        # Probabilities as a tensor rather than a list of maps; scores as decision_function gives them: without
        # `raw_scores`, skl2onnx writes those of some binary classifiers with the opposite sign.
        wanted = {"zipmap": False} | ({"raw_scores": True} if has_scores(estimator) else {})
    allowed = _allowed(final)
    options = {id(final): {name: value for name, value in wanted.items() if name in allowed}}
    for part in parts(estimator):
        defaults = {name: value for name, value in DEFAULTS.items() if name in _allowed(part)}
        if getattr(part, "analyzer", None) == "word" and part.token_pattern == _PATTERN:
            defaults["tokenexp"] = WORDS
        options.setdefault(id(part), {}).update(defaults)
    for name, value in given.items():
        step, _, option = name.rpartition("__")
        target = _step(estimator, step) if step else final
        if option not in _allowed(target):
            known = ", ".join(sorted(_allowed(target))) or "none"
            message = f"skl2onnx has no option `{option}` for {type(target).__name__}"
            raise WorkerError("OCA310", message, f"it has: {known}; `STEP__OPTION` is one of a pipeline's step")
        options.setdefault(id(target), {})[option] = value
    return {key: chosen for key, chosen in options.items() if chosen}


def _step(estimator: Any, name: str) -> Any:
    """A part of a pipeline by the name that scikit-learn's own parameters use for it."""
    steps = {path: value for path, value in estimator.get_params().items() if hasattr(value, "get_params")}
    if name not in steps:
        known = ", ".join(f"`{path}`" for path in steps) or "none"
        raise WorkerError("OCA310", f"the export options name the step `{name}`; the steps are: {known}")
    return steps[name]


def _allowed(estimator: Any) -> frozenset[str]:
    # skl2onnx raises for an option that a converter does not know, and offers no public way to ask.
    from skl2onnx._supported_operators import sklearn_operator_name_map  # noqa: PLC0415
    from skl2onnx.common._registration import _converter_pool  # noqa: PLC0415

    converter = _converter_pool.get(sklearn_operator_name_map.get(type(estimator)))
    return frozenset(converter.get_allowed_options() or ()) if converter else frozenset()


def _rename(graph: Any, changes: Mapping[str, str]) -> None:
    for node in graph.node:
        for names in (node.input, node.output):
            for position, name in enumerate(names):
                names[position] = changes.get(name, name)
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs) if attribute.type in _GRAPHS else ():
                _rename(inner, changes)
    for values in (graph.input, graph.output, graph.value_info, graph.initializer):
        for value in values:
            value.name = changes.get(value.name, value.name)


_GRAPHS = (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS)
