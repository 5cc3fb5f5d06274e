"""Bringing a converted model to exactly the asked opset.

Some converters write another: skl2onnx the lowest that the operators need (11 or 15 for an asked 17), tf2onnx its own
highest. Where no operator has changed in between, the model means the same under the other number; where one has,
onnx's version converter rewrites it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import onnx
from onnx import defs, helper, version_converter

from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator

_STANDARD = frozenset({"", "ai.onnx"})


def bring_to(model: Any, version: int) -> Any:
    """The model at exactly this opset of ai.onnx, checked. Raises WorkerError OCA309 if it cannot be brought there."""
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
    for node in graph.node:
        if node.domain in _STANDARD:
            yield node.op_type
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _operators(attribute.g)


def _stamped(model: Any, version: int) -> Any:
    # The list is made anew: skl2onnx names the standard domain twice in some models.
    imports = [helper.make_opsetid("", version), *(e for e in model.opset_import if e.domain not in _STANDARD)]
    del model.opset_import[:]
    model.opset_import.extend(imports)
    model.ir_version = max(model.ir_version, helper.find_min_ir_version_for(imports, ignore_unknown=True))
    return model


def _rewritten(model: Any, version: int) -> Any:
    try:
        return version_converter.convert_version(model, version)
    except (RuntimeError, version_converter.ConvertError) as error:
        message = f"the converted model needs opset {_imported(model)} and cannot be brought to {version}"
        raise WorkerError("OCA309", f"{message}: {shorten(str(error))}") from error
