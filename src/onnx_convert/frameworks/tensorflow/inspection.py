"""What a graph tells before and after its conversion: training mode, state, operators without a counterpart."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from onnx import defs
from tf2onnx import handler

from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from onnx_convert.workers.original.source import ExportRequest

_RANDOM = re.compile(r"^(Stateless)?(Random|Truncated|Multinomial|StatefulUniform|StatefulStandard|StatefulTrunc)")
_TEXT = re.compile(r"String|Regex|Unicode|Substr|AsString|Base64|Token")
_LOOKUP = re.compile(r"LookupTable|HashTable|MutableTable|AnonymousTable")
_ASSIGN = re.compile(r"^Assign(Add|Sub)?VariableOp$")
_MOVING = re.compile(r"moving_(mean|variance)")
_STANDARD = frozenset({"", "ai.onnx"})


def check(concrete: Any) -> None:
    """Refuse what a fixed graph cannot be (OCA321 training mode, OCA322 state between calls)."""
    variables = {id(variable.handle): variable.name.partition(":")[0] for variable in concrete.graph.variables}
    captured = {inner.op.name: variables.get(id(outer), inner.op.name) for outer, inner in concrete.graph.captures}
    nodes = list(_Walk(concrete.graph.as_graph_def()).nodes(captured))
    normalised = [node.name for node, _ in nodes if node.op.startswith("FusedBatchNorm") and node.attr["is_training"].b]
    assigned = sorted({target for node, target in nodes if target})
    random = [node.name for node, _ in nodes if _RANDOM.match(node.op)]
    moving = [name for name in assigned if _MOVING.search(name)]
    if normalised or moving:
        message = f"BatchNorm normalises with the batch's own statistics: {_shown(moving or normalised)}"
        raise WorkerError("OCA321", message)
    if assigned and random:
        raise WorkerError("OCA321", f"the model draws random numbers, as dropout does: {_shown(random)}")
    if assigned:
        raise WorkerError("OCA322", f"each call of the model changes its variables: {_shown(assigned)}")


class _Walk:
    """The nodes of a graph and of the functions that it really calls."""

    def __init__(self, definition: Any) -> None:
        self._top = definition.node
        self._functions = {function.signature.name: function for function in definition.library.function}

    def nodes(self, variables: Mapping[str, str]) -> Iterator[tuple[Any, str | None]]:
        """Each node with the name of the variable that it assigns to; `variables` are names by placeholder."""
        return self._nodes(self._top, variables, ())

    def _nodes(
        self, nodes: Any, variables: Mapping[str, str], above: tuple[str, ...]
    ) -> Iterator[tuple[Any, str | None]]:
        for node in nodes:
            given = [variables.get(name.partition(":")[0], name) for name in node.input if not name.startswith("^")]
            yield node, given[0] if _ASSIGN.match(node.op) else None
            for name in _called(node):
                function = self._functions.get(name)
                if function is None or name in above:
                    continue
                parameters = [argument.name for argument in function.signature.input_arg]
                passed = dict(zip(parameters, given[-len(parameters) :] if parameters else (), strict=False))
                yield from self._nodes(function.node_def, passed, (*above, name))


def _called(node: Any) -> Iterator[str]:
    for attribute in node.attr.values():
        if attribute.HasField("func"):
            yield attribute.func.name
        yield from (function.name for function in attribute.list.func)


def check_converted(graph: Any, request: ExportRequest) -> None:
    """Raise WorkerError where operators of TensorFlow are left: OCA323 for text, OCA324 for tables, else OCA320."""
    left = Counter(name for name in _left(graph, request.custom.opsets))
    if not left:
        return
    listed = ", ".join(f"`{name}`" + (f" ({count} times)" if count > 1 else "") for name, count in sorted(left.items()))
    message = f"tf2onnx has no ONNX for {listed} at opset {request.opset}"
    if any(_TEXT.search(name) for name in left):
        raise WorkerError("OCA323", message)
    if any(_LOOKUP.search(name) for name in left):
        raise WorkerError("OCA324", message)
    lowest = _lowest(left, request.opset)
    hint = f"it has them from opset {lowest} on" if lowest else None
    raise WorkerError("OCA320", message, hint, opset=lowest)


def needed(operator: str) -> int | None:
    """The lowest opset at which tf2onnx converts an operator of TensorFlow, None if it does at none."""
    versions = handler.tf_op.get_opsets().get("", [])
    return next((version for version, handlers in enumerate(versions) if operator in handlers), None)


def _lowest(left: Mapping[str, int], opset: int) -> int | None:
    versions = [needed(name) or 0 for name in left]
    return max(versions) if min(versions) > 0 and max(versions) > opset else None


def _left(graph: Any, domains: Mapping[str, int]) -> Iterator[str]:
    for node in graph.get_nodes():
        for body in node.get_body_graphs().values() if node.get_body_graphs() else ():
            yield from _left(body, domains)
        if node.is_const() or node.is_graph_input() or node.domain not in _STANDARD:
            continue
        try:
            defs.get_schema(node.type, graph.opset, "")
        except defs.SchemaError:
            yield node.type.removeprefix("TFL_")


def _shown(names: list[str]) -> str:
    rest = len(names) - 3
    return ", ".join(f"`{name}`" for name in names[:3]) + (f" and {rest} more" if rest > 0 else "")
