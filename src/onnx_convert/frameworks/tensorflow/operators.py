"""Operators of TensorFlow that tf2onnx has no converter for, and that models of today have."""

from __future__ import annotations

from typing import Any

import numpy as np
from tf2onnx import utils
from tf2onnx.handler import tf_op


def register() -> None:
    """Tell tf2onnx about them; what its next version brings itself is left to it."""
    known = {name for handlers in tf_op.get_opsets().get("", []) for name in handlers}
    for name, handler in (("Erfc", _Erfc),):
        if name not in known:
            tf_op(name)(handler)


class _Erfc:
    """1 - erf(x): TensorFlow's GELU is made of it now (https://github.com/onnx/tensorflow-onnx/pull/2463)."""

    @classmethod
    def version_9(cls, ctx: Any, node: Any, **_: Any) -> None:
        """Replace the node."""
        kind = ctx.get_dtype(node.output[0])
        one = ctx.make_const(utils.make_name("one"), np.array(1, dtype=utils.map_onnx_to_numpy_type(kind)))
        erf = ctx.make_node("Erf", [node.input[0]], shapes=[ctx.get_shape(node.output[0])], dtypes=[kind])
        shapes, outputs = node.output_shapes, list(node.output)
        ctx.remove_node(node.name)
        ctx.make_node("Sub", [one.output[0], erf.output[0]], outputs=outputs, shapes=shapes, dtypes=[kind])
