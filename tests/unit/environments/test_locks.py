"""Locks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.environments import locks
from onnx_convert.runtimes.registry import RUNTIMES, USUAL

COMPILED = """\
--index-url https://example.invalid
# a comment
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:aa \\
    --hash=sha256:bb
nvidia-cublas==13.1 ; sys_platform == 'linux' \\
    --hash=sha256:cc
torch==2.13.0 ; sys_platform == 'darwin' \\
    --hash=sha256:dd
torch==2.13.0+cpu ; sys_platform == 'linux'
triton==3.7.1 \\
    --hash=sha256:ee
typing_extensions==4.16.0 \\
    --hash=sha256:ff
"""


def test_a_lock_leaves_out_cuda_and_has_one_plain_pytorch() -> None:
    assert locks.without_cuda(COMPILED) == (
        "numpy==2.4.6 ; python_full_version < '3.12' \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "torch==2.13.0\n"
        "typing_extensions==4.16.0 \\\n    --hash=sha256:ff\n"
    )


def test_a_requirement_has_a_name_a_version_and_a_pin() -> None:
    numpy, *_, typing = locks.parse(COMPILED)
    assert (numpy.name, numpy.version) == ("numpy", "2.4.6")
    assert numpy.pin == "numpy==2.4.6 ; python_full_version < '3.12'"
    assert typing.name == "typing-extensions"


@given(st.text())
def test_any_text_can_be_parsed(text: str) -> None:
    for each in locks.parse(text):
        assert each.text in text.replace("\\\n", "\\\n    ") or each.name


@pytest.mark.parametrize("name", locks.names())
def test_every_environment_is_locked_to_the_version_and_the_hash(name: str) -> None:
    for each in locks.parse(locks.lock_of(name)):
        assert each.version, each
        assert "--hash=sha256:" in each.text or each.name == "torch"
    assert set(locks.direct(name)) <= {each.name for each in locks.parse(locks.lock_of(name))}


@pytest.mark.parametrize("name", locks.names())
def test_no_lock_names_an_index_or_a_cuda_package(name: str) -> None:
    assert "://" not in locks.lock_of(name)
    assert not [each.name for each in locks.parse(locks.lock_of(name)) if locks.is_cuda(each.name)]


def test_an_environment_that_is_not_described_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        locks.lock_of("no-such-environment")


def test_there_is_an_environment_for_each_framework_and_each_runtime_of_this_version() -> None:
    frameworks = ("jax", "mxnet", "onnx", "pytorch", "sklearn", "tensorflow")
    assert locks.names() == (*frameworks, *sorted(RUNTIMES))


@pytest.mark.parametrize("name", sorted(RUNTIMES))
def test_a_runtime_has_onnx_and_onnx_runtime_as_the_usual_environment_has_them(name: str) -> None:
    usual = {each.name: each.version for each in locks.parse(locks.lock_of(USUAL))}
    held = {each.name: each.version for each in locks.parse(locks.lock_of(name))}
    assert held["onnx"] == usual["onnx"]
    assert held.get("onnxruntime", usual["onnxruntime"]) == usual["onnxruntime"]
