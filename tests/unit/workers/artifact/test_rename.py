"""External data gets the model's name, and the weights are the same."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from onnx_convert.workers.artifact import rename
from onnx_convert.workers.protocol import Job


def test_weights_are_found_under_the_new_name(tmp_path):
    weights = np.arange(4096, dtype=np.float32)
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4096])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4096])],
        [numpy_helper.from_array(weights, "w")],
    )
    source = tmp_path / "model.onnx"
    onnx.save(helper.make_model(graph), source, save_as_external_data=True, location="model.onnx.data")
    out = tmp_path / "out"
    out.mkdir()
    assert rename.main(Job(tmp_path, {"model": str(source), "data": "net.onnx.data"})) == {"renamed": 1}
    (tmp_path / "model.onnx.data").rename(out / "net.onnx.data")
    (kept,) = onnx.load(out / "model.onnx").graph.initializer
    assert np.array_equal(numpy_helper.to_array(kept), weights)
