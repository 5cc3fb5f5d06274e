"""Sources of JAX that cannot be converted as they are, each for one reason."""

from __future__ import annotations

import equinox as eqx
import flax.linen as nn
import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx


class Dense(nn.Module):
    """One layer of Linen with dropout and batch statistics."""

    train: bool = False

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        x = nn.Dropout(0.5, deterministic=True)(nn.Dense(3)(x))
        return nn.BatchNorm(use_running_average=not self.train)(x)


def an_array() -> jax.Array:
    return jnp.ones(3)


def unbound(train: bool = False) -> nn.Module:
    return Dense(train)


def untransformed() -> object:
    return hk.transform(lambda x: hk.Linear(3)(x) + 1)


def training_linen() -> object:
    variables = Dense().init(jax.random.key(0), jnp.ones((1, 4)))
    return Dense(train=True), variables


def training_equinox() -> object:
    return jax.vmap(eqx.nn.Sequential([eqx.nn.Linear(4, 3, key=jax.random.key(0)), eqx.nn.Dropout(0.5)]))


def training_nnx() -> object:
    model = nnx.Sequential(nnx.Linear(4, 3, rngs=nnx.Rngs(0)), nnx.Dropout(0.5, rngs=nnx.Rngs(1)))
    return lambda x: model(x) + 1


def branching(x: jax.Array) -> jax.Array:
    return x if x.sum() > 0 else -x


def to_number(x: jax.Array) -> jax.Array:
    return x * float(x[0, 0])


def compares_size(x: jax.Array) -> jax.Array:
    return x if x.shape[0] > 3 else -x


def pairs(x: jax.Array) -> jax.Array:
    return x.reshape(-1, 2)


def same_sizes(x: jax.Array, y: jax.Array) -> jax.Array:
    return x + y


def layer(x: jax.Array) -> jax.Array:
    return x @ jnp.ones((7, 3))


def noise(x: jax.Array) -> jax.Array:
    return x + jax.random.normal(jax.random.key(0), (1, 4))


def without_converter(x: jax.Array) -> jax.Array:
    return jax.random.gamma(jax.random.key(0), jnp.abs(x) + 1)


def singular_values(x: jax.Array) -> jax.Array:
    return jnp.linalg.svd(x, compute_uv=True)[0]


def pooled(x: jax.Array) -> jax.Array:
    """The window by position, which jax2onnx's own `max_pool` does not take."""
    return nnx.max_pool(x, (2, 2))


def complex_output(x: jax.Array) -> jax.Array:
    return jnp.fft.fft(x)


def text_output(x: jax.Array) -> tuple[jax.Array, str]:
    return x, "text"


def maker(x: int) -> object:
    return lambda y: y * x


def add(x: jax.Array, y: jax.Array) -> dict[str, jax.Array]:
    """Keys that JAX would sort."""
    return {"sum": x + y, "difference": x - y, "same": x}


def tree(width: int = 3) -> object:
    params = {"layer": {"w": jnp.zeros((4, width)), "b": jnp.zeros(width)}}
    return lambda p, x: x @ p["layer"]["w"] + p["layer"]["b"], params


def constant() -> object:
    return lambda: jnp.arange(4.0)


def lookup(index: jax.Array) -> jax.Array:
    return jnp.arange(12.0)[index]


def half(x: jax.Array) -> jax.Array:
    return jnp.tanh(x) * 2


def masked(x: jax.Array) -> jax.Array:
    """A causal mask of booleans, whose `Where` ONNX Runtime has no kernel for."""
    mask = jnp.tril(jnp.ones((x.shape[1], x.shape[1]), dtype=bool))
    return jnp.where(mask, x[:, None, :], 0).sum(axis=-1)


class Scaled(nnx.Module):
    """Computes a constant with numpy from a parameter while it is traced."""

    def __init__(self) -> None:
        self.scale = nnx.Param(jnp.arange(1.0, 5.0))

    def __call__(self, x: jax.Array) -> jax.Array:
        return x * np.log1p(np.asarray(self.scale[...]))
