"""How the packed parameters of MXNet's RNN operator are taken apart."""

from __future__ import annotations

import numpy as np
import pytest

from onnx_convert.frameworks.mxnet.rnn import Layout


def packed(layout: Layout, gates: int, inputs: int) -> np.ndarray:
    """Parameters whose value says which gate they belong to."""
    rows = np.repeat(np.arange(gates, dtype=np.float32), layout.width)
    parts = []
    for layer in range(layout.layers):
        wide = inputs if layer == 0 else layout.width * layout.directions
        for _ in range(layout.directions):
            parts += [np.repeat(rows, wide), np.repeat(rows, layout.width)]
    return np.concatenate([*parts, *[rows] * (2 * layout.layers * layout.directions)])


@pytest.mark.parametrize(
    ("mode", "gates", "order"),
    [("lstm", 4, [0, 3, 1, 2]), ("gru", 3, [1, 0, 2]), ("rnn_tanh", 1, [0])],
)
@pytest.mark.parametrize(("layers", "directions"), [(1, 1), (1, 2), (3, 1), (3, 2)])
def test_weights_and_biases_come_in_the_order_of_onnx(
    mode: str, gates: int, order: list[int], layers: int, directions: int
) -> None:
    layout = Layout(mode, layers, directions, width=5)
    found = layout.unpack(packed(layout, gates, inputs=7))
    assert len(found) == layers
    for layer, (w, r, b) in enumerate(found):
        assert w.shape == (directions, gates * 5, 7 if layer == 0 else 5 * directions)
        assert r.shape == (directions, gates * 5, 5)
        assert b.shape == (directions, 2 * gates * 5)
        rows = np.repeat(order, 5)
        assert (w == rows[None, :, None]).all()
        assert (r == rows[None, :, None]).all()
        assert (b == np.tile(rows, 2)[None]).all()


@pytest.mark.parametrize("name", ["projection_size", "use_sequence_length", "lstm_state_clip_min"])
def test_what_onnx_has_nothing_for_is_refused_by_name(name: str) -> None:
    attributes = {"mode": "lstm", "num_layers": "1", "state_size": "5", name: "3"}
    with pytest.raises(NotImplementedError, match=name):
        Layout.of(attributes)
