"""The machine: what is read of /proc/cpuinfo."""

from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.machine import cpu_model, describe, physical_cores

HYPERTHREADED = "\n\n".join(
    f"processor\t: {cpu}\nmodel name\t: Fast CPU @ 3 GHz\nphysical id\t: 0\ncore id\t\t: {cpu % 2}" for cpu in range(4)
)


def test_two_threads_of_one_core_count_once():
    assert physical_cores(HYPERTHREADED, frozenset(range(4))) == 2


def test_cpus_that_the_process_may_not_use_do_not_count():
    assert physical_cores(HYPERTHREADED, frozenset({0, 2})) == 1


def test_without_cpuinfo_every_allowed_cpu_is_a_core():
    assert physical_cores("", frozenset({0, 1, 2})) == 3


def test_the_cpu_is_named():
    assert cpu_model(HYPERTHREADED) == "Fast CPU @ 3 GHz"


@given(st.text(), st.frozensets(st.integers(0, 64)))
def test_no_cpuinfo_gives_fewer_than_one_core(text, allowed):
    assert physical_cores(text, allowed) >= 1


def test_this_machine_has_memory_and_cores():
    machine = describe({"onnx-convert": "1"})
    assert machine.memory_bytes > 2**20
    assert machine.cores >= 1
    assert machine.versions == {"onnx-convert": "1"}
