"""Limits of a container, as the real kernel tells them: a control group of our own, with a process in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration

TELL = """
import json, sys
from pathlib import Path
Path(sys.argv[1], "cgroup.procs").write_text(str(__import__("os").getpid()))
from onnx_convert import machine
here = machine.describe()
print(json.dumps({**here.limits.model_dump(), "threads": machine.threads(here), "cores": here.cores}))
"""
V1 = Path("/sys/fs/cgroup/cpu")
V2 = Path("/sys/fs/cgroup")


@pytest.fixture
def group() -> Iterator[Path]:
    """A group with one and a half CPUs, of whichever version the machine has."""
    folder = (V1 if V1.is_dir() else V2) / f"onnx-convert-test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error.strerror}")
    try:
        if V1.is_dir():
            (folder / "cpu.cfs_period_us").write_text("100000")
            (folder / "cpu.cfs_quota_us").write_text("150000")
        else:
            (folder / "cpu.max").write_text("150000 100000")
        yield folder
    except OSError as error:
        pytest.skip(f"no limit can be set here: {error.strerror}")
    finally:
        folder.rmdir()


def test_a_container_of_one_and_a_half_cpus_is_told_and_measured_with_one_thread(group: Path) -> None:
    told = subprocess.run([sys.executable, "-c", TELL, str(group)], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(told.stdout)
    assert (found["cpus"], found["threads"]) == (1.5, 1)
