"""Modules of Equinox: they take one sample, and `jax.vmap` makes a batch of it."""

from __future__ import annotations

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp


class Mixer(eqx.Module):
    """Token and channel mixing with layer norms and dropout on (tokens, channels)."""

    tokens: eqx.nn.MLP
    channels: eqx.nn.MLP
    norm1: eqx.nn.LayerNorm
    norm2: eqx.nn.LayerNorm
    dropout: eqx.nn.Dropout

    def __init__(self, tokens: int = 16, channels: int = 24, seed: int = 0) -> None:
        a, b = jax.random.split(jax.random.key(seed))
        self.tokens = eqx.nn.MLP(tokens, tokens, 32, 1, activation=jax.nn.gelu, key=a)
        self.channels = eqx.nn.MLP(channels, channels, 64, 1, activation=jax.nn.gelu, key=b)
        self.norm1, self.norm2 = eqx.nn.LayerNorm(channels), eqx.nn.LayerNorm(channels)
        self.dropout = eqx.nn.Dropout(0.3)

    def __call__(self, patches: jax.Array) -> jax.Array:
        x = patches + jax.vmap(self.tokens)(jax.vmap(self.norm1)(patches).T).T
        return x + self.dropout(jax.vmap(self.channels)(jax.vmap(self.norm2)(x)))


class Encoder(eqx.Module):
    """An attention encoder with a GRU on top of embedded tokens."""

    embedding: eqx.nn.Embedding
    attention: eqx.nn.MultiheadAttention
    cell: eqx.nn.GRUCell
    head: eqx.nn.Linear

    def __init__(self, vocabulary: int = 64, width: int = 32, seed: int = 0) -> None:
        a, b, c, d = jax.random.split(jax.random.key(seed), 4)
        self.embedding = eqx.nn.Embedding(vocabulary, width, key=a)
        self.attention = eqx.nn.MultiheadAttention(4, width, key=b)
        self.cell = eqx.nn.GRUCell(width, width, key=c)
        self.head = eqx.nn.Linear(width, 5, key=d)

    def __call__(self, tokens: jax.Array) -> jax.Array:
        x = jax.vmap(self.embedding)(tokens)
        x = x + self.attention(x, x, x)
        last, _ = jax.lax.scan(lambda h, v: (self.cell(v, h), None), jnp.zeros(x.shape[-1]), x)
        return self.head(last)


def mlp() -> Callable[[jax.Array], jax.Array]:
    """A batch of an MLP."""
    return jax.vmap(eqx.nn.MLP(12, 4, 32, 2, key=jax.random.key(0)))


def encoder() -> Callable[[jax.Array], jax.Array]:
    """A batch of the encoder."""
    return jax.vmap(Encoder())
