"""The scikit-learn worker: estimators, pipelines and column transformers."""

from __future__ import annotations

from onnx_convert.frameworks.sklearn.load import load
from onnx_convert.workers.original import harness

main = harness.main_for(load)
