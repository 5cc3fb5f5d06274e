"""Importing MXNet, and saying so where the numpy beside it is one that it cannot use."""

from __future__ import annotations

import importlib

import numpy as np

from onnx_convert.workers.protocol import WorkerError


def require_mxnet() -> None:
    """Import MXNet. Raises WorkerError OCA263 beside a numpy that no longer has what MXNet reads from it."""
    try:
        importlib.import_module("mxnet")
    except AttributeError as error:
        if error.obj is not np:
            raise
        message = f"MXNet reads `np.{error.name}`, which numpy {np.__version__} does not have"
        raise WorkerError("OCA263", message) from error
