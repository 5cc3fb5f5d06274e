"""Results of workers: a value of the agreed form, or a lie that is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.stages.results import (
    CheckResult,
    ExportResult,
    LyingWorkerError,
    Measurement,
    ParityResult,
    SimplifyResult,
    parse,
)

KINDS = [CheckResult, ExportResult, Measurement, ParityResult, SimplifyResult]
EXPORT = {
    "versions": {"torch": "2.13.0"},
    "inputs": [{"name": "x", "dtype": "float32", "shape": ["batch", 4]}],
    "outputs": [{"name": "y", "dtype": "float32", "shape": ["batch", 3]}],
    "cases": [{"dims": {"batch": 1}, "sample": 0}],
    "trace": {"batch": 4},
    "exporter": "torchscript",
    "noise": 0.0,
    "seconds": {"export": 0.5},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=10), children, max_size=4),
    max_leaves=20,
)


def test_an_export_is_read():
    result = parse(ExportResult, EXPORT)
    assert result.inputs[0].shape == ("batch", 4)
    assert result.cases[0].dims == {"batch": 1}


@pytest.mark.parametrize(
    ("key", "lie"),
    [
        ("versions", "all of them"),
        ("cases", -1),
        ("cases", [{"dims": {"batch": -4}, "sample": 0}]),
        ("inputs", [{"name": "x"}]),
        ("exporter", "x" * 2000),
        ("seconds", {"export": -1}),
        ("noise", "loud"),
        ("trace", {"batch": 2**70}),
    ],
)
def test_a_lie_is_named_with_its_place(key, lie):
    with pytest.raises(LyingWorkerError, match=key):
        parse(ExportResult, EXPORT | {key: lie})


@given(st.sampled_from(KINDS), st.dictionaries(st.text(max_size=10), JSON, max_size=6))
def test_any_json_is_a_result_or_a_lie(kind, values):
    assert _value_or_lie(kind, values)


@given(st.sampled_from(sorted(EXPORT)), JSON)
def test_any_json_in_the_place_of_a_field_is_a_value_or_a_lie_about_that_field(key, value):
    said = _value_or_lie(ExportResult, EXPORT | {key: value})
    assert isinstance(said, ExportResult) or said.startswith(key)


def _value_or_lie(kind, values):
    try:
        return parse(kind, values)
    except LyingWorkerError as lie:
        return str(lie)
