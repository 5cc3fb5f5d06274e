"""Bringing a converted model to exactly the asked opset.

Some converters write another: skl2onnx the lowest that the operators need (11 or 15 for an asked 17), tf2onnx its own
highest. Where no operator has changed in between, the model means the same under the other number; where one has,
onnx's version converter rewrites it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import onnx
from onnx import defs, helper, version_converter

from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_STANDARD = frozenset({"", "ai.onnx"})

_WIDENED = {"Split": 13, "Pad": 13, "ScatterElements": 16, "ScatterND": 16}
_WIDENED_AT = 18
"""Operators that only got more at opset 18, and since when they were as they are without that."""

_ASIDE = "onnx_convert.aside"


def bring_to(model: Any, version: int) -> Any:
    """The model at exactly this opset of ai.onnx, checked. Raises WorkerError OCA309 if it cannot be brought there."""
    newest = defs.onnx_opset_version()
    if version > newest:
        raise WorkerError("OCA309", f"onnx {onnx.__version__} knows no opset {version}; its newest is {newest}")
    have = _imported(model)
    unchanged = have in {0, version} or _same_meaning(model, have, version)
    model = _stamped(model, version) if unchanged else _rewritten(model, version)
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        message = f"at opset {version} the converted model is not valid: {shorten(str(error))}"
        raise WorkerError("OCA309", message) from error
    return model


def _imported(model: Any) -> int:
    return max((int(entry.version) for entry in model.opset_import if entry.domain in _STANDARD), default=0)


def _same_meaning(model: Any, have: int, want: int) -> bool:
    return all(_since(name, have) == _since(name, want) for name in set(_operators(model.graph)))


def _since(name: str, version: int) -> int:
    try:
        return int(defs.get_schema(name, version, "").since_version)
    except defs.SchemaError:
        return -1


def _operators(graph: Any) -> Iterator[str]:
    return (node.op_type for node in _nodes(graph) if node.domain in _STANDARD)


def _nodes(graph: Any) -> Iterator[Any]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _nodes(attribute.g)


def _stamped(model: Any, version: int) -> Any:
    # The list is made anew: skl2onnx names the standard domain twice in some models.
    imports = [helper.make_opsetid("", version), *(e for e in model.opset_import if e.domain not in _STANDARD)]
    del model.opset_import[:]
    model.opset_import.extend(imports)
    model.ir_version = max(model.ir_version, helper.find_min_ir_version_for(imports, ignore_unknown=True))
    return model


def _rewritten(model: Any, version: int) -> Any:
    try:
        _put_aside(model, version)
        converted = version_converter.convert_version(model, version)
    except (RuntimeError, version_converter.ConvertError) as error:
        message = f"the converted model needs opset {_imported(model)} and cannot be brought to {version}"
        said = re.sub(r"^.* failed: ", "", str(error), count=1)  # without the place in onnx's C++ sources
        raise WorkerError("OCA309", f"{message}: {shorten(said)}") from error
    _put_back(converted, version)
    return converted


def _put_aside(model: Any, version: int) -> None:
    """Hide nodes from the converter that mean the same before and after, and for which it knows no way back."""
    if version < _WIDENED_AT <= _imported(model):
        model.opset_import.append(helper.make_opsetid(_ASIDE, 1))
        for node in _nodes(model.graph):
            since = _WIDENED.get(node.op_type, version + 1) if node.domain in _STANDARD else version + 1
            if since <= version and not _uses_more(node):
                node.domain = _ASIDE
                # Without it, Split makes equal parts of as many outputs as it has.
                _keep_attributes(node, lambda attribute: attribute.name != "num_outputs")


def _put_back(model: Any, version: int) -> None:
    for node in _nodes(model.graph):
        if node.domain == _ASIDE:
            node.domain = ""
        elif node.op_type.startswith("Reduce") and not _has_attribute(node, "noop_with_empty_axes", version):
            # What the converter makes of axes as an input keeps an attribute that belongs to that form.
            _keep_attributes(node, lambda attribute: attribute.name != "noop_with_empty_axes")
    kept = [entry for entry in model.opset_import if entry.domain != _ASIDE]
    del model.opset_import[:]
    model.opset_import.extend(kept)


def _uses_more(node: Any) -> bool:
    """Whether a node uses what opset 18 brought: axes of Pad, the reductions max and min of Scatter."""
    attributes = {attribute.name: attribute for attribute in node.attribute}
    reduction = attributes["reduction"].s if "reduction" in attributes else b"none"
    return (node.op_type == "Pad" and len(node.input) > 3) or reduction in {b"max", b"min"}


def _has_attribute(node: Any, attribute: str, version: int) -> bool:
    return attribute in defs.get_schema(node.op_type, version, node.domain).attributes


def _keep_attributes(node: Any, keep: Callable[[Any], bool]) -> None:
    kept = [attribute for attribute in node.attribute if keep(attribute)]
    del node.attribute[:]
    node.attribute.extend(kept)
