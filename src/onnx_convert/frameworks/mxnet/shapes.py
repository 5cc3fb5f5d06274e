"""Shapes that a network cannot have, found before MXNet runs it."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onnx_convert.frameworks.mxnet.network import Network

Shape = tuple[int, ...]


def arguments(network: Network, inputs: Mapping[str, Shape]) -> dict[str, Shape]:
    """The shape of every argument at these shapes of the inputs.

    Raises WorkerError OCA268 where a Reshape gets another number of elements than it gives: MXNet's executor does not
    check that (https://github.com/apache/mxnet/pull/21025) and reads past the end of the array. What MXNet's own
    inference finds is raised as its MXNetError.
    """
    inner = network.symbol.get_internals()
    known = {name: network.params[name].shape for name in inner.list_arguments() if name in network.params}
    found, outputs, _ = inner.infer_shape(**known, **inputs)
    shapes = dict(zip(inner.list_outputs(), outputs, strict=True))
    for node in network.nodes:
        if node["op"] in ("Reshape", "reshape"):
            _check(network, node, shapes)
    return dict(zip(inner.list_arguments(), found, strict=True))


def _check(network: Network, node: dict[str, Any], shapes: Mapping[str, Shape]) -> None:
    index, output = node["inputs"][0][:2]
    source = network.nodes[index]
    names = (source["name"], f"{source['name']}_output", f"{source['name']}_output{output}")
    before = next((shapes[name] for name in names if name in shapes), None)
    after = shapes[f"{node['name']}_output"]
    if before is not None and prod(before) != prod(after):
        message = (
            f"the Reshape `{node['name']}` makes {list(after)} of {list(before)}, which has {prod(before)} elements"
        )
        raise WorkerError("OCA268", message)
