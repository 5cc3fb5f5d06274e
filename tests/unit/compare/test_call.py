"""How `compare` is called."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.cli import main
from onnx_convert.compare.call import MAX_SIZE, Call, add_arguments, dimension, increase, sample


def call(*arguments: str) -> Call:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return Call.of(parser.parse_args(["a.onnx", "b.onnx", *arguments]))


def test_without_options_the_cpu_is_measured_for_ten_seconds() -> None:
    asked = call()
    assert (asked.base, asked.head) == (Path("a.onnx"), Path("b.onnx"))
    assert (asked.providers, asked.seconds, asked.max_increase) == (("cpu",), 10.0, 0.05)
    assert (asked.dims, asked.data, asked.threads, asked.rtol, asked.json) == ({}, {}, None, None, None)


def test_a_dimension_named_twice_has_two_sizes_in_their_order() -> None:
    assert call("--dim", "batch=8", "--dim", "seq len=5", "--dim", "batch=1").dims == {"batch": (8, 1), "seq len": (5,)}


def test_providers_and_samples_may_be_repeated() -> None:
    asked = call("--provider", "openvino", "--provider", "cpu", "--provider", "cpu", "--data", "x=a=b.npy")
    assert asked.providers == ("openvino", "cpu")
    assert asked.data == {"x": Path("a=b.npy")}


@given(st.text(min_size=1), st.integers(1, MAX_SIZE))
def test_any_name_a_graph_may_have_is_taken(name: str, size: int) -> None:
    assert dimension(f"{name}={size}") == (name, size)


@given(st.text(max_size=12))
def test_what_is_not_a_size_is_refused_and_nothing_else_happens(text: str) -> None:
    try:
        name, size = dimension(text)
    except argparse.ArgumentTypeError:
        return
    assert text.startswith(f"{name}=")
    assert 1 <= size <= MAX_SIZE


@pytest.mark.parametrize(
    "text", ["batch", "batch=", "=3", "batch=0", "batch=-1", "batch=1.5", "batch=²", "x=99999999999"]
)
def test_a_wrong_dimension_is_told_with_a_right_one(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="batch=8"):
        dimension(text)


@pytest.mark.parametrize("text", ["x", "x=", "=a.npy"])
def test_a_wrong_sample_is_told_with_a_right_one(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"image=images\.npy"):
        sample(text)


@pytest.mark.parametrize(("text", "fraction"), [("5%", 0.05), ("0.05", 0.05), ("0", 0.0), ("150%", 1.5)])
def test_an_increase_is_a_percentage_or_a_fraction(text: str, fraction: float) -> None:
    assert increase(text) == pytest.approx(fraction)


@pytest.mark.parametrize(
    "option",
    [
        *(["--max-latency-increase", value] for value in ("-1%", "nan", "much", "")),
        *(["--seconds", value] for value in ("0", "inf", "5000", "ten")),
        *(["--rtol", value] for value in ("-1", "nan", "inf")),
        *(["--threads", value] for value in ("0", "1.5", "-2")),
        *(["--provider", value] for value in ("", "../x", "CPU")),
    ],
)
def test_a_wrong_value_exits_2_and_names_it(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["compare", "a.onnx", "b.onnx", *option])
    assert left.value.code == 2
    assert option[0] in capsys.readouterr().err


@pytest.mark.parametrize("given", [[], ["a.onnx"]])
def test_two_paths_are_needed(given: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["compare", *given])
    assert left.value.code == 2


def test_the_command_opens_no_model_itself() -> None:
    code = "import sys, onnx_convert.compare.command; assert not {'numpy', 'onnx', 'onnxruntime'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
