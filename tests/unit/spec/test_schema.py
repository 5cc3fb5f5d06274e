"""One truth: the model, the JSON Schema made from it, and what the command accepts."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.spec import units, validate
from onnx_convert.spec.load import load
from onnx_convert.spec.model import Spec
from onnx_convert.spec.schema import PACKAGED, PUBLISHED, report_schema, spec_schema, text
from tests.unit.spec.wrong_specs import CASES

EXAMPLE = """
spec-version = 1

[defaults]                                   # any key of a model may be defaulted here
opset = 17
parity = { rtol = 1e-3, atol = 1e-5, samples = 4 }
benchmark = { providers = ["cpu", "openvino", "tensorrt"], seconds = 5 }

[gates]
fail-on = ["convert", "opset", "parity", "provider", "latency", "size"]   # the default
max-latency-increase = "5%"
max-size-increase = "10%"

[models.tiny-cnn]
framework = "pytorch"
source = "models/cnn.py:TinyCNN"             # file:callable; called with `args`
args = { num_classes = 10 }
weights = "weights/cnn.safetensors"
inputs.image = { shape = ["batch", 3, "height", "width"], dtype = "float32" }   # a string is a dynamic dimension
outputs = ["logits"]
dims = { batch = [1, 4], height = [224, 256], width = [224, 256] }

[models.iris]
source = "models/iris.joblib"                # framework recognised from the file
inputs.features = { shape = ["batch", 4], data = "models/iris_samples.npy" }
"""


EDITOR = jsonschema.Draft202012Validator(spec_schema())


def accepts(document: dict[str, Any]) -> bool:
    return bool(EDITOR.is_valid(document))


def test_the_schema_files_are_current() -> None:
    regenerate = "run `python -m onnx_convert.spec.schema`"
    assert PACKAGED.read_text("utf-8") == text(spec_schema()), regenerate
    assert (PUBLISHED / "onnx-convert.schema.json").read_text("utf-8") == text(spec_schema()), regenerate
    assert (PUBLISHED / "report.schema.json").read_text("utf-8") == text(report_schema()), regenerate


@pytest.mark.parametrize("schema", [spec_schema(), report_schema()], ids=["spec", "report"])
def test_the_schemas_are_valid(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


def test_the_example_of_the_documentation_is_valid(tmp_path: Path) -> None:
    document = tomli.loads(EXAMPLE)
    assert accepts(document)
    path = tmp_path / "onnx-convert.toml"
    path.write_text(EXAMPLE)
    spec = load(path).spec
    assert (spec.models["iris"].opset, spec.models["iris"].parity.samples) == (17, 4)
    assert (spec.gates.max_latency_increase, spec.gates.max_size_increase) == (0.05, 0.1)


def test_source_may_come_from_the_defaults() -> None:
    assert not accepts({"spec-version": 1, "models": {"m": {}}})
    assert accepts({"spec-version": 1, "models": {"m": {}}, "defaults": {"source": "a.onnx"}})


DOCUMENTED = [case for case in CASES if isinstance(case.content, str) and len(case.content) < 1000]


@pytest.mark.parametrize("case", DOCUMENTED, ids=lambda case: case.name)
def test_the_command_and_an_editor_agree_on_what_the_schema_says(case: Any) -> None:
    try:
        document = tomli.loads(case.content)
    except (tomli.TOMLDecodeError, RecursionError):
        return
    ours = list(validate.violations(document))
    editors = list(EDITOR.iter_errors(document))
    required = [error for error in editors if error.validator in {"required", "minProperties", "if"}]
    # a NaN, an infinity and what no float can be pass JSON Schema, which has none of them
    finite = not any(word in str(document) for word in ("nan", "inf", "0" * 309))
    # JSON Schema takes 17.0 for an integer
    floats = "17.0" in str(document)
    if finite and not floats:
        assert bool(ours) == (len(editors) > len(required))


KEYS = st.sampled_from(["opset", "simplify", "parity", "benchmark", "timeout", "memory", "inputs", "dims", "outputs"])
JUNK = st.recursive(
    st.integers(-1, 20) | st.booleans() | st.sampled_from(["auto", "onnxsim", "15m", "2GB", "cpu", ""]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["rtol", "shape", "range", "providers", "x"]), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, JUNK, max_size=3))
def test_what_the_schema_accepts_the_model_accepts(model: dict[str, Any]) -> None:
    document: dict[str, Any] = {"spec-version": 1, "models": {"m": {"source": "a.onnx"} | model}}
    if not any(validate.violations(document)):
        assert Spec.model_validate(document).models["m"].source == "a.onnx"


@pytest.mark.parametrize(
    ("read", "written", "value"),
    [
        (units.seconds, "90s", 90.0),
        (units.seconds, "1.5 h", 5400.0),
        (units.seconds, "500ms", 0.5),
        (units.seconds, 12, 12),
        (units.size_bytes, "512MB", 512_000_000),
        (units.size_bytes, "4GiB", 4 * 2**30),
        (units.size_bytes, "1.5kb", 1500),
        (units.fraction, "5%", 0.05),
        (units.fraction, "12.5 %", 0.125),
    ],
)
def test_numbers_with_a_unit_are_read(read: Any, written: object, value: float) -> None:
    assert read(written) == value


@given(st.text(max_size=8))
def test_any_string_is_a_number_with_a_unit_or_refused(written: str) -> None:
    for read in (units.seconds, units.size_bytes, units.fraction):
        with contextlib.suppress(ValueError):
            assert isinstance(read(written), int | float)
