"""Jobs for workers that handle ONNX files, as the core would write them."""

import json

import numpy as np
import onnx
import pytest
from onnx import parser

from onnx_convert.workers.protocol import read_job


@pytest.fixture
def model(tmp_path):
    """Write a model from ONNX's own text syntax, IR 8 and opset 17 unless said otherwise; returns its path."""

    def write(text, *, name="model.onnx", ir=8, opset=17, **fields):
        proto = parser.parse_model(f'<ir_version: {ir}, opset_import: ["": {opset}]> {text}')
        for key, value in fields.items():
            setattr(proto, key, value)
        onnx.save(proto, tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def job(tmp_path):
    """Make a job in a folder of its own."""

    def make(**values):
        folder = tmp_path / "job"
        (folder / "out").mkdir(parents=True, exist_ok=True)
        (folder / "job.json").write_text(json.dumps(values, default=str))
        return read_job(folder)

    return make


@pytest.fixture
def write_cases(tmp_path):
    """Write cases from (dims, inputs, outputs); returns the job's keys `cases` and `case_list`."""

    def write(*given):
        folder = tmp_path / "cases"
        for index, (_, inputs, outputs) in enumerate(given):
            case = folder / f"{index:04d}"
            case.mkdir(parents=True)
            for kind, arrays in (("in", inputs), ("out", outputs)):
                for position, array in enumerate(arrays):
                    np.save(case / f"{kind}{position}.npy", array)
        return {
            "cases": str(folder),
            "case_list": [{"dims": dims, "sample": index} for index, (dims, _, _) in enumerate(given)],
        }

    return write
