"""The environment of a worker."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.isolation.environ import ALLOWED, worker_environ

FOLDER = Path("/work/job")
OWN = set(worker_environ({}, FOLDER, 2))


@given(st.dictionaries(st.text(min_size=1), st.just("secret")))
def test_only_variables_on_the_list_get_through(environ: dict[str, str]) -> None:
    kept = {name for name in worker_environ(environ, FOLDER, None) if name not in OWN}
    assert all(name in ALLOWED or name.startswith("LC_") for name in kept)


def test_what_a_worker_is_given_wins_over_what_the_caller_has() -> None:
    found = worker_environ({"HOME": "/root", "PYTHONHASHSEED": "7", "PATH": "/opt/bin"}, FOLDER, None)
    assert found["HOME"] == "/work/job/home"
    assert found["PYTHONHASHSEED"] == "0"
    assert found["PATH"] == "/opt/bin"


def test_threads_are_limited_only_where_the_job_says_so() -> None:
    assert "OMP_NUM_THREADS" not in worker_environ({"OMP_NUM_THREADS": "64"}, FOLDER, None)
    assert worker_environ({}, FOLDER, 2)["OMP_NUM_THREADS"] == "2"
