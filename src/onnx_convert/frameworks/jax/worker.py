"""The JAX worker: functions, and modules of Flax, Equinox and Haiku."""

from __future__ import annotations

from onnx_convert.frameworks.jax.load import load
from onnx_convert.workers.original import harness

main = harness.main_for(load)
