"""ONNX Runtime's profile: kernels by provider, each with its own time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.runtimes.profile import Kernel, kernels, time_share

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


def ran(name, operator, provider, begin, took):
    args = {"op_name": operator, "provider": provider}
    return {"cat": "Node", "ph": "X", "name": f"{name}_kernel_time", "ts": begin, "dur": took, "args": args}


def call(begin, took):
    return {"cat": "Session", "ph": "X", "name": "model_run", "ts": begin, "dur": took, "args": {}}


def test_a_kernel_is_listed_with_its_provider_its_calls_and_its_time():
    events = [call(0, 40), ran("a", "Conv", CUDA, 1, 30), ran("b", "Relu", CPU, 31, 5), call(50, 30)]
    events += [ran("a", "Conv", CUDA, 51, 20), ran("b", "Relu", CPU, 72, 5)]
    assert kernels(events, calls=2) == (Kernel("a", "Conv", CUDA, 2, 50), Kernel("b", "Relu", CPU, 2, 10))


def test_calls_before_the_last_ones_are_warm_up():
    events = [call(0, 1000), ran("a", "Conv", CUDA, 1, 990), call(1000, 10), ran("a", "Conv", CUDA, 1001, 8)]
    assert kernels(events, calls=1) == (Kernel("a", "Conv", CUDA, 1, 8),)


def test_a_kernel_with_a_subgraph_has_only_its_own_time():
    events = [
        call(0, 100),
        ran("if", "If", CPU, 0, 100),
        ran("in", "Conv", CUDA, 10, 60),
        ran("by", "Relu", CPU, 75, 5),
    ]
    assert {one.name: one.microseconds for one in kernels(events, calls=1)} == {"if": 35, "in": 60, "by": 5}


def test_the_share_of_time_is_each_providers_part_of_all_kernels():
    assert time_share([Kernel("a", "Conv", CUDA, 1, 30), Kernel("b", "Relu", CPU, 1, 10)]) == {CUDA: 0.75, CPU: 0.25}


def test_kernels_faster_than_the_clock_have_no_share():
    assert time_share([Kernel("a", "Relu", CPU, 1, 0)]) == {}


def test_what_is_no_kernel_is_passed_over():
    fence = ran("a", "Conv", CPU, 0, 9) | {"name": "a_fence_before"}
    assert kernels([call(0, 9), fence, {"cat": "Kernel", "ph": "X", "name": "k", "ts": 1, "dur": 2}], calls=1) == ()


@given(st.lists(st.tuples(st.sampled_from([CPU, CUDA]), st.integers(0, 1000)), min_size=1))
def test_shares_sum_to_one(taken):
    shares = time_share([Kernel(str(n), "Op", provider, 1, spent) for n, (provider, spent) in enumerate(taken)])
    assert sum(shares.values()) == pytest.approx(1) if any(spent for _, spent in taken) else shares == {}


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20))
def test_kernels_one_after_the_other_keep_their_time(durations):
    events, now = [call(0, 10_000)], 0
    for number, took in enumerate(durations):
        events.append(ran(f"n{number}", "Op", CPU, now, took))
        now += took
    found = {one.name: one.microseconds for one in kernels(events, calls=1)}
    assert found == {f"n{number}": took for number, took in enumerate(durations)}
