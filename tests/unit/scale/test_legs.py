"""The legs of a matrix: every model in one, its rows together, GPUs apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onnx_convert.plan import make_plan
from onnx_convert.report.model import ModelReport
from onnx_convert.scale.durations import Durations
from onnx_convert.scale.legs import legs, matrix
from tests.unit.scale.sample import providers, spec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from onnx_convert.plan import Row
    from onnx_convert.scale.legs import Leg

UNKNOWN = Durations({}, {})
KINDS = (providers("cpu"), providers("cpu", "openvino", "cuda"), providers("tensorrt"), "benchmark = false")


def models(found: Sequence[Leg], device: str) -> list[str]:
    return sorted(name for leg in found if leg.device == device for name in leg.models)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> tuple[Row, ...]:
    """Forty models of all kinds, some with several opsets."""
    kinds = {f"m{n}": f"{KINDS[n % 4]}\n{'opset = [15, 17]' if n % 3 == 0 else ''}" for n in range(40)}
    return make_plan(spec(tmp_path_factory.mktemp("spec"), kinds))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    took=st.dictionaries(st.integers(0, 39), st.floats(0.1, 5_000)),
    shards=st.integers(1, 60),
    gpu_shards=st.integers(0, 30),
)
def test_every_model_is_in_one_leg_for_each_device_that_it_needs(
    rows: tuple[Row, ...], took: dict[int, float], shards: int, gpu_shards: int
) -> None:
    known = Durations({f"m{n}": seconds for n, seconds in took.items()}, {})
    found = legs(rows, known, shards=shards, gpu_shards=gpu_shards)
    all_models = sorted({row.name for row in rows})
    on_gpu = [name for name in all_models if gpu_shards and int(name[1:]) % 4 in {1, 2}]
    gpu_alone = [name for name in all_models if gpu_shards and int(name[1:]) % 4 == 2]
    assert models(found, "gpu") == on_gpu
    assert models(found, "cpu") == sorted(set(all_models) - set(gpu_alone))
    assert all(leg.models for leg in found)
    assert [leg.shard for leg in found] == [f"{n}/{len(found)}" for n in range(1, len(found) + 1)]
    assert found == legs(rows, known, shards=shards, gpu_shards=gpu_shards)


def test_there_are_never_more_legs_than_models(tmp_path: Path) -> None:
    found = legs(make_plan(spec(tmp_path, ["a", "b"])), UNKNOWN, shards=9)
    assert [leg.models for leg in found] == [("a",), ("b",)]


def test_without_gpu_legs_every_provider_is_measured_where_its_model_is(tmp_path: Path) -> None:
    found = legs(make_plan(spec(tmp_path, {"a": KINDS[1], "b": KINDS[2]})), UNKNOWN, shards=1)
    assert [(leg.device, leg.models, leg.providers) for leg in found] == [("cpu", ("a", "b"), ())]


def test_gpu_legs_measure_the_providers_of_gpus_and_the_others_all_else(tmp_path: Path) -> None:
    rows = make_plan(spec(tmp_path, {"a": KINDS[0], "b": KINDS[1], "c": KINDS[2]}))
    found = legs(rows, UNKNOWN, shards=1, gpu_shards=1)
    assert [(leg.device, leg.models, leg.providers) for leg in found] == [
        ("cpu", ("a", "b"), ("cpu", "openvino")),
        ("gpu", ("b", "c"), ("cuda", "tensorrt")),
    ]


def test_gpu_legs_for_models_that_need_none_are_not_made(tmp_path: Path) -> None:
    found = legs(make_plan(spec(tmp_path, ["a", "b"])), UNKNOWN, shards=1, gpu_shards=4)
    assert [(leg.device, leg.providers) for leg in found] == [("cpu", ())]


def test_rows_of_a_model_weigh_together(tmp_path: Path) -> None:
    rows = make_plan(spec(tmp_path, {"a": "opset = [13, 15, 17]", "b": "", "c": "", "d": ""}))
    known = Durations({row.key: 10.0 for row in rows}, {})
    assert [leg.models for leg in legs(rows, known, shards=2)] == [("a",), ("b", "c", "d")]


def test_the_matrix_is_one_line_of_json(tmp_path: Path) -> None:
    rows = make_plan(spec(tmp_path, {"a": KINDS[0], "b": KINDS[1]}))
    text = matrix(legs(rows, UNKNOWN, shards=1, gpu_shards=1))
    assert "\n" not in text
    assert json.loads(text) == {
        "include": [
            {"shard": "1/2", "index": "1", "models": "a b", "providers": "cpu openvino", "device": "cpu"},
            {"shard": "2/2", "index": "2", "models": "b", "providers": "cuda", "device": "gpu"},
        ]
    }


def test_a_report_of_the_rows_balances_the_next_plan(tmp_path: Path) -> None:
    rows = make_plan(spec(tmp_path, ["a", "b", "c", "d"]))
    took = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 3.0}
    done = [
        ModelReport(name=name, framework="onnx", opset=17, status="passed", seconds=seconds)
        for name, seconds in took.items()
    ]
    found = legs(rows, Durations.of([], done), shards=2)
    assert [(leg.models, leg.seconds) for leg in found] == [(("a", "b", "c"), 3.0), (("d",), 3.0)]
