"""The flow that all frameworks share, driven by a source that is plain numpy."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnx_convert.workers.original import harness
from onnx_convert.workers.original.source import ExportRequest, TensorInfo
from onnx_convert.workers.protocol import Job, WorkerError

Array = np.ndarray[Any, Any]
Function = Callable[[dict[str, Array]], dict[str, Array]]
X = {"x": {"shape": ["batch", 3]}}


class Numpy:
    """A source whose model is a Python function of arrays, and whose export writes what it was asked for."""

    versions = {"numpy": np.__version__}  # noqa: RUF012 - what the protocol says

    def __init__(self, function: Function, declares: list[TensorInfo] | None = None) -> None:
        self.function = function
        self.declares = declares
        self.request: ExportRequest | None = None

    def signature(self) -> list[TensorInfo] | None:
        return self.declares

    def guess(self) -> list[TensorInfo]:
        return [TensorInfo("x", "float32", ("batch", 3))]

    def sizes(self) -> dict[str, tuple[int, ...]]:
        return {}

    def accept(self, inputs: tuple[TensorInfo, ...]) -> None:
        pass

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        return self.function(dict(inputs))

    def bind(self, inputs: Mapping[str, Array], threads: int) -> Callable[[], object]:
        return lambda: self.function(dict(inputs))

    def export(self, request: ExportRequest) -> None:
        self.request = request
        request.path.write_bytes(b"onnx")


def double(inputs: dict[str, Array]) -> dict[str, Array]:
    return {"y": inputs["x"] * 2}


def work(tmp_path: Path, source: Numpy, **values: Any) -> tuple[dict[str, Any], Job]:
    defaults = {"kind": "export", "repository": str(tmp_path), "opset": 17, "exporter": "numpy", "inputs": X}
    job = Job(tmp_path, {**defaults, "samples": 2, "seed": 0, **values})
    job.out.mkdir()
    return harness.main_for(lambda _: source)(job), job


def test_every_combination_of_sizes_gets_every_sample_in_files_of_its_own(tmp_path: Path) -> None:
    result, job = work(tmp_path, Numpy(double), dims={"batch": [1, 4]})
    assert result["cases"] == [{"dims": {"batch": b}, "sample": k} for b in (1, 4) for k in (0, 1)]
    folders = sorted((job.out / "cases").iterdir())
    assert [folder.name for folder in folders] == ["0000", "0001", "0002", "0003"]
    for folder, case in zip(folders, result["cases"], strict=True):
        x, y = np.load(folder / "in0.npy"), np.load(folder / "out0.npy")
        assert x.shape == (case["dims"]["batch"], 3)
        np.testing.assert_array_equal(y, x * 2)


def test_the_exporter_is_asked_with_the_largest_sizes_and_the_names_of_axes(tmp_path: Path) -> None:
    source = Numpy(double)
    result, _ = work(tmp_path, source, dims={"batch": [4, 1]}, outputs=["twice"])
    assert source.request is not None
    assert source.request.example["x"].shape == (4, 3)
    assert source.request.outputs == (TensorInfo("twice", "float32", ("batch", 3)),)
    assert result["trace"] == {"batch": 4}
    assert result["outputs"] == [{"name": "twice", "dtype": "float32", "shape": ["batch", 3]}]
    json.dumps(result)


def test_sizes_that_nobody_gave_are_chosen_and_told(tmp_path: Path) -> None:
    result, _ = work(tmp_path, Numpy(double))
    assert result["dims"] == {"batch": [1, 4]}


def test_the_models_own_signature_serves_where_the_spec_has_no_inputs(tmp_path: Path) -> None:
    source = Numpy(double, [TensorInfo("x", "float64", ("n",))])
    result, _ = work(tmp_path, source, inputs={})
    assert result["inputs"] == [{"name": "x", "dtype": "float64", "shape": ["n"]}]


def test_the_spec_may_add_to_the_models_signature(tmp_path: Path) -> None:
    source = Numpy(double, [TensorInfo("x", "int64", ("n",))])
    _, job = work(tmp_path, source, inputs={"x": {"values": [5]}})
    assert set(np.load(job.out / "cases/0003/in0.npy")) == {5}


def test_a_name_that_the_model_does_not_have_is_an_error(tmp_path: Path) -> None:
    source = Numpy(double, [TensorInfo("x", "int64", ("n",))])
    with pytest.raises(WorkerError, match="no input `z`; it has `x`") as caught:
        work(tmp_path, source, inputs={"z": {"values": [5]}})
    assert caught.value.code == "OCA211"


def test_without_inputs_the_error_has_lines_to_paste(tmp_path: Path) -> None:
    with pytest.raises(WorkerError) as caught:
        work(tmp_path, Numpy(double), inputs={})
    assert caught.value.code == "OCA210"
    assert 'inputs.x = { shape = ["batch", 3], dtype = "float32" }' in (caught.value.hint or "")


def test_without_reference_nothing_is_kept_but_axes_are_found_all_the_same(tmp_path: Path) -> None:
    result, job = work(tmp_path, Numpy(double), reference=False)
    assert result["cases"] == []
    assert not (job.out / "cases").exists()
    assert result["outputs"][0]["shape"] == ["batch", 3]


def test_noise_is_measured_on_two_runs_of_the_first_case(tmp_path: Path) -> None:
    calls: list[int] = []

    def drifts(inputs: dict[str, Array]) -> dict[str, Array]:
        calls.append(1)
        return {"y": inputs["x"] + 0.5 * (len(calls) - 1)}

    result, job = work(tmp_path, Numpy(drifts), samples=1, dims={"batch": [2, 3]})
    assert result["noise"] == pytest.approx(0.5)
    assert [note["code"] for note in job.notes] == ["OCA220"]


def test_values_that_are_not_finite_are_noted_by_output(tmp_path: Path) -> None:
    _, job = work(tmp_path, Numpy(lambda inputs: {"good": inputs["x"], "bad": inputs["x"] * np.nan}))
    assert [(note["code"], "`bad`" in str(note["message"])) for note in job.notes] == [("OCA224", True)]


def test_a_dimension_tried_at_one_size_is_probed_at_another(tmp_path: Path) -> None:
    result, job = work(tmp_path, Numpy(double), dims={"batch": [4]}, samples=1)
    assert result["outputs"][0]["shape"] == ["batch", 3]
    assert len(list((job.out / "cases").iterdir())) == 1


def test_a_model_that_refuses_the_probe_is_taken_at_its_word(tmp_path: Path) -> None:
    def only_four(inputs: dict[str, Array]) -> dict[str, Array]:
        assert len(inputs["x"]) == 4
        return {"y": inputs["x"]}

    result, job = work(tmp_path, Numpy(only_four), dims={"batch": [4]})
    assert result["outputs"][0]["shape"] == [4, 3]
    assert job.notes == []


def test_what_the_model_raises_is_told_with_the_sizes(tmp_path: Path) -> None:
    def breaks(inputs: dict[str, Array]) -> dict[str, Array]:
        raise ValueError("odd sizes only")

    with pytest.raises(WorkerError, match="at batch 1 raised ValueError: odd sizes only") as caught:
        work(tmp_path, Numpy(breaks))
    assert caught.value.code == "OCA214"


@pytest.mark.parametrize(("given", "code"), [({}, "OCA215"), ({"range": [0, 9]}, "OCA214")])
def test_an_index_error_blames_random_integers_only_where_there_are_some(
    tmp_path: Path, given: dict[str, Any], code: str
) -> None:
    def looks_up(inputs: dict[str, Array]) -> dict[str, Array]:
        return {"y": np.zeros(0)[inputs["x"]]}

    with pytest.raises(WorkerError) as caught:
        work(tmp_path, Numpy(looks_up), inputs={"x": {"shape": ["batch", 3], "dtype": "int64", **given}})
    assert caught.value.code == code


def test_leaving_the_process_is_an_error_like_any_other(tmp_path: Path) -> None:
    def leaves(_: Job) -> Numpy:
        raise SystemExit(0)

    job = Job(tmp_path, {"kind": "export", "repository": str(tmp_path)})
    with pytest.raises(WorkerError, match="SystemExit") as caught:
        harness.main_for(leaves)(job)
    assert caught.value.code == "OCA200"


def test_the_lack_of_memory_is_left_to_the_fence(tmp_path: Path) -> None:
    def eats(_: Job) -> Numpy:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes")

    job = Job(tmp_path, {"kind": "export", "repository": str(tmp_path)})
    with pytest.raises(MemoryError):
        harness.main_for(eats)(job)


def test_an_exporter_that_writes_nothing_has_failed(tmp_path: Path) -> None:
    class Silent(Numpy):
        def export(self, request: ExportRequest) -> None:
            pass

    with pytest.raises(WorkerError, match="wrote no model") as caught:
        work(tmp_path, Silent(double))
    assert caught.value.code == "OCA300"


def test_the_native_measurement_is_of_the_first_sizes(tmp_path: Path) -> None:
    result, _ = work(tmp_path, Numpy(double), kind="native", threads=1, seconds=0.02, dims={"batch": [2, 4]})
    assert result["dims"] == {"batch": 2}
    assert result["threads"] == 1
    assert result["median"] > 0
    assert result["load_ms"] >= 0
