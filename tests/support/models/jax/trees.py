"""Parameters as a tree beside a pure function, by hand and by Haiku."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import haiku as hk
import jax
import jax.numpy as jnp

Tree = dict[str, dict[str, jax.Array]]


def autoencoder() -> tuple[Callable[[Tree, jax.Array], dict[str, jax.Array]], Tree]:
    """`(apply, params)`: a variational encoder's mean and a reconstruction."""
    sizes = {"encoder": (28, 16), "mean": (16, 4), "decoder": (4, 28)}
    params = {
        name: {"w": jax.random.normal(jax.random.key(n), size) / size[0] ** 0.5, "b": jnp.zeros(size[1])}
        for n, (name, size) in enumerate(sizes.items())
    }

    def dense(p: dict[str, jax.Array], x: jax.Array) -> jax.Array:
        return x @ p["w"] + p["b"]

    def apply(params: Tree, x: jax.Array) -> dict[str, jax.Array]:
        mean = dense(params["mean"], jax.nn.softplus(dense(params["encoder"], x)))
        return {"reconstruction": jax.nn.sigmoid(dense(params["decoder"], mean)), "mean": mean}

    return apply, params


def haiku_convnet() -> tuple[Any, Any, Any]:
    """`(transformed, params, state)`: convolutions with Haiku's BatchNorm."""

    def network(image: jax.Array, training: bool = False) -> jax.Array:
        x = image
        for width in (16, 32):
            x = hk.Conv2D(width, 3, stride=2)(x)
            x = jax.nn.relu(hk.BatchNorm(create_scale=True, create_offset=True, decay_rate=0.9)(x, training))
        return hk.Linear(10)(hk.avg_pool(x, (4, 4), (4, 4), "SAME").mean(axis=(1, 2)))

    transformed = hk.transform_with_state(network)
    example = jnp.ones((1, 32, 32, 3))
    params, state = transformed.init(jax.random.PRNGKey(0), example, training=True)
    return transformed, params, state


def haiku_attention() -> tuple[Any, Any]:
    """`(transformed, params)`: self attention and a layer norm, without the random key."""

    def network(x: jax.Array) -> jax.Array:
        attention = hk.MultiHeadAttention(4, 8, w_init=hk.initializers.VarianceScaling(1.0), model_size=32)
        return hk.LayerNorm(axis=-1, create_scale=True, create_offset=True)(x + attention(x, x, x))

    transformed = hk.without_apply_rng(hk.transform(network))
    return transformed, transformed.init(jax.random.PRNGKey(0), jnp.ones((1, 6, 32)))
