"""Binding inputs and outputs once; the way of devices is gone here with the CPU as the device."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import parser

from onnx_convert.runtimes.binding import Memory, bind_device, memory_of
from onnx_convert.runtimes.interface import Refused

X = np.ones((2, 3), np.float32)


@pytest.fixture
def session(tmp_path):
    def make(graph):
        onnx.save(parser.parse_model(f'<ir_version: 8, opset_import: ["": 17]> {graph}'), tmp_path / "model.onnx")
        return ort.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])

    return make


ADD = "g (float[N, 3] x) => (float[N, 3] y) { y = Add(x, x) }"


@pytest.mark.parametrize("fixed", [False, True])
def test_a_call_on_a_device_can_be_repeated(session, fixed):
    call = bind_device(session(ADD), {"x": X}, ["y"], Memory("cpu", fixed=fixed))
    call()
    call()


class Recording:
    """A session that keeps its binding, to look at what a call wrote."""

    def __init__(self, session):
        self._session = session
        self.binding = session.io_binding()

    def io_binding(self):
        return self.binding

    def run_with_iobinding(self, binding):
        self._session.run_with_iobinding(binding)


def test_for_a_cuda_graph_outputs_stay_where_they_are(session):
    recording = Recording(session(ADD))
    call = bind_device(recording, {"x": X}, ["y"], Memory("cpu", fixed=True))
    (before,) = (value.data_ptr() for value in recording.binding.get_outputs())
    call()
    (after,) = recording.binding.get_outputs()
    assert after.data_ptr() == before
    np.testing.assert_array_equal(after.numpy(), 2 * X)


def test_a_cuda_graph_needs_outputs_that_are_tensors(session):
    sequence = "g (float[N, 3] x) => (seq(float[N, 3]) y) { y = SequenceConstruct(x, x) }"
    with pytest.raises(Refused, match="`y` is none"):
        bind_device(session(sequence), {"x": X}, ["y"], Memory("cpu", fixed=True))


def test_inputs_that_are_not_contiguous_are_copied(session):
    bind_device(session(ADD), {"x": np.ones((3, 2), np.float32).T}, ["y"], Memory("cpu"))()


@pytest.mark.parametrize(
    ("provider", "options", "memory"),
    [
        ("CPUExecutionProvider", {}, Memory()),
        ("OpenVINOExecutionProvider", {"device_id": "1"}, Memory()),
        ("CUDAExecutionProvider", {}, Memory("cuda")),
        ("CUDAExecutionProvider", {"device_id": "1"}, Memory("cuda", 1)),
        ("CUDAExecutionProvider", {"enable_cuda_graph": "True"}, Memory("cuda", fixed=True)),
        ("CUDAExecutionProvider", {"enable_cuda_graph": "0"}, Memory("cuda")),
        ("TensorrtExecutionProvider", {"trt_cuda_graph_enable": "1"}, Memory("cuda", fixed=True)),
    ],
)
def test_where_a_providers_inputs_and_outputs_lie(provider, options, memory):
    assert memory_of(provider, options) == memory
