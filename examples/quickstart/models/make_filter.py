"""Write models/filter.onnx: a Sobel edge filter, as a model that came from elsewhere.

    python models/make_filter.py                 (needs onnx)

What it computes has an identity and a constant expression too many, for the simplifier to find.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SOBEL = np.array([[[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]], [[[-1, -2, -1], [0, 0, 0], [1, 2, 1]]]], dtype=np.float32)


def build() -> onnx.ModelProto:
    """Edge strength [batch, 1, height, width] of grey images of the same shape."""
    nodes = [
        helper.make_node("Identity", ["image"], ["same"]),
        helper.make_node("Mul", ["eighth", "kernel"], ["scaled"]),
        helper.make_node("Conv", ["same", "scaled"], ["gradient"], pads=[1, 1, 1, 1]),
        helper.make_node("ReduceL2", ["gradient"], ["edges"], axes=[1], keepdims=1),
    ]
    shape = ["batch", 1, "height", "width"]
    graph = helper.make_graph(
        nodes,
        "sobel",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("edges", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(SOBEL, "kernel"), numpy_helper.from_array(np.float32(0.125), "eighth")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


if __name__ == "__main__":
    onnx.save(build(), Path(__file__).parent / "filter.onnx")
