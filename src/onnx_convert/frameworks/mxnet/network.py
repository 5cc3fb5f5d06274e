"""A symbol with its parameters: which of its arguments are inputs, which are labels of a loss."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

LOSSES = {
    "SoftmaxOutput": 1,
    "Softmax": 1,
    "LogisticRegressionOutput": 1,
    "LinearRegressionOutput": 1,
    "MAERegressionOutput": 1,
    "SVMOutput": 1,
}
"""Operators that end a network for training, and the position of their label; inference ignores it."""

_FALSE = ("False", "0")


@dataclass(frozen=True)
class Network:
    """A symbol and its parameters by name (`mx.nd.NDArray`)."""

    symbol: Any
    params: dict[str, Any]

    @cached_property
    def nodes(self) -> list[dict[str, Any]]:
        """The nodes as the symbol's JSON has them: `op` ("null" for an argument), `name`, `attrs`, `inputs`."""
        found: list[dict[str, Any]] = json.loads(self.symbol.tojson())["nodes"]
        return found

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Arguments that only losses read, as their labels."""
        label: set[str] = set()
        other: set[str] = set()
        for node in self.nodes:
            for position, source in enumerate(node["inputs"]):
                read_as_label = LOSSES.get(node["op"]) == position
                (label if read_as_label else other).add(self.nodes[source[0]]["name"])
        only = label - other
        return tuple(name for name in self.symbol.list_arguments() if name in only and name not in self.params)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Arguments without a parameter, in the symbol's order, labels left out."""
        known = {*self.params, *self.labels}
        return tuple(name for name in self.symbol.list_inputs() if name not in known)

    @cached_property
    def fixed_gammas(self) -> tuple[str, ...]:
        """Parameters that BatchNorm takes for ones, whatever they are, because of its `fix_gamma`."""
        return tuple(
            name
            for node in self.nodes
            if node["op"] == "BatchNorm" and node.get("attrs", {}).get("fix_gamma", "True") not in _FALSE
            if (name := self.nodes[node["inputs"][1][0]]["name"]) in self.params
        )

    def attributes(self, name: str) -> dict[str, str]:
        """What an argument says of itself, such as `__shape__`."""
        return next((dict(node.get("attrs", {})) for node in self.nodes if node["name"] == name), {})

    def readers(self, name: str) -> list[tuple[dict[str, Any], int]]:
        """The nodes that read an argument, with the position at which they do."""
        return [
            (node, position)
            for node in self.nodes
            for position, source in enumerate(node["inputs"])
            if self.nodes[source[0]]["name"] == name
        ]
