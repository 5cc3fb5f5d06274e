"""jax2onnx's converters of single primitives ("plugins"), imported so that a fork can follow.

jax2onnx imports them on its first export. They come with their own test cases, some of which compute something as
they are imported: that compiles for seconds in every job, and it starts XLA's threads, after which JAX must not be
forked (https://github.com/jax-ml/jax/issues/18852). Under `eval_shape` JAX only traces what they compute. The traced
arrays stay in those test cases, which no export looks at.

Importing this module is what imports them, so that a template process can name it.
"""

from __future__ import annotations

import logging

import jax
from jax2onnx.plugins import plugin_system


def _import() -> None:
    # One of the examples needs a value and cannot be imported so; no export needs an example.
    logger = logging.getLogger(plugin_system.__name__)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        jax.eval_shape(plugin_system.import_all_plugins)
    finally:
        logger.setLevel(before)


_import()


def known(primitive: str) -> bool:
    """Whether jax2onnx has a converter for a primitive of this name."""
    return primitive in plugin_system.PLUGIN_REGISTRY
