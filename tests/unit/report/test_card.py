from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import onnx
import pytest
from hypothesis import given, settings
from onnx import TensorProto, helper

from onnx_convert.report.card import File, card
from onnx_convert.report.model import Diagnostic, Export, Leg, Machine, ModelReport, Parity, Tensor
from tests.unit.report import sample
from tests.unit.report.rendered import Structure, hostile_text

FILES = (File("tiny-cnn.onnx", 4_213_000, "3f" * 32),)


def of(row: ModelReport, files: tuple[File, ...] = FILES, **more: Any) -> str:
    return card(sample.report((row,), **more), row, files)


def section(text: str, title: str) -> str:
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


def example(text: str) -> str:
    found = re.search(r"^(`{3,})python\n(.*?)\n\1$", text, re.DOTALL | re.MULTILINE)
    assert found
    return found[2]


def test_it_says_what_the_model_is_and_of_which_commit() -> None:
    first = of(sample.row()).split("\n\n")
    assert first[0] == "# `tiny-cnn`"
    assert "`fp32`, converted from `pytorch`, 4.2 MB, 5 nodes, opset `ai.onnx` 17" in first[1]
    assert "`a1b2c3d4e5f60718293a4b5c6d7e8f9001122334`" in first[1]


def test_it_lists_the_files_with_their_digests() -> None:
    files = (File("tiny-cnn.onnx.data", 1_900_000_000, "ab" * 32), *FILES)
    text = of(sample.row(), files)
    assert f"| `tiny-cnn.onnx.data` | `{'ab' * 32}` | 1.9\xa0GB |" in text
    assert f"| `tiny-cnn.onnx` | `{'3f' * 32}` | 4.2\xa0MB |" in text


def test_it_lists_inputs_and_outputs() -> None:
    text = section(of(sample.row()), "Inputs and outputs")
    assert "| input | `image` | `float32` | `[batch, 3, height, width]` |" in text
    assert "| output | `logits` | `float32` | `[batch, 10]` |" in text


def test_it_gives_the_worst_parity_of_each_provider() -> None:
    cases = (sample.case(1e-7), sample.case(5e-6), sample.case(2e-6, provider="openvino"))
    row = sample.row(parity=Parity(status="passed", rtol=1e-3, atol=1e-5, samples=4, cases=cases))
    text = section(of(row), "Parity")
    assert "It agrees with the original framework within rtol 0.001, atol 1e-05 over 4 samples a case" in text
    found = re.findall(r"^\| `(\w+)` .*?\| (\S+e\S+) \|", text, re.MULTILINE)
    assert found == [("cpu", "5.0e-06"), ("openvino", "2.0e-06")]


def test_parity_that_was_not_checked_is_not_claimed() -> None:
    skipped = sample.row(parity=Parity(status="skipped", reason="the original is gone", rtol=1e-3, atol=1e-5))
    assert "Not checked: the original is gone" in section(of(skipped), "Parity")
    assert "Not checked." in section(of(sample.row(parity=None)), "Parity")


def test_a_latency_is_given_with_the_machine_it_was_measured_on() -> None:
    text = section(of(sample.row()), "Latency")
    assert "- `AMD EPYC 7763 64-Core Processor`, 2 cores, 8.3 GB of memory." in text
    assert "| `cpu` | `CPUExecutionProvider` 100% | `batch=1` | 2 | 1.23\xa0ms\xa0±\xa0" in text
    assert "## Latency" not in of(sample.row(benchmark=()))


def test_latencies_of_several_legs_are_each_of_their_own_machine() -> None:
    report = sample.report()
    gpu = report.machine.model_copy(update={"cpu": "Xeon with a GPU"})

    def leg(index: int, machine: Machine) -> Leg:
        return Leg(index=index, models=("tiny-cnn",), started=report.started, machine=machine)

    row = sample.row(benchmark=(sample.measured("cpu", 1.0, leg=1), sample.measured("cuda", 0.2, leg=2)))
    text = section(of(row, legs=(leg(1, report.machine), leg(2, gpu))), "Latency")
    assert "- `cpu`: `AMD EPYC 7763 64-Core Processor`" in text
    assert "- `cuda`: `Xeon with a GPU`" in text


def test_it_says_how_the_model_was_made() -> None:
    text = section(of(sample.row()), "How it was made")
    for said in ("`torchscript`", "`torch 2.13.0+cpu`", "onnxsim, from 9 nodes", "`onnxruntime 1.32.0`", "`1.0.0`"):
        assert said in text


def test_a_model_that_failed_says_so_first() -> None:
    failed = of(sample.failing_parity("tiny-cnn"))
    assert "> **This model failed a check: parity.**" in failed.partition("|")[0]
    assert "It **does not agree** with the original framework" in failed
    assert "shape (4, 10) is not (4, 10, 1)" in section(failed, "Parity")
    assert "**OCA501**" in section(failed, "Findings")
    assert "failed" not in of(sample.row())


def test_one_that_was_not_checked_to_the_end_says_so_first() -> None:
    assert "> **Not everything about this model was checked.**" in of(sample.row(status="skipped")).partition("|")[0]


def model(folder: Path, name: str, inputs: dict[str, tuple[int, list[int | str]]]) -> tuple[Tensor, ...]:
    """A model that gives its inputs back, and how a report describes them."""
    told = {TensorProto.FLOAT: "float32", TensorProto.INT64: "int64", TensorProto.STRING: "string"}
    values = {name: helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()}
    outputs = [helper.make_tensor_value_info(f"{name}_out", kind, shape) for name, (kind, shape) in inputs.items()]
    nodes = [helper.make_node("Identity", [one], [f"{one}_out"]) for one in inputs]
    graph = helper.make_graph(nodes, "identities", list(values.values()), outputs)
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), folder / name)
    return tuple(Tensor(name=one, dtype=told[kind], shape=tuple(shape)) for one, (kind, shape) in inputs.items())


def test_the_example_runs_as_it_stands(tmp_path: Path) -> None:
    inputs = model(
        tmp_path,
        "tiny-cnn.onnx",
        {
            "image": (TensorProto.FLOAT, ["batch", 3]),
            "x\"'\\\n```": (TensorProto.INT64, []),
            "words": (TensorProto.STRING, [2]),
        },
    )
    code = example(of(sample.row(inputs=inputs)))
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "image_out (1, 3)" in done.stdout
    assert "words_out (2,)" in done.stdout


def test_the_example_uses_sizes_that_the_model_was_run_with() -> None:
    benchmark = (sample.measured("cpu", 1.0, dims={"batch": 2, "height": 224, "width": 256}),)
    assert "np.zeros((2, 3, 224, 256), dtype=np.float32)" in example(of(sample.row(benchmark=benchmark)))


@pytest.mark.parametrize("dtype", ["bfloat16", "float8_e4m3fn", "seq(tensor(float))", "float32); import os; ("])
def test_there_is_no_example_for_inputs_that_numpy_does_not_have(dtype: str) -> None:
    text = of(sample.row(inputs=(Tensor(name="x", dtype=dtype, shape=(1,)),)))
    assert "```python" not in text
    assert "onnxruntime.InferenceSession" in section(text, "Run it")


def test_custom_operators_need_their_library() -> None:
    artifact = sample.artifact("tiny-cnn", opsets={"ai.onnx": 17, "com.acme": 1})
    text = section(of(sample.row(artifact=artifact)), "Run it")
    assert "operators that ONNX Runtime does not bring (`com.acme`)" in text
    assert "register_custom_ops_library" in example(text)


def hostile(text: str) -> str:
    report = sample.hostile(text)
    row = report.models[0].model_copy(
        update={
            "inputs": (Tensor(name=text, dtype=text, shape=(text, 1)), Tensor(name=text, dtype="float32", shape=(1,))),
            "diagnostics": (Diagnostic(code="OCA501", severity="error", message=text),),
            "export": Export(exporter=text, versions={text: text}),
        }
    )
    return card(report, row, (File(text, 1, text),))


@cache
def harmless() -> list[str]:
    return Structure(hostile("x")).tags


@given(hostile_text.filter(bool))
@settings(max_examples=50)
def test_no_text_of_a_report_changes_the_card(text: str) -> None:
    found = Structure(hostile(text))
    assert found.tags == harmless()
    assert found.comments == []
    assert found.references() == []


@given(hostile_text)
@settings(max_examples=50)
def test_no_name_of_an_input_breaks_out_of_the_example(text: str) -> None:
    code = example(of(sample.row(inputs=(Tensor(name=text, dtype="float32", shape=(1,)),))))
    values = Counter(node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant))
    assert values == Counter(["tiny-cnn.onnx", "CPUExecutionProvider", text, None, 1, "shape"])
