"""Process 1: exit codes, signals, orphans."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from entrypoint.child import FORWARDED, run

PROJECT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_the_exit_code_is_the_runs(tmp_path: Path, code: int) -> None:
    assert run([sys.executable, "-c", f"raise SystemExit({code})"], environ={}, folder=tmp_path) == code


def test_an_end_by_a_signal_is_told_as_a_shell_tells_it(tmp_path: Path) -> None:
    script = "import os; os.kill(os.getpid(), 9)"
    assert run([sys.executable, "-c", script], environ={}, folder=tmp_path) == 128 + signal.SIGKILL


def test_the_run_starts_in_its_folder_with_its_environment_and_nothing_to_read(tmp_path: Path) -> None:
    script = "import os, sys; assert sys.stdin.read() == ''; open('seen', 'w').write(os.environ['A'])"
    assert run([sys.executable, "-c", script], environ={"A": "b"}, folder=tmp_path) == 0
    assert (tmp_path / "seen").read_text() == "b"


def test_handlers_are_put_back(tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in FORWARDED]
    run([sys.executable, "-c", ""], environ={}, folder=tmp_path)
    assert [signal.getsignal(number) for number in FORWARDED] == before


@pytest.mark.parametrize("number", FORWARDED)
def test_a_signal_goes_to_the_run_which_ends_in_its_own_way(tmp_path: Path, number: signal.Signals) -> None:
    child = textwrap.dedent("""
        import signal, sys, time
        for number in (1, 2, 15):
            signal.signal(number, lambda got, _: sys.exit(40 + got))
        print("ready", flush=True)
        time.sleep(60)
    """)
    command = [sys.executable, "-c", child]
    first = f"from entrypoint.child import run\nraise SystemExit(run({command!r}, environ={{}}, folder='.'))"
    process = subprocess.Popen([sys.executable, "-c", first], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(30) == 40 + number


def test_children_that_lost_their_parent_do_not_end_the_wait(tmp_path: Path) -> None:
    script = textwrap.dedent(f"""
        import ctypes, sys
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: what process 1 is by nature
        from entrypoint.child import run
        orphan = "import os, time\\nif os.fork(): time.sleep(0.5); os._exit(7)\\nif os.fork(): os._exit(0)"
        sys.exit(run([{sys.executable!r}, "-c", orphan], environ={{}}, folder="."))
    """)
    assert subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=False, timeout=60).returncode == 7
