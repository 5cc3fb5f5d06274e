"""Plain functions of JAX: convolutions, attention and loops without a module library."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax


def _normal(seed: int, *shape: int) -> jax.Array:
    fan_in = 1
    for size in shape[:-1]:
        fan_in *= size
    return jax.random.normal(jax.random.key(seed), shape) / fan_in**0.5


def residual_net():  # type: ignore[no-untyped-def]
    """Returns a ResNet-like function of NHWC images: three stages of `lax.conv_general_dilated`."""
    stem = _normal(0, 3, 3, 3, 16)
    stages = [
        (_normal(10 * n + 1, 3, 3, width // 2 if n else 16, width), _normal(10 * n + 2, 3, 3, width, width), n)
        for n, width in enumerate((16, 32, 64))
    ]
    skips = [_normal(10 * n + 3, 1, 1, first.shape[2], first.shape[3]) for first, _, n in stages]
    head = _normal(99, 64, 10)

    def convolve(x: jax.Array, kernel: jax.Array, stride: int = 1) -> jax.Array:
        # "SAME" with a stride gives sizes that JAX cannot tell to be those of the skip's where they are symbols.
        padding = [(kernel.shape[0] // 2, kernel.shape[1] // 2)] * 2
        return lax.conv_general_dilated(
            x, kernel, (stride, stride), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")
        )

    def predict(image: jax.Array) -> dict[str, jax.Array]:
        x = jax.nn.relu(convolve(image, stem))
        for (first, second, n), skip in zip(stages, skips, strict=True):
            stride = 2 if n else 1
            y = jax.nn.relu(convolve(x, first, stride))
            x = jax.nn.relu(convolve(y, second) + convolve(x, skip, stride))
        features = x.mean(axis=(1, 2))
        return {"logits": features @ head, "features": features}

    return predict


@jax.jit
def attention(query: jax.Array, key: jax.Array, value: jax.Array) -> jax.Array:
    """Causal attention of many heads, jitted: (batch, length, heads, width) each."""
    scores = jnp.einsum("bqhd,bkhd->bhqk", query, key) / jnp.sqrt(1.0 * query.shape[-1])
    length = query.shape[1]
    mask = jnp.arange(length)[:, None] >= jnp.arange(length)[None, :]
    weights = jax.nn.softmax(jnp.where(mask, scores, -1e9), axis=-1)
    return jnp.einsum("bhqk,bkhd->bqhd", weights, value)


def gru(features: int = 8, hidden: int = 16):  # type: ignore[no-untyped-def]
    """Returns a GRU by `lax.scan` over the time axis of (batch, time, features)."""
    w = _normal(1, features, 3 * hidden)
    u = _normal(2, hidden, 3 * hidden)

    def cell(state: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        xr, xz, xn = jnp.split(x @ w, 3, axis=-1)
        hr, hz, hn = jnp.split(state @ u, 3, axis=-1)
        reset, update = jax.nn.sigmoid(xr + hr), jax.nn.sigmoid(xz + hz)
        new = (1 - update) * jnp.tanh(xn + reset * hn) + update * state
        return new, new

    def run(series: jax.Array) -> tuple[jax.Array, jax.Array]:
        start = jnp.zeros((series.shape[0], hidden))
        last, states = lax.scan(cell, start, jnp.swapaxes(series, 0, 1))
        return jnp.swapaxes(states, 0, 1), last

    return run


def jacobi(matrix: jax.Array, right: jax.Array) -> jax.Array:
    """Solves (I + matrix) x = right by Jacobi iteration: `lax.while_loop` until it converges."""
    matrix = matrix + jnp.eye(matrix.shape[0])
    diagonal = jnp.diagonal(matrix)

    def unfinished(state: tuple[jax.Array, jax.Array, jax.Array]) -> jax.Array:
        _, change, steps = state
        return (change > 1e-6) & (steps < 50)

    def step(state: tuple[jax.Array, jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array, jax.Array]:
        x, _, steps = state
        new = (right - matrix @ x + diagonal * x) / diagonal
        return new, jnp.abs(new - x).max(), steps + 1

    return lax.while_loop(unfinished, step, (jnp.zeros_like(right), jnp.float32(1), jnp.int32(0)))[0]


def gated(x: jax.Array) -> jax.Array:
    """One of two branches by the mean: `lax.cond`, and a `lax.fori_loop`."""
    y = lax.cond(x.mean() > 0, lambda v: jnp.sin(v) * 2, lambda v: jnp.exp(-v), x)
    return lax.fori_loop(0, 3, lambda i, v: v * 0.5 + jnp.cos(v + i), y)
