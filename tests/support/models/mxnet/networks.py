"""Networks of MXNet 1.9 as users write them: Gluon blocks and symbols."""

from __future__ import annotations

import mxnet as mx
from mxnet import autograd, gluon
from mxnet.gluon import nn, rnn
from mxnet.gluon.model_zoo import vision


def zoo(name: str, size: int = 224, classes: int = 1000) -> gluon.HybridBlock:
    """A network of Gluon's model zoo, by its name, with statistics of its BatchNorms from a few training steps."""
    net = vision.get_model(name, classes=classes)
    return settled(net, mx.nd.zeros((1, 3, size, size)))


def settled(net: gluon.HybridBlock, *inputs: mx.nd.NDArray) -> gluon.HybridBlock:
    """Seeded weights, and running statistics that are not those BatchNorm starts with."""
    mx.random.seed(0)
    net.initialize(mx.init.Xavier(), force_reinit=True)
    net.hybridize()
    net(*inputs)
    for name, parameter in net.collect_params().items():
        if name.endswith(("gamma", "running_var")):
            parameter.set_data(mx.nd.random.uniform(0.5, 1.5, parameter.shape))
        elif name.endswith(("beta", "running_mean", "bias")):
            parameter.set_data(mx.nd.random.normal(0, 0.1, parameter.shape))
    with autograd.train_mode():
        for _ in range(5):
            net(*(mx.nd.random.normal(shape=one.shape) for one in inputs)) if inputs[0].dtype != "int32" else net(
                *inputs
            )
    mx.nd.waitall()
    return net


def mlp(hidden: int = 64, classes: int = 10) -> gluon.HybridBlock:
    """Dense layers with BatchNorm and Dropout."""
    net = nn.HybridSequential()
    net.add(
        nn.Dense(hidden, activation="relu"),
        nn.BatchNorm(),
        nn.Dropout(0.5),
        nn.Dense(hidden),
        nn.PReLU(),
        nn.LayerNorm(),
        nn.Dense(classes),
    )
    return settled(net, mx.nd.zeros((4, 20)))


class Recurrent(gluon.HybridBlock):
    """A recurrent layer over [batch, time, features] and a dense one on its last step."""

    def __init__(self, cell: str, layers: int, bidirectional: bool) -> None:
        super().__init__()
        with self.name_scope():
            kind = {"lstm": rnn.LSTM, "gru": rnn.GRU, "rnn": rnn.RNN}[cell]
            self.layer = kind(32, num_layers=layers, layout="NTC", bidirectional=bidirectional, input_size=16)
            self.head = nn.Dense(5, in_units=64 if bidirectional else 32)

    def hybrid_forward(self, F, x):  # noqa: N803 - Gluon's own signature
        return self.head(F.slice_axis(self.layer(x), axis=1, begin=-1, end=None))


def recurrent(cell: str, layers: int = 1, bidirectional: bool = False) -> gluon.HybridBlock:
    """An LSTM or a GRU."""
    return settled(Recurrent(cell, layers, bidirectional), mx.nd.zeros((2, 7, 16)))


def decoder() -> gluon.HybridBlock:
    """Upsampling: transposed convolutions and nearest neighbours, [batch, 8, h, w] to [batch, 3, 8h, 8w]."""
    net = nn.HybridSequential()
    net.add(
        nn.Conv2DTranspose(16, 4, strides=2, padding=1),
        nn.BatchNorm(),
        nn.LeakyReLU(0.1),
        nn.Conv2DTranspose(8, 3, strides=2, padding=1, output_padding=1),
        nn.InstanceNorm(),
        nn.Swish(),
        nn.HybridLambda(lambda op, x: op.UpSampling(x, scale=2, sample_type="nearest")),
        nn.Conv2D(3, 3, padding=1, activation="tanh"),
    )
    return settled(net, mx.nd.zeros((2, 8, 8, 8)))


class Words(gluon.HybridBlock):
    """Embedded tokens, convolved, pooled over time."""

    def __init__(self) -> None:
        super().__init__()
        with self.name_scope():
            self.embedding = nn.Embedding(100, 24)
            self.convolution = nn.Conv1D(32, 3, padding=1, activation="relu", in_channels=24)
            self.pool = nn.GlobalMaxPool1D()
            self.head = nn.Dense(4, in_units=32)

    def hybrid_forward(self, F, tokens):  # noqa: N803
        embedded = F.transpose(self.embedding(tokens), axes=(0, 2, 1))
        return F.softmax(self.head(self.pool(self.convolution(embedded))))


def words() -> gluon.HybridBlock:
    """A text classifier."""
    return settled(Words(), mx.nd.zeros((2, 12), dtype="int32"))


class TwoTowers(gluon.HybridBlock):
    """An image and numbers in; a class, a score and the features they share out."""

    def __init__(self) -> None:
        super().__init__()
        with self.name_scope():
            self.eye = nn.HybridSequential()
            self.eye.add(nn.Conv2D(8, 3, strides=2), nn.BatchNorm(), nn.Activation("relu"), nn.GlobalAvgPool2D())
            self.table = nn.Dense(8, activation="sigmoid")
            self.classes = nn.Dense(6)
            self.score = nn.Dense(1)

    def hybrid_forward(self, F, image, numbers):  # noqa: N803
        features = F.concat(F.flatten(self.eye(image)), self.table(numbers), dim=1)
        return F.log_softmax(self.classes(features)), F.sigmoid(self.score(features)), features


def two_towers() -> gluon.HybridBlock:
    """Several inputs, several outputs."""
    return settled(TwoTowers(), mx.nd.zeros((2, 3, 32, 32)), mx.nd.zeros((2, 5)))


class Attention(gluon.HybridBlock):
    """A transformer's encoder layer: self-attention and a feed-forward net, with residuals and LayerNorm."""

    def __init__(self, width: int = 32, heads: int = 4) -> None:
        super().__init__()
        self._heads, self._scale = heads, (width // heads) ** -0.5
        with self.name_scope():
            self.query, self.key, self.value, self.out = (nn.Dense(width, flatten=False) for _ in range(4))
            for name in ("query", "key", "value", "out"):
                self.register_child(getattr(self, name), name)
            self.first, self.second = nn.LayerNorm(), nn.LayerNorm()
            self.wide = nn.Dense(64, flatten=False)
            self.gelu = nn.GELU()
            self.narrow = nn.Dense(width, flatten=False)

    def _split(self, F, x):  # noqa: N803
        x = F.transpose(F.reshape(x, (0, 0, self._heads, -1)), axes=(0, 2, 1, 3))
        return F.reshape(x, (-1, 0, 0), reverse=True)

    def hybrid_forward(self, F, x):  # noqa: N803
        query, key, value = (self._split(F, layer(x)) for layer in (self.query, self.key, self.value))
        weights = F.softmax(F.batch_dot(query, key, transpose_b=True) * self._scale)
        mixed = F.reshape(F.batch_dot(weights, value), (-1, self._heads, 0, 0), reverse=True)
        mixed = F.reshape(F.transpose(mixed, axes=(0, 2, 1, 3)), (0, 0, -1))
        x = self.first(x + self.out(mixed))
        return self.second(x + self.narrow(self.gelu(self.wide(x))))


def attention() -> gluon.HybridBlock:
    """A transformer's encoder layer on [batch, time, 32]."""
    return settled(Attention(), mx.nd.zeros((2, 6, 32)))


def lenet() -> mx.sym.Symbol:
    """A network of the Symbol API, ending in the loss it is trained with; BatchNorm's `fix_gamma` is its default."""
    net = mx.sym.Variable("data")
    for number, filters in enumerate((8, 16)):
        net = mx.sym.Convolution(net, kernel=(5, 5), num_filter=filters, name=f"conv{number}")
        net = mx.sym.BatchNorm(net, name=f"norm{number}")
        net = mx.sym.Activation(net, act_type="tanh", name=f"tanh{number}")
        net = mx.sym.Pooling(net, pool_type="max", kernel=(2, 2), stride=(2, 2), name=f"pool{number}")
    net = mx.sym.FullyConnected(mx.sym.Flatten(net), num_hidden=64, name="fc1")
    net = mx.sym.FullyConnected(mx.sym.Activation(net, act_type="relu"), num_hidden=10, name="fc2")
    return mx.sym.SoftmaxOutput(net, name="softmax")


def module(symbol: mx.sym.Symbol, data: tuple[int, ...], label: str, labels: tuple[int, ...]) -> mx.mod.Module:
    """A module after a few steps of training on noise."""
    mx.random.seed(0)
    made = mx.mod.Module(symbol, label_names=(label,))
    made.bind(data_shapes=[("data", data)], label_shapes=[(label, labels)])
    made.init_params(mx.init.Xavier())
    made.init_optimizer(optimizer_params={"learning_rate": 0.05})
    for _ in range(3):
        batch = mx.io.DataBatch([mx.nd.random.normal(shape=data)], [mx.nd.zeros(labels)])
        made.forward_backward(batch)
        made.update()
    return made


def trained_lenet() -> mx.mod.Module:
    """LeNet as a module, with gammas other than the 1 that `fix_gamma` computes with, as weight decay leaves them."""
    made = module(lenet(), (4, 1, 28, 28), "softmax_label", (4,))
    arguments, states = made.get_params()
    gammas = {name: array * 0.7 for name, array in arguments.items() if name.endswith("gamma")}
    made.set_params({**arguments, **gammas}, states)
    return made


def regression() -> mx.mod.Module:
    """A regressor whose loss mx2onnx has no translation for."""
    net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=16, name="fc1")
    net = mx.sym.FullyConnected(mx.sym.Activation(net, act_type="softrelu"), num_hidden=2, name="fc2")
    return module(mx.sym.LinearRegressionOutput(net, name="target"), (4, 6), "target_label", (4, 2))


def segmentation() -> mx.mod.Module:
    """A class for every pixel: SoftmaxOutput over the channels."""
    net = mx.sym.Convolution(mx.sym.Variable("data"), kernel=(3, 3), pad=(1, 1), num_filter=8, name="conv1")
    net = mx.sym.Convolution(mx.sym.Activation(net, act_type="relu"), kernel=(1, 1), num_filter=5, name="conv2")
    return module(
        mx.sym.SoftmaxOutput(net, multi_output=True, name="softmax"), (2, 3, 16, 16), "softmax_label", (2, 16, 16)
    )
