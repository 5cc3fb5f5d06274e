"""ONNX Runtime sessions: on the provider that was asked for, or not at all."""

import numpy as np
import onnx
import pytest
from onnx import parser

from onnx_convert.runtimes.binding import Memory
from onnx_convert.runtimes.interface import Refused, Unavailable
from onnx_convert.runtimes.onnxruntime import OnnxRuntimeSession, open_session, reason
from onnx_convert.runtimes.profile import Node

ADD = "g (float[N, 3] x) => (float[N, 3] y) { z = Relu(x)  y = Add(z, x) }"


@pytest.fixture
def path(tmp_path):
    def write(text):
        onnx.save(parser.parse_model(f'<ir_version: 8, opset_import: ["": 17]> {text}'), tmp_path / "model.onnx")
        return tmp_path / "model.onnx"

    return write


def opened(model, provider="cpu", **keys):
    return open_session(model, provider, options={}, threads=1, **keys)


def test_a_session_runs_and_names_its_inputs_and_outputs(path):
    session = opened(path(ADD))
    assert (session.inputs, session.outputs) == (("x",), ("y",))
    np.testing.assert_array_equal(session.run({"x": np.ones((2, 3), np.float32)})[0], np.full((2, 3), 2, np.float32))


def test_all_nodes_of_a_cpu_session_are_on_the_cpu(path):
    assert opened(path(ADD)).effective() == {"CPUExecutionProvider": 1.0}


def test_a_graph_without_nodes_has_no_shares(path):
    assert opened(path("g (float[N] x) => (float[N] x) { }")).effective() == {}


def test_without_optimisation_the_graph_runs_as_it_is_written(path):
    identities = path("g (float[N] x) => (float[N] y) { a = Identity(x)  b = Identity(a)  y = Relu(b) }")

    def nodes(session):
        return sum(len(part.get_nodes()) for part in session._session.get_provider_graph_assignment_info())

    assert nodes(opened(identities, optimise=False)) == 3
    assert nodes(opened(identities)) == 1


@pytest.mark.parametrize("provider", ["cuda", "tensorrt", "nonsense"])
def test_a_provider_that_is_not_there_is_unavailable_and_never_the_cpu(path, provider):
    with pytest.raises(Unavailable, match=r"has no such execution provider \(it has .*CPUExecutionProvider"):
        opened(path(ADD), provider)


def test_a_provider_that_takes_no_node_is_unavailable(path):
    with pytest.raises(Unavailable, match="took none of the nodes"):
        opened(path(ADD), "azure")


def test_a_bound_call_can_be_repeated(path):
    session = opened(path(ADD))
    call = session.bind({"x": np.ones((2, 3), np.float32)})
    call()
    call()


def test_string_tensors_can_be_repeated_though_they_cannot_be_bound(path):
    session = opened(path("g (string[N] x) => (string[N] y) { y = Identity(x) }"))
    session.bind({"x": np.array(["a", "b"])})()


def test_inputs_that_do_not_fit_are_refused_with_the_runtimes_reason(path):
    session = opened(path(ADD))
    wrong = {"x": np.ones((2, 4), np.float32)}
    for attempt in (session.run, session.bind):
        with pytest.raises(Refused, match=r"invalid dimensions for input: x .* index: 1 Got: 4 Expected: 3"):
            attempt(wrong)


def test_a_model_without_a_kernel_is_refused_with_the_operators_name(path):
    with pytest.raises(Refused, match=r"^Could not find an implementation for Tan"):
        opened(path("g (double[N] x) => (double[N] y) { y = Tan(x) }"))


def test_a_reason_has_no_status_and_no_place_in_somebody_elses_sources():
    error = Exception(
        "[ONNXRuntimeError] : 1 : FAIL : Non-zero status code returned while running Reshape node. Name:'r' Status "
        "Message: /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/reshape_helper.h:91 onnxruntime::ReshapeHelper"
        "::ReshapeHelper(const onnxruntime::TensorShape&, bool) input_shape_size == requested_shape_size was false."
    )
    assert reason(error) == (
        "Non-zero status code returned while running Reshape node. Name:'r' Status Message: "
        "input_shape_size == requested_shape_size was false."
    )


def test_a_reason_is_bounded():
    assert len(reason(Exception("x" * 10_000))) == 1000


def test_a_cuda_graph_needs_inputs_that_are_tensors_of_numbers(path):
    session = opened(path("g (string[N] x) => (string[N] y) { y = Identity(x) }"))._session
    with pytest.raises(Refused, match="this model takes strings"):
        OnnxRuntimeSession(session, None, Memory("cpu", fixed=True)).bind({"x": np.array(["a", "b"])})


def test_nodes_are_told_with_name_operator_and_provider(path):
    named = path("g (float[N, 3] x) => (float[N, 3] y) { [first] z = Relu(x)  y = Add(z, x) }")
    assert opened(named).nodes() == (
        Node("first", "Relu", "CPUExecutionProvider"),
        Node("", "Add", "CPUExecutionProvider"),
    )


def test_a_session_with_a_profile_tells_what_its_last_calls_took(path, tmp_path):
    session = opened(path(ADD), profile=tmp_path / "profile")
    call = session.bind({"x": np.ones((2, 3), np.float32)})
    call()
    call()
    assert [(one.operator, one.calls) for one in session.kernels(calls=2)] == [("Relu", 2), ("Add", 2)]
    assert not list(tmp_path.glob("profile*"))
