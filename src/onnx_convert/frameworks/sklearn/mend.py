"""What skl2onnx and onnxmltools leave wrong in a graph and can be put right there, knowing the estimator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import AttributeProto, helper, numpy_helper, shape_inference

from onnx_convert.frameworks.sklearn.heads import Head, final_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onnx_convert.workers.original.source import TensorInfo

_LOG_LINKED = frozenset({"poisson", "gamma"})
"""Losses of HistGradientBoostingRegressor whose trees predict a logarithm."""


_WITH_MISSING = frozenset(
    f"{family}{kind}"
    for family in ("DecisionTree", "RandomForest", "ExtraTrees")
    for kind in ("Classifier", "Regressor")
)
"""Estimators whose trees may be fitted on missing values, and are the trees of the graph in their order."""


def mend(model: Any, estimator: Any, heads: Sequence[Head]) -> None:
    """Change the graph so that it computes what the estimator does, with an output for each head where it has them."""
    final = final_step(estimator)
    graph = model.graph
    _link(graph, final)
    _leaves_of_xgboost(graph, final)
    _missing_values(graph, final)
    _no_neighbour(graph, final)
    _targets(graph, [head for head in heads if head.classes])


def reshape(model: Any, outputs: Sequence[TensorInfo]) -> None:
    """Give every output the rank of the original's, where the graph has another: a column for a row of labels."""
    graph = model.graph
    for output, rank, tensor in zip(graph.output, _ranks(model), outputs, strict=True):
        sizes = [-1 if isinstance(axis, str) else axis for axis in tensor.shape]
        if rank in {None, len(sizes)} or sizes.count(-1) > 1:
            continue
        inner = _behind(graph, output.name)
        sizes_name = f"{output.name}_shape"
        graph.initializer.append(numpy_helper.from_array(np.array(sizes, dtype=np.int64), sizes_name))
        graph.node.append(helper.make_node("Reshape", [inner, sizes_name], [output.name]))


def _ranks(model: Any) -> list[int | None]:
    """The ranks of outputs that follow from the nodes, else those that the converter declares; None if neither."""
    declared = [_rank(output) for output in model.graph.output]
    bare = type(model)()
    bare.CopyFrom(model)
    del bare.graph.value_info[:]
    for output in bare.graph.output:
        output.type.tensor_type.ClearField("shape")
    inferred = [_rank(output) for output in shape_inference.infer_shapes(bare).graph.output]
    return [found if found is not None else said for found, said in zip(inferred, declared, strict=True)]


def _rank(value: Any) -> int | None:
    tensor = value.type.tensor_type
    return len(tensor.shape.dim) if tensor.HasField("shape") else None


def _behind(graph: Any, name: str) -> str:
    """Make the value `name` an inner one, so that a new node can give the output of that name."""
    inner = f"{name}_before"
    for node in graph.node:
        for names in (node.input, node.output):
            for position, value in enumerate(names):
                if value == name:
                    names[position] = inner
    return inner


def _link(graph: Any, final: Any) -> None:
    # skl2onnx leaves out the inverse of the loss's link function.
    if type(final).__name__ == "HistGradientBoostingRegressor" and final.loss in _LOG_LINKED:
        name = graph.output[0].name
        graph.node.append(helper.make_node("Exp", [_behind(graph, name)], [name]))


def _leaves_of_xgboost(graph: Any, final: Any) -> None:
    # onnxmltools takes trees to be of each class or target in turn; XGBoost keeps whose each tree is.
    if not hasattr(final, "get_booster"):
        return
    learner = json.loads(bytes(final.get_booster().save_raw("json")))["learner"]
    owner = learner["gradient_booster"].get("model", {}).get("tree_info", [])
    if len(set(owner)) < 2:
        return
    for prefix in ("class", "target"):
        for attributes in _ensembles(graph):
            if f"{prefix}_ids" in attributes:
                trees = attributes[f"{prefix}_treeids"].ints
                attributes[f"{prefix}_ids"].ints[:] = [owner[tree] for tree in trees]


def _missing_values(graph: Any, final: Any) -> None:
    # Trees fitted on NaN have learned a side for it; skl2onnx writes the right one for all.
    if type(final).__name__ not in _WITH_MISSING:
        return
    trees = [one.tree_ for one in getattr(final, "estimators_", [final])]
    if not any(tree.missing_go_to_left.any() for tree in trees):
        return
    for attributes in _ensembles(graph):
        numbers = list(zip(attributes["nodes_treeids"].ints, attributes["nodes_nodeids"].ints, strict=True))
        if len(numbers) != sum(tree.node_count for tree in trees):
            return  # of several targets: each tree is an ensemble a target, and takes no missing values
        sides = [int(trees[tree].missing_go_to_left[node]) for tree, node in numbers]
        attributes["nodes_missing_value_tracks_true"].ints[:] = sides


def _no_neighbour(graph: Any, final: Any) -> None:
    # skl2onnx writes -1 where a neighbour is beyond the radius and leaves its value out of the sum afterwards; ONNX
    # Runtime refuses the index before that.
    if not type(final).__name__.startswith("RadiusNeighbors"):
        return
    lowest = "no_neighbour"
    graph.initializer.append(numpy_helper.from_array(np.zeros(1, dtype=np.int64), lowest))
    for position, node in reversed(list(enumerate(graph.node))):
        if node.op_type == "ArrayFeatureExtractor" and node.name.startswith("knny"):
            index = f"{node.output[0]}_index"
            graph.node.insert(position, helper.make_node("Max", [node.input[1], lowest], [index]))
            node.input[1] = index


def _ensembles(graph: Any) -> list[dict[str, AttributeProto]]:
    return [
        {attribute.name: attribute for attribute in node.attribute}
        for node in graph.node
        if node.op_type.startswith("TreeEnsemble")
    ]


def _targets(graph: Any, heads: Sequence[Head]) -> None:
    """One output a target, where skl2onnx gives a sequence of them, or one tensor [targets, batch, classes]."""
    if not heads:
        return
    together = graph.output[1]
    maker = next(node for node in graph.node if together.name in node.output)
    element = together.type.tensor_type.elem_type or together.type.sequence_type.elem_type.tensor_type.elem_type
    del graph.output[1]
    if maker.op_type == "SequenceConstruct":
        names = list(maker.input)
        graph.node.remove(maker)
    else:
        names = [_one_target(graph, together.name, head) for head in heads]
    graph.output.extend(helper.make_tensor_value_info(name, element, [None, None]) for name in names)


def _one_target(graph: Any, together: str, head: Head) -> str:
    assert head.target is not None
    name = f"{together}_{head.target}"
    constants = {"index": np.array(head.target), "start": np.array([0]), "end": np.array([head.classes])}
    for role, value in {**constants, "axis": np.array([1])}.items():
        graph.initializer.append(numpy_helper.from_array(value.astype(np.int64), f"{name}_{role}"))
    graph.node.append(helper.make_node("Gather", [together, f"{name}_index"], [f"{name}_all"], axis=0))
    graph.node.append(
        helper.make_node("Slice", [f"{name}_all", f"{name}_start", f"{name}_end", f"{name}_axis"], [name])
    )
    return name
