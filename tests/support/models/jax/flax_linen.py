"""Modules of Flax Linen with their variables."""

from __future__ import annotations

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp


class _Bottleneck(nn.Module):
    width: int
    stride: int = 1

    @nn.compact
    def __call__(self, x: jax.Array, *, train: bool) -> jax.Array:
        y = nn.relu(nn.BatchNorm(use_running_average=not train)(nn.Conv(self.width, (1, 1), use_bias=False)(x)))
        y = nn.Conv(self.width, (3, 3), self.stride, use_bias=False)(y)
        y = nn.relu(nn.BatchNorm(use_running_average=not train)(y))
        y = nn.BatchNorm(use_running_average=not train)(nn.Conv(4 * self.width, (1, 1), use_bias=False)(y))
        if x.shape != y.shape:
            x = nn.Conv(4 * self.width, (1, 1), self.stride, use_bias=False)(x)
        return nn.relu(x + y)


class ResNet(nn.Module):
    """A bottleneck ResNet on NHWC images; (3, 4, 6, 3) blocks are ResNet50."""

    blocks: tuple[int, ...] = (1, 1, 1, 1)
    classes: int = 100
    width: int = 32

    @nn.compact
    def __call__(self, image: jax.Array, train: bool = False) -> jax.Array:
        x = nn.Conv(self.width, (7, 7), 2, use_bias=False)(image)
        x = nn.relu(nn.BatchNorm(use_running_average=not train)(x))
        x = nn.max_pool(x, window_shape=(3, 3), strides=(2, 2), padding="SAME")
        for stage, count in enumerate(self.blocks):
            for block in range(count):
                x = _Bottleneck(self.width * 2**stage, 2 if stage and not block else 1)(x, train=train)
        return nn.Dense(self.classes)(x.mean(axis=(1, 2)))


class Classifier(nn.Module):
    """A text classifier: embedding, LSTM, dropout, dense."""

    vocabulary: int = 100
    hidden: int = 32

    @nn.compact
    def __call__(self, tokens: jax.Array, deterministic: bool = True) -> jax.Array:
        x = nn.Embed(self.vocabulary, self.hidden)(tokens)
        x = nn.RNN(nn.LSTMCell(self.hidden))(x)
        return nn.Dense(3)(nn.Dropout(0.2, deterministic=deterministic)(x[:, -1]))


def resnet(blocks: list[int] | None = None) -> tuple[nn.Module, Any]:
    """The module and its variables, a pair."""
    module = ResNet(tuple(blocks or (1, 1, 1, 1)))
    return module, jax.jit(module.init)(jax.random.key(0), jnp.ones((1, 64, 64, 3)))


def classifier() -> nn.Module:
    """The module bound to its variables."""
    module = Classifier()
    return module.bind(jax.jit(module.init)(jax.random.key(1), jnp.zeros((1, 8), jnp.int32)))
