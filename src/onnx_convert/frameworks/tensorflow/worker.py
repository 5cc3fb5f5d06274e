"""The TensorFlow worker: Keras models, SavedModels, functions, graphs and TensorFlow Lite."""

from __future__ import annotations

from onnx_convert.frameworks.tensorflow.load import load
from onnx_convert.workers.original import harness

main = harness.main_for(load)
