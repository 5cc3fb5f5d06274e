"""Real architectures as ONNX files: onnx's own backend tests have their graphs, whose large weights are seeded here.

python make.py OUTDIR
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper, version_converter
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


def seeded(rng, shape):
    """Weights that keep the size of what goes through; vectors, which may be variances, are positive."""
    if len(shape) == 1:
        return rng.uniform(0.4, 1.0, shape).astype(np.float32)
    return rng.normal(0, np.sqrt(1 / np.prod(shape[1:])), shape).astype(np.float32)


def network(name, opset):
    """A network of the backend tests with seeded weights, one image input `image` and a dynamic batch."""
    model = onnx.load(LIGHT / f"light_{name}.onnx")
    graph = model.graph
    rng = np.random.default_rng(0)
    shapes = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weights = [node for node in graph.node if node.op_type == "ConstantOfShape"]
    for node in weights:
        value = seeded(rng, tuple(shapes[node.input[0]]))
        graph.initializer.append(numpy_helper.from_array(value, node.output[0]))
        graph.node.remove(node)
    used = {name for node in graph.node for name in node.input}
    held = [tensor for tensor in graph.initializer if tensor.name in used]
    constants = {tensor.name for tensor in held}
    del graph.initializer[:]
    graph.initializer.extend(held)
    (data,) = [value for value in graph.input if value.name in used and value.name not in constants]
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, ["batch", 3, 224, 224]))
    for node in graph.node:
        for position, read in enumerate(node.input):
            if read == data.name:
                node.input[position] = "image"
    _free_the_batch(graph)
    model.ir_version = 8  # before 4, every weight had to be an input
    converted = version_converter.convert_version(model, opset)
    onnx.checker.check_model(converted, full_check=True)
    return converted


def _free_the_batch(graph):
    targets = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
    for tensor in graph.initializer:
        if tensor.name in targets:
            sizes = numpy_helper.to_array(tensor).copy()
            sizes[0] = 0
            tensor.CopyFrom(numpy_helper.from_array(sizes, tensor.name))
    for value in (*graph.output, *graph.value_info):
        shape = value.type.tensor_type.shape
        if len(shape.dim):
            shape.dim[0].dim_param = "batch"
    del graph.value_info[:]


class Images(CalibrationDataReader):
    """Four random images to calibrate with."""

    def __init__(self):
        rng = np.random.default_rng(1)
        self._left = [{"image": rng.normal(size=(1, 3, 224, 224)).astype(np.float32)} for _ in range(4)]

    def get_next(self):
        return self._left.pop() if self._left else None


def main(out):
    out.mkdir(exist_ok=True)
    onnx.save(network("resnet50", 17), out / "resnet50.onnx")
    onnx.save(network("densenet121", 17), out / "densenet121.onnx")
    onnx.save(
        network("shufflenet", 17),
        out / "shufflenet.onnx",
        save_as_external_data=True,
        location="shufflenet.weights",
        size_threshold=1024,
    )
    onnx.save(network("squeezenet", 17), out / "squeezenet.onnx")
    quantize_static(
        str(out / "squeezenet.onnx"),
        str(out / "squeezenet-qdq.onnx"),
        Images(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv", "Relu", "MaxPool", "Concat"],
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
