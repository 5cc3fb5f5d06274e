"""The PyTorch worker: modules, TorchScript files and exported programs."""

from __future__ import annotations

from onnx_convert.frameworks.pytorch.load import load
from onnx_convert.workers.original import harness

main = harness.main_for(load)
