"""Which provider ran what, by ONNX Runtime's own profile of a real session."""

import json

import numpy as np
import pytest

from onnx_convert.stages.results import SharesResult, parse
from onnx_convert.workers.artifact import shares
from onnx_convert.workers.protocol import RESULT_LIMIT, WorkerError

BRANCH = """g (float[N, 3] x, bool c) => (float[N, 3] y) {
    y = If (c) <
        then_branch = t () => (float[N, 3] a) { a = Relu(x) },
        else_branch = e () => (float[N, 3] b) { b = Neg(x) }
    >
}"""
CPU = "CPUExecutionProvider"


@pytest.fixture
def shared(job, write_cases, monkeypatch):
    monkeypatch.setenv("CUDA_LAUNCH_BLOCKING", "")  # the worker sets it for good

    def run(path, *inputs, provider="cpu", names=("x",)):
        given = write_cases(({}, list(inputs), []))
        values = {"model": path, "provider": provider, "threads": 1, "case": f"{given['cases']}/0000"}
        return shares.main(job(**values, inputs=[{"name": name} for name in names]))

    return run


X = np.ones((2, 3), np.float32)


def test_every_node_and_every_kernel_has_its_provider(model, shared):
    path = model("g (float[N, 3] x) => (float[N, 3] y) { z = Relu(x)  y = Add(z, x) }")
    found = parse(SharesResult, shared(path, X))
    assert [(node.operator, node.provider) for node in found.nodes] == [("Relu", CPU), ("Add", CPU)]
    assert [(kernel.operator, kernel.calls) for kernel in found.kernels] == [
        ("Relu", found.calls),
        ("Add", found.calls),
    ]
    assert found.operators == {CPU: {"Relu": 1, "Add": 1}}
    assert found.time_share == {CPU: 1.0}
    assert found.calls >= 1


def test_kernels_of_a_branch_are_among_them(model, shared):
    found = parse(SharesResult, shared(model(BRANCH), X, np.array(True), names=("x", "c")))
    assert {kernel.operator for kernel in found.kernels} == {"If", "Relu"}


def test_the_profile_is_not_left_behind(model, shared, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    shared(model("g (float[N, 3] x) => (float[N, 3] y) { y = Relu(x) }"), X)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_graph_of_more_nodes_than_are_listed_is_counted_in_full(model, shared, monkeypatch):
    monkeypatch.setattr(shares, "LISTED", 2)
    path = model("g (float[N, 3] x) => (float[N, 3] y) { a = Relu(x)  b = Neg(a)  c = Abs(b)  y = Add(c, x) }")
    found = parse(SharesResult, shared(path, X))
    assert (len(found.nodes), len(found.kernels)) == (2, 2)
    assert found.left_out == {"nodes": 2, "kernels": 2}
    assert sum(found.operators[CPU].values()) == 4


def test_the_longest_list_fits_into_a_result():
    name = "n" * shares.NAME_LIMIT
    kernel = {"name": name, "operator": name[:100], "provider": CPU, "calls": 10**6, "microseconds": 10**12}
    node = {key: kernel[key] for key in ("name", "operator", "provider")}
    whole = {"nodes": [node] * shares.LISTED, "kernels": [kernel] * shares.LISTED}
    assert len(json.dumps(whole)) < RESULT_LIMIT
    parse(SharesResult, whole)


def test_a_slow_model_is_called_once(model, shared, monkeypatch):
    monkeypatch.setattr(shares, "SECONDS", 0.0)
    found = parse(SharesResult, shared(model("g (float[N, 3] x) => (float[N, 3] y) { y = Relu(x) }"), X))
    assert (found.calls, found.kernels[0].calls) == (1, 1)


def test_a_provider_that_cannot_be_profiled_is_said(model, shared):
    with pytest.raises(WorkerError) as raised:
        shared(model("g (float[N, 3] x) => (float[N, 3] y) { y = Relu(x) }"), X, provider="nonsense")
    assert raised.value.code == "OCA614"
