"""Bringing a converted model to exactly the asked opset, with onnx's own converter and checker."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper, parser
from onnx.reference import ReferenceEvaluator

from onnx_convert.workers.original.opset import bring_to
from onnx_convert.workers.protocol import WorkerError

X = np.arange(8, dtype=np.float32).reshape(2, 4)


def model(text, opset, **weights):
    proto = parser.parse_model(f'<ir_version: 10, opset_import: ["": {opset}]> {text}')
    proto.graph.initializer.extend(numpy_helper.from_array(np.array(value), name) for name, value in weights.items())
    return proto


def run(proto):
    return ReferenceEvaluator(proto).run(None, {"x": X})


def versions(proto):
    return {entry.domain: entry.version for entry in proto.opset_import}


RELU = "g (float[2, 4] x) => (float[2, 4] y) { y = Relu(x) }"
SPLIT = "g (float[2, 4] x) => (float[2, 2] a, float[2, 2] b) { a, b = Split<axis=1, num_outputs=2>(x) }"
MEAN = "g (float[2, 4] x) => (float[2] y) { y = ReduceMean<keepdims=0, noop_with_empty_axes=0>(x, axes) }"
PAD = "g (float[2, 4] x) => (float[2, 5] y) { y = Pad(x, pads) }"
NORM = "g (float[2, 4] x) => (float[2, 4] y) { y = LayerNormalization(x, scale) }"


@pytest.mark.parametrize(
    ("text", "have", "want", "weights"),
    [
        (RELU, 14, 17, {}),
        (SPLIT, 18, 17, {}),
        (SPLIT, 18, 13, {}),
        (MEAN, 18, 17, {"axes": [1]}),
        (PAD, 18, 15, {"pads": [0, 0, 0, 1]}),
        (MEAN, 25, 28, {"axes": [1]}),
    ],
)
def test_a_model_computes_the_same_at_another_opset(text, have, want, weights):
    before = run(model(text, have, **weights))
    brought = bring_to(model(text, have, **weights), want)
    assert versions(brought) == {"": want}
    onnx.checker.check_model(brought, full_check=True)
    for expected, actual in zip(before, run(brought), strict=True):
        np.testing.assert_array_equal(actual, expected)


def test_an_operator_that_the_opset_does_not_have_is_refused():
    with pytest.raises(WorkerError) as refused:
        bring_to(model(NORM, 18, scale=np.ones(4, np.float32)), 16)
    assert refused.value.code == "OCA309"
    assert "LayerNormalization" in refused.value.message
