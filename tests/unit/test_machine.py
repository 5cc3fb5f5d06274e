"""The machine: what is read of /proc and /sys, and what of it makes measurements comparable."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.machine import cpu_model, describe, identity, megahertz, physical_cores, threads, within
from onnx_convert.report.model import Conditions, Gpu, Limits, Machine
from tests.unit.kernel import write

CPUS = "sys/devices/system/cpu"
HYPERTHREADED = "\n\n".join(
    f"processor\t: {cpu}\nmodel name\t: Fast CPU @ 3 GHz\nphysical id\t: 0\ncore id\t\t: {cpu % 2}" for cpu in range(4)
)


def machine(**known: object) -> Machine:
    return Machine.model_validate(
        {"cpu": "c", "cores": 4, "memory_bytes": 1, "platform": "p", "python": "3.11"} | known
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


def test_what_the_kernel_says_of_frequency_turbo_and_threads_is_described(tmp_path: Path) -> None:
    files = {"proc/cpuinfo": HYPERTHREADED, f"{CPUS}/smt/active": "1\n", f"{CPUS}/intel_pstate/no_turbo": "1\n"}
    for cpu in range(4):
        files[f"{CPUS}/cpu{cpu}/cpufreq/scaling_governor"] = "powersave\n" if cpu else "performance\n"
        files[f"{CPUS}/cpu{cpu}/cpufreq/cpuinfo_max_freq"] = "3400000\n"
        files[f"{CPUS}/cpu{cpu}/cpufreq/scaling_cur_freq"] = f"{1000000 + 500000 * cpu}\n"
    root = write(tmp_path, files)
    found = describe(root, allowed=(0, 1, 2))
    assert (found.cores, found.logical_cores, found.smt, found.turbo) == (2, 3, True, False)
    assert (found.governor, found.max_mhz) == ("performance/powersave", 3400.0)
    assert megahertz(root, (0, 1, 2)) == 1500.0


def test_turbo_is_told_by_other_drivers_too(tmp_path: Path) -> None:
    assert describe(write(tmp_path, {f"{CPUS}/cpufreq/boost": "1\n"})).turbo is True


def test_what_the_kernel_does_not_say_is_none(tmp_path: Path) -> None:
    found = describe(tmp_path, allowed=(0,))
    assert (found.smt, found.governor, found.max_mhz, found.turbo, found.limits) == (None, None, None, None, Limits())
    assert megahertz(tmp_path, (0,)) is None


def test_limits_of_the_container_are_described(tmp_path: Path) -> None:
    group = {
        "proc/self/cgroup": "0::/job\n",
        "sys/fs/cgroup/job/cpu.max": "150000 100000\n",
        "sys/fs/cgroup/job/memory.max": "1000000\n",
        "sys/fs/cgroup/job/cpuset.cpus.effective": "0-1\n",
    }
    assert describe(write(tmp_path, group)).limits == Limits(cpus=1.5, memory_bytes=1000000, cpuset="0-1")


@pytest.mark.parametrize(
    ("quota", "expected"), [(None, 4), (8.0, 4), (4.0, 4), (2.9, 2), (2.0, 2), (1.5, 1), (1.0, 1), (0.5, 1)]
)
def test_it_measures_with_a_thread_for_each_core_that_the_quota_pays_for_in_full(
    quota: float | None, expected: int
) -> None:
    assert threads(machine(limits=Limits(cpus=quota))) == expected
    assert within(4, Limits(cpus=quota)) == expected


def test_what_changes_by_the_minute_does_not_make_another_machine() -> None:
    busy = machine(
        conditions=Conditions(seconds=1, load=9, steal=0.2, mhz=800),
        limits=Limits(cpus=2, cpuset="4-5"),
        gpus=[{"name": "G", "driver": "1", "clock_mhz": 300, "clock_max_mhz": 1900, "memory_clock_mhz": 5}],
    )
    quiet = machine(
        limits=Limits(cpus=2, cpuset="0-1"),
        gpus=[{"name": "G", "driver": "1", "clock_mhz": 1900, "clock_max_mhz": 1900, "memory_clock_mhz": 7}],
    )
    assert identity(busy) == identity(quiet)


@pytest.mark.parametrize(
    "change",
    [{"cpu": "d"}, {"cores": 2}, {"governor": "powersave"}, {"turbo": False}, {"limits": Limits(cpus=1.5)}],
    ids=str,
)
def test_what_latencies_depend_on_makes_another_machine(change: dict[str, object]) -> None:
    assert identity(machine(**change)) != identity(machine())


def test_this_machine_has_memory_and_cores():
    found = describe()
    assert found.memory_bytes > 2**20
    assert 1 <= found.cores <= (found.logical_cores or 0)


def test_the_gpus_that_the_driver_tells_of_are_part_of_the_machine() -> None:
    gpu = Gpu(name="NVIDIA H200", driver="580.82.07", clock_max_mhz=1980)
    assert describe(gpus=lambda: (gpu,)).gpus == (gpu,)
    assert describe(gpus=tuple).gpus == ()
