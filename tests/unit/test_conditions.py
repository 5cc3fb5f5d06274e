"""What lies between two samples of the kernel's counters."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.conditions import CpuTime, Sample, between, cpu_time, load_average, sample, ticks_of, waited

STAT = "cpu  100 20 30 400 50 6 7 8 90 0\ncpu0 1 2 3 4 5 6 7 8 9 0\nintr 1\n"
PRESSURE = "some avg10=2.50 avg60=2.52 avg300=4.29 total=6408\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n"


def of(pid: int, parent: int, *used: int, name: str = "worker") -> str:
    """/proc/PID/stat of a process that used user, system, children's user and children's system ticks."""
    return f"{pid} ({name}) S {parent} 1 1 0 -1 4194560 1 2 3 4 {' '.join(map(str, used))} 20 0 1 0 99 0 0"


def test_time_of_all_cpus_counts_guests_once() -> None:
    assert cpu_time(STAT) == CpuTime(total=621, idle=450, stolen=8)


def test_ours_are_the_process_and_all_below_it_with_those_that_have_ended() -> None:
    stats = [of(1, 0, 1000, 0, 0, 0), of(10, 1, 1, 2, 3, 4), of(11, 10, 10, 0, 0, 0), of(12, 11, 0, 0, 0, 100)]
    assert ticks_of(10, stats) == 120


def test_a_programs_name_cannot_lie_about_its_parent() -> None:
    assert ticks_of(10, [of(10, 1, 1, 0, 0, 0), of(66, 1, 500, 0, 0, 0, name="x) S 10 1 (y")]) == 1


def test_processes_that_are_each_others_parents_end_the_search() -> None:
    assert ticks_of(10, [of(5, 6, 1, 0, 0, 0), of(6, 5, 1, 0, 0, 0)]) == 0


def test_pressure_is_the_time_in_which_something_waited() -> None:
    assert waited(PRESSURE) == 6408


def test_fractions_are_of_the_time_between_two_samples() -> None:
    before = Sample(10.0, CpuTime(1000, 500, 20), ours=100, waited_us=0, mhz=2600.0)
    after = Sample(15.0, CpuTime(2000, 900, 120), ours=400, waited_us=500_000, mhz=None)
    found = between(before, after, load=0.5)
    assert (found.seconds, found.load, found.mhz) == (5.0, 0.5, 2600.0)
    assert (found.steal, found.others, found.pressure) == (0.1, 0.2, 0.1)


def test_what_the_kernel_does_not_say_is_none(tmp_path: Path) -> None:
    nothing = sample(tmp_path, clock=lambda: 1.0)
    found = between(nothing, nothing, load_average(tmp_path))
    assert (found.load, found.steal, found.others, found.pressure, found.mhz) == (None,) * 5


def test_counters_that_go_back_give_no_negative_fraction() -> None:
    before = Sample(1.0, CpuTime(1000, 500, 50), ours=0, waited_us=10, mhz=None)
    after = Sample(2.0, CpuTime(1100, 490, 40), ours=5000, waited_us=5, mhz=None)
    found = between(before, after, None)
    assert (found.steal, found.others, found.pressure) == (0.0, 0.0, 0.0)


def test_work_of_a_process_that_was_started_here_is_ours() -> None:
    before = sample()
    spin = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
    subprocess.run([sys.executable, "-c", spin], check=True)
    assert sample().ours - before.ours >= 0.3 * os.sysconf("SC_CLK_TCK") - 2


def test_work_of_a_process_that_belongs_to_nobody_here_is_not_ours(tmp_path: Path) -> None:
    before = sample()
    done = tmp_path / "done"
    spin = f"""
import os, pathlib, time
if os.fork():
    os._exit(0)
os.setsid()
end = time.process_time() + 0.3
while time.process_time() < end: pass
pathlib.Path({str(done)!r}).touch()
"""
    subprocess.run([sys.executable, "-c", spin], check=True)
    while not done.exists():
        time.sleep(0.01)
    after = sample()
    assert before.cpu
    assert after.cpu
    busy = (after.cpu.total - after.cpu.idle) - (before.cpu.total - before.cpu.idle)
    assert busy - (after.ours - before.ours) >= 0.3 * os.sysconf("SC_CLK_TCK") - 2
    assert (between(before, after, None).others or 0) > 0


@given(st.text(), st.lists(st.text()), st.integers())
def test_no_text_breaks_it(text: str, stats: list[str], pid: int) -> None:
    found = cpu_time(text)
    assert found is None or found.total >= found.idle >= 0
    assert ticks_of(pid, stats) >= 0
    assert (waited(text) or 0) >= 0


@given(
    st.lists(st.text(alphabet="0123456789 ()cpu-²\n", max_size=60)), st.text(alphabet="cpu 0123456789²-", max_size=80)
)
def test_no_text_that_looks_like_one_breaks_it(stats: list[str], text: str) -> None:
    assert ticks_of(1, stats) >= 0
    found = cpu_time(text)
    assert found is None or found.total >= found.idle >= 0
