"""The versions that the report names."""

from __future__ import annotations

from importlib.metadata import version

_PACKAGES = ("keras", "tf2onnx", "onnx", "numpy")


def versions() -> dict[str, str]:
    """TensorFlow, Keras, the converter and what it stands on; read from their metadata, importing none of them."""
    import tensorflow as tf  # noqa: PLC0415 - its distribution has several names

    return {"tensorflow": tf.__version__, **{name: version(name) for name in _PACKAGES}}
