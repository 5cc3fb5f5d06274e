"""MXNet sources that go wrong in the ways users know."""

from __future__ import annotations

import mxnet as mx
from mxnet import gluon
from mxnet.gluon import nn


class Plain(gluon.Block):
    """A block that cannot be hybridised."""

    def forward(self, x):
        return x * 2


class Peeks(gluon.HybridBlock):
    """Reads a shape in Python, which a symbol does not have."""

    def hybrid_forward(self, F, x):  # noqa: N803 - Gluon's own signature
        return F.reshape(x, (x.shape[0], -1))


def uninitialised() -> gluon.HybridBlock:
    return nn.Dense(3)


def dense() -> gluon.HybridBlock:
    net = nn.Dense(3, in_units=4, prefix="head_")
    net.initialize()
    return net


def nothing() -> None:
    return None


def _random(symbol: mx.sym.Symbol, **shapes: tuple[int, ...]) -> tuple[mx.sym.Symbol, dict[str, mx.nd.NDArray]]:
    mx.random.seed(0)
    names = [name for name in symbol.list_inputs() if name not in shapes]
    arguments, _, states = symbol.infer_shape(**shapes)
    sizes = dict(zip([*symbol.list_arguments(), *symbol.list_auxiliary_states()], [*arguments, *states], strict=True))
    return symbol, {name: mx.nd.random.uniform(0.5, 1.5, sizes[name]) for name in names}


def untranslated() -> tuple[mx.sym.Symbol, dict[str, mx.nd.NDArray]]:
    """Operators that mx2onnx has nothing for, twice one of them."""
    net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=4, name="fc")
    net = mx.sym.gamma(mx.sym.erfinv(mx.sym.tanh(net) * 0.5, name="inverse"), name="factorial")
    return _random(mx.sym.erfinv(net * 0.1, name="again"), data=(1, 3))


def sum_pooling() -> tuple[mx.sym.Symbol, dict[str, mx.nd.NDArray]]:
    """An attribute that mx2onnx refuses."""
    net = mx.sym.FullyConnected(mx.sym.Variable("data"), flatten=False, num_hidden=4, name="fc")
    net = mx.sym.Pooling(net, kernel=(2, 2), pool_type="sum", name="pool")
    return _random(net, data=(1, 3, 8, 8))


def fixed_batch() -> tuple[mx.sym.Symbol, dict[str, mx.nd.NDArray]]:
    """A batch size written into a Reshape."""
    net = mx.sym.Reshape(mx.sym.Variable("data"), shape=(2, 12), name="flat")
    return _random(mx.sym.FullyConnected(net, num_hidden=4, name="fc"), data=(2, 3, 4))


def declares() -> tuple[mx.sym.Symbol, dict[str, mx.nd.NDArray]]:
    """A symbol whose input says what it is."""
    data = mx.sym.Variable("data", shape=(0, 3), dtype="float32")
    return _random(mx.sym.FullyConnected(data, num_hidden=4, name="fc"), data=(1, 3))


def returns_its_input() -> tuple[mx.sym.Symbol, dict[str, mx.nd.NDArray]]:
    data = mx.sym.Variable("data")
    return _random(mx.sym.Group([mx.sym.FullyConnected(data, num_hidden=4, name="fc"), data]), data=(1, 3))
