"""Measuring a model: what comes back, not how fast anything is."""

import numpy as np
import pytest

from onnx_convert.stages.results import Measurement
from onnx_convert.workers.artifact import benchmark
from onnx_convert.workers.protocol import WorkerError

RELU = "g (float[N, 3] x) => (float[N, 3] y) { y = Relu(x) }"


@pytest.fixture
def measured(job, write_cases):
    def run(path, x, provider="cpu"):
        given = write_cases(({"N": len(x)}, [x], []))
        return benchmark.main(
            job(
                model=path,
                provider=provider,
                provider_options={},
                threads=1,
                seconds=0.01,
                case=f"{given['cases']}/0000",
                inputs=[{"name": "x"}],
            )
        )

    return run


@pytest.mark.filterwarnings("error")
def test_a_measurement_has_every_field_that_the_report_wants(model, measured):
    result = measured(model(RELU), np.ones((2, 3), np.float32))
    found = Measurement.model_validate(result)
    assert found.status == "measured"
    assert found.effective == {"CPUExecutionProvider": 1.0}
    assert found.threads == 1
    assert found.iterations >= 1
    assert found.load_ms > 0
    assert found.quantiles[0] <= found.ci95[0] <= found.median <= found.ci95[1] <= found.quantiles[100]
    assert set(found.versions) == {"onnxruntime"}


def test_string_inputs_are_measured_too(model, measured):
    path = model("g (string[N] x) => (string[N] y) { y = Identity(x) }")
    assert measured(path, np.array(["a", "b"]))["status"] == "measured"


def test_a_provider_that_is_not_there_has_a_reason_and_no_latency(model, measured):
    result = measured(model(RELU), np.ones((2, 3), np.float32), provider="tensorrt")
    assert set(result) == {"status", "reason"}
    assert result["status"] == "unavailable"


def test_a_model_that_the_provider_refuses_ends_the_job_with_the_providers_reason(model, measured):
    with pytest.raises(WorkerError, match=r"cpu: .*index: 1 Got: 4 Expected: 3") as caught:
        measured(model(RELU), np.ones((2, 4), np.float32))
    assert caught.value.code == "OCA602"
