from __future__ import annotations

from pathlib import Path

import pytest

from onnx_convert import memory
from tests.unit.kernel import write

MACHINE = {"proc/meminfo": "MemTotal: 9000 kB\nMemAvailable: 8000 kB\n"}


def test_without_limits_it_is_what_the_machine_has(tmp_path: Path) -> None:
    assert memory.available(write(tmp_path, MACHINE)) == 8_000 * 1024


def test_a_group_of_the_second_version_has_its_limit_less_what_it_uses_and_cannot_drop(tmp_path: Path) -> None:
    group = {
        "proc/self/cgroup": "0::/job\n",
        "sys/fs/cgroup/job/memory.max": "1000000\n",
        "sys/fs/cgroup/job/memory.current": "700000\n",
        "sys/fs/cgroup/job/memory.stat": "anon 400000\ninactive_file 300000\n",
    }
    assert memory.available(write(tmp_path, MACHINE | group)) == 600_000


def test_a_group_of_the_first_version_counts_where_only_its_mount_is_visible(tmp_path: Path) -> None:
    group = {
        "proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/docker/abc\n0::/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "2000000",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "500000",
        "sys/fs/cgroup/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 100000\n",
    }
    assert memory.available(write(tmp_path, MACHINE | group)) == 1_600_000


def test_the_limit_of_a_group_above_counts(tmp_path: Path) -> None:
    groups = {
        "proc/self/cgroup": "0::/slice/job\n",
        "sys/fs/cgroup/slice/job/memory.max": "max\n",
        "sys/fs/cgroup/slice/job/memory.current": "10\n",
        "sys/fs/cgroup/slice/memory.max": "5000\n",
        "sys/fs/cgroup/slice/memory.current": "6000\n",
    }
    assert memory.available(write(tmp_path, MACHINE | groups)) == 0


def test_a_system_that_does_not_tell_is_no_limit(tmp_path: Path) -> None:
    assert memory.available(tmp_path) is None


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="Linux alone has /proc/meminfo")
def test_this_machine_has_some() -> None:
    found = memory.available()
    assert found is not None
    assert found > 0
