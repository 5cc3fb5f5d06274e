"""Limits of control groups, in files as the kernel writes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert import cgroups
from tests.unit.kernel import write


def test_a_quota_of_the_second_version(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "0::/job\n", "sys/fs/cgroup/job/cpu.max": "150000 100000\n"}
    assert cgroups.cpu_quota(write(tmp_path, files)) == 1.5


def test_the_least_quota_of_all_groups_counts(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/slice/job\n",
        "sys/fs/cgroup/slice/job/cpu.max": "max 100000\n",
        "sys/fs/cgroup/slice/cpu.max": "200000 100000\n",
        "sys/fs/cgroup/cpu.max": "400000 100000\n",
    }
    assert cgroups.cpu_quota(write(tmp_path, files)) == 2.0


def test_a_quota_of_the_first_version_in_a_container_whose_path_is_the_hosts(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "2000000\n",
    }
    root = write(tmp_path, files)
    assert (cgroups.cpu_quota(root), cgroups.memory_limit(root)) == (0.5, 2_000_000)


def test_groups_without_limits_have_none(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "5:cpu:/\n4:memory:/\n0::/\n",
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/cpu.max": "max 100000\n",
        "sys/fs/cgroup/memory.max": "max\n",
    }
    root = write(tmp_path, files)
    assert (cgroups.cpu_quota(root), cgroups.memory_limit(root), cgroups.cpuset(root)) == (None, None, None)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"proc/self/cgroup": "0::/job\n", "sys/fs/cgroup/job/cpuset.cpus.effective": "0-3,8\n"}, "0-3,8"),
        ({"proc/self/cgroup": "0::/job\n", "sys/fs/cgroup/cpuset.cpus.effective": "0-1\n"}, "0-1"),
        ({"proc/self/cgroup": "3:cpuset:/\n", "sys/fs/cgroup/cpuset/cpuset.effective_cpus": "2\n"}, "2"),
    ],
)
def test_the_cpus_of_the_nearest_group_that_says(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    assert cgroups.cpuset(write(tmp_path, files)) == expected


def test_a_path_does_not_lead_out_of_what_is_mounted(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "0::/../../..\n", "cpu.max": "100 100000\n", "sys/cpu.max": "100 100000\n"}
    assert cgroups.cpu_quota(write(tmp_path, files)) is None


@given(st.text(st.characters(blacklist_categories=("Cs",))), st.text(st.characters(blacklist_categories=("Cs",))))
def test_no_text_breaks_it(group: str, quota: str) -> None:
    class Files(type(Path())):  # a folder in memory: every file has the same text
        def read_text(self, *_: object) -> str:
            return group if self.name == "cgroup" else quota

    found = cgroups.cpu_quota(Files("/"))
    assert found is None or found > 0
    assert (cgroups.memory_limit(Files("/")) or 0) >= 0
    cgroups.cpuset(Files("/"))
