"""The RNN operator, with its packed parameters taken apart here.

mx2onnx takes one or two layers, two only if the inputs are as wide as the states, and both directions only for one
layer of LSTM.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import helper, numpy_helper

if TYPE_CHECKING:
    from onnx_convert.workers.original.source import Array

_GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}
_ORDER = {"lstm": (0, 3, 1, 2), "gru": (1, 0, 2)}
"""The place in MXNet of each of ONNX's gates: i f g o for i o f c, and r z n for z r h."""

_OPERATORS = {"lstm": "LSTM", "gru": "GRU", "rnn_tanh": "RNN", "rnn_relu": "RNN"}
_ABSENT = ("None", "False", "0")


@dataclass(frozen=True)
class Layout:
    """How the parameters of an RNN operator are packed: weights of all layers and directions first, then biases."""

    mode: str
    layers: int
    directions: int
    width: int

    @classmethod
    def of(cls, attributes: dict[str, str]) -> Layout:
        """Raises NotImplementedError for attributes that ONNX's operators have nothing for."""
        for name in ("projection_size", "use_sequence_length", "lstm_state_clip_min", "lstm_state_clip_max"):
            if attributes.get(name, "None") not in _ABSENT:
                raise NotImplementedError(f"RNN with {name}={attributes[name]} has no translation")
        directions = 1 if attributes.get("bidirectional", "False") in _ABSENT else 2
        return cls(attributes["mode"], int(attributes["num_layers"]), directions, int(attributes["state_size"]))

    def unpack(self, packed: Array) -> list[tuple[Array, Array, Array]]:
        """W, R and B of ONNX for each layer, directions stacked."""
        rows, taken = _GATES[self.mode] * self.width, 0

        def take(*shape: int) -> Array:
            nonlocal taken
            values = packed[taken : taken + int(np.prod(shape))]
            taken += values.size
            return self._ordered(values.reshape(shape))

        count = self.layers * self.directions
        # What remains of the packed vector once everything else is counted is the first layer's input weights.
        inner = rows * self.directions * self.width * self.directions * (self.layers - 1)
        first = (packed.size - inner - count * rows * (self.width + 2)) // (rows * self.directions)
        widths = [first, *[self.width * self.directions] * (self.layers - 1)]
        weights = [[(take(rows, width), take(rows, self.width)) for _ in range(self.directions)] for width in widths]
        biases = [[np.concatenate([take(rows), take(rows)]) for _ in range(self.directions)] for _ in widths]
        return [
            (np.stack([w for w, _ in pairs]), np.stack([r for _, r in pairs]), np.stack(bias))
            for pairs, bias in zip(weights, biases, strict=True)
        ]

    def _ordered(self, values: Array) -> Array:
        gates = np.split(values, _GATES[self.mode])
        return np.concatenate([gates[place] for place in _ORDER.get(self.mode, (0,))])


def translate(node: dict[str, Any], packed: Array, sources: list[str], initializer: Any) -> list[Any]:
    """The nodes for an RNN operator; `sources` are the names of its inputs: data, parameters, states."""
    name, attributes = node["name"], node["attrs"]
    layout = Layout.of(attributes)

    def constant(suffix: str, values: Any) -> str:
        initializer.append(numpy_helper.from_array(np.asarray(values), f"{name}_{suffix}"))
        return f"{name}_{suffix}"

    nodes, states = _states(name, sources, constant)
    data = sources[0]
    finals: list[list[str]] = [[] for _ in states]
    for layer, (w, r, b) in enumerate(layout.unpack(packed)):
        at = f"{name}_{layer}"
        bounds = [constant(f"{layer}_{place}", [(layer + place) * layout.directions]) for place in (0, 1)]
        initial = [f"{at}_initial{k}" for k in range(len(states))]
        nodes += [
            helper.make_node("Slice", [state, *bounds], [own]) for state, own in zip(states, initial, strict=True)
        ]
        inputs = [data, constant(f"{layer}_W", w), constant(f"{layer}_R", r), constant(f"{layer}_B", b), "", *initial]
        last = [f"{at}_last{k}" for k in range(len(states))]
        nodes.append(_recurrence(layout, inputs, [f"{at}_all", *last]))
        # [time, direction, batch, width] to [time, batch, direction x width]
        nodes.append(helper.make_node("Transpose", [f"{at}_all"], [f"{at}_turned"], perm=[0, 2, 1, 3]))
        data = name if layer == layout.layers - 1 else f"{at}_out"
        shape = constant(f"{layer}_shape", [0, 0, layout.directions * layout.width])
        nodes.append(helper.make_node("Reshape", [f"{at}_turned", shape], [data]))
        for found, own in zip(finals, last, strict=True):
            found.append(own)
    if attributes.get("state_outputs", "False") not in _ABSENT:
        nodes += [helper.make_node("Concat", own, [f"{name}{k}"], axis=0) for k, own in enumerate(finals, 1)]
    return nodes


def _states(name: str, sources: list[str], constant: Any) -> tuple[list[Any], list[str]]:
    """Initial states for the batch that the data has: Gluon's own have a batch of 1."""
    nodes = [
        helper.make_node("Shape", [sources[0]], [f"{name}_sizes"]),
        helper.make_node("Slice", [f"{name}_sizes", constant("one", [1]), constant("two", [2])], [f"{name}_batch"]),
        helper.make_node("Concat", [f"{name}_one", f"{name}_batch", f"{name}_one"], [f"{name}_wanted"], axis=0),
    ]
    states = [f"{name}_state{k}" for k in range(len(sources) - 2)]
    for source, state in zip(sources[2:], states, strict=True):
        nodes.append(helper.make_node("Expand", [source, f"{name}_wanted"], [state]))
    return nodes, states


def _recurrence(layout: Layout, inputs: list[str], outputs: list[str]) -> Any:
    attributes: dict[str, Any] = {"hidden_size": layout.width}
    if layout.directions == 2:
        attributes["direction"] = "bidirectional"
    if layout.mode == "gru":
        attributes["linear_before_reset"] = 1
    if layout.mode == "rnn_relu":
        attributes["activations"] = ["Relu"] * layout.directions
    return helper.make_node(_OPERATORS[layout.mode], inputs, outputs, **attributes)
