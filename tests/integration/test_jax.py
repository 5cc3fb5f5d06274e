"""JAX sources through the real worker."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnx_convert.environments import Environments
from onnx_convert.isolation import Fence, Limits

pytestmark = pytest.mark.integration

Run = Callable[..., Any]

MODELS = Path(__file__).parents[1] / "support" / "models" / "jax"
BATCH = {"x": {"shape": ["batch", 4]}}


@pytest.fixture(scope="module")
def convert_jax(convert: Run, repository: Path) -> Run:
    """Convert a source of the repository, or one of the support matrix's below `jax/`."""
    shutil.copytree(MODELS, repository / "jax", dirs_exist_ok=True)

    def run(source: str, **job: Any) -> Any:
        return convert("jax", source, **{"inputs": BATCH, "exporter": "jax2onnx", "samples": 1, **job})

    return run


@pytest.mark.parametrize(
    ("source", "inputs", "job"),
    [
        ("functions.py:gru", {"series": {"shape": ["batch", "time", 8]}}, {"args": {"features": 8}}),
        ("functions.py:gated", BATCH, {}),
        ("flax_nnx.py:ConvNet", {"image": {"shape": ["batch", "height", "width", 3]}}, {"dims": {"width": [32]}}),
        (
            "flax_nnx.py:Transformer",
            {"tokens": {"shape": ["batch", "length"], "dtype": "int32", "range": [0, 255]}},
            {"exporter": "jax2onnx-primitives", "dims": {"length": [5, 9]}},
        ),
        (
            "flax_linen.py:classifier",
            {"tokens": {"shape": ["batch", 6], "dtype": "int32", "range": [0, 99]}},
            {"exporter": "jax2onnx-primitives"},
        ),
        ("equinox_models.py:Mixer", {"patches": {"shape": [16, 24]}}, {}),
        ("equinox_models.py:mlp", {"x": {"shape": ["batch", 12]}}, {}),
        ("trees.py:autoencoder", {"x": {"shape": ["batch", 28]}}, {}),
        (
            "trees.py:haiku_attention",
            {"x": {"shape": ["batch", "length", 32]}},
            {"exporter": "jax2onnx-primitives", "dims": {"length": [5, 9]}},
        ),
    ],
)
def test_each_form_is_the_same_in_onnx(convert_jax: Run, parity: Run, source: str, inputs: Any, job: Any) -> None:
    outcome = convert_jax(f"jax/{source}", inputs=inputs, **job)
    session = parity(outcome)
    assert [value.shape for value in session.get_inputs()] == [value["shape"] for value in inputs.values()]


@pytest.mark.parametrize("opset", [13, 17, 21, 23])
def test_the_asked_opset_is_the_one_obtained(convert_jax: Run, parity: Run, opset: int) -> None:
    outcome = convert_jax("jax_failures.py:half", opset=opset)
    parity(outcome)
    model = onnx.load(outcome.folder / "out" / "model.onnx")
    assert [entry.version for entry in model.opset_import if not entry.domain] == [opset]


def test_outputs_are_in_the_order_they_were_written_and_an_input_may_be_one(convert_jax: Run, parity: Run) -> None:
    inputs = {"y": {"shape": ["batch", 4]}, "x": {"shape": ["batch", 4]}}
    session = parity(convert_jax("jax_failures.py:add", inputs=inputs))
    assert [value.name for value in session.get_outputs()] == ["sum", "difference", "same"]


def test_names_of_the_spec_win_over_those_inside_the_graph(convert_jax: Run, parity: Run) -> None:
    inputs = {"in_1": {"shape": ["batch", 4]}, "in_0": {"shape": ["batch", 4]}}
    session = parity(convert_jax("jax_failures.py:add", inputs=inputs, outputs=["sub_out_0", "add_out_0", "third"]))
    assert [value.name for value in session.get_inputs()] == ["in_1", "in_0"]


def test_a_module_may_compute_with_numpy_from_its_parameters(convert_jax: Run, parity: Run) -> None:
    parity(convert_jax("jax_failures.py:Scaled"))


def test_a_function_without_parameters_needs_no_inputs(convert_jax: Run, parity: Run) -> None:
    assert parity(convert_jax("jax_failures.py:constant", inputs={})).get_inputs() == []


def test_a_boolean_mask_is_written_with_operators_that_the_runtime_has(convert_jax: Run, parity: Run) -> None:
    parity(convert_jax("jax_failures.py:masked", exporter="jax2onnx-primitives"))


def test_a_64_bit_index_is_taken_as_declared_and_cast_as_jax_does(convert_jax: Run, parity: Run) -> None:
    inputs = {"index": {"shape": ["batch"], "dtype": "int64", "range": [0, 11]}}
    outcome = convert_jax("jax_failures.py:lookup", inputs=inputs)
    assert [value.type for value in parity(outcome).get_inputs()] == ["tensor(int64)"]
    assert [note.code for note in outcome.notes] == ["OCA258"]


@pytest.mark.parametrize(("dtype", "kind"), [("float16", "float16"), ("float64", "double")])
def test_floats_have_the_bits_that_are_declared(convert_jax: Run, parity: Run, dtype: str, kind: str) -> None:
    outcome = convert_jax("jax_failures.py:half", inputs={"x": {"shape": ["batch", 4], "dtype": dtype}})
    session = parity(outcome, rtol=1e-2 if dtype == "float16" else 1e-12, atol=1e-3 if dtype == "float16" else 1e-12)
    assert [value.type for value in (*session.get_inputs(), *session.get_outputs())] == [f"tensor({kind})"] * 2


def test_images_are_nchw_outside_where_the_option_says_so(convert_jax: Run, parity: Run) -> None:
    inputs = {"image": {"shape": ["batch", 3, 32, 32]}}
    job = {"inputs": inputs, "export_options": {"inputs_as_nchw": [0]}}
    session = parity(convert_jax("jax/functions.py:residual_net", **job))
    assert session.get_inputs()[0].shape == ["batch", 3, 32, 32]


@pytest.mark.parametrize("prefix", ["layer/", "layer."])
def test_weights_replace_parameters_by_their_path(convert_jax: Run, parity: Run, repository: Path, prefix: str) -> None:
    weights = repository / "tree.npz"
    np.savez(weights, **{f"{prefix}w": np.full((4, 3), 2, np.float32), f"{prefix}b": np.ones(3, np.float32)})
    weights.chmod(0o644)
    outcome = convert_jax("jax_failures.py:tree", weights=str(weights))
    parity(outcome)
    case = outcome.folder / "out" / "cases" / "0000"
    np.testing.assert_allclose(np.load(case / "out0.npy")[:, 0], 2 * np.load(case / "in0.npy").sum(1) + 1, rtol=1e-5)


def test_weights_that_do_not_fit_are_named(convert_jax: Run, repository: Path) -> None:
    weights = repository / "wide.npz"
    np.savez(weights, **{"layer/w": np.zeros((4, 5), np.float32), "other": np.zeros(3)})
    weights.chmod(0o644)
    failure = convert_jax("jax_failures.py:tree", weights=str(weights)).failure
    assert failure.code == "OCA207"
    assert all(part in failure.message for part in ("layer.w [4, 5] for [4, 3]", "layer.b", "other"))


@pytest.mark.parametrize(
    ("source", "job", "code", "said"),
    [
        ("an_array", {}, "OCA255", "an array"),
        ("unbound", {}, "OCA256", "Linen"),
        ("untransformed", {}, "OCA256", "Haiku"),
        ("training_linen", {}, "OCA257", "batch_stats"),
        ("training_equinox", {}, "OCA257", "key"),
        ("training_nnx", {}, "OCA257", "mutate"),
        ("layer", {}, "OCA260", "(4,)"),
        ("half", {"weights": "any.npz"}, "OCA261", "function"),
        ("maker", {"inputs": BATCH}, "OCA217", "not an array"),
        ("text_output", {}, "OCA217", "str"),
        ("complex_output", {}, "OCA217", "complex"),
        ("add", {}, "OCA211", "`x`"),
        ("half", {"inputs": {"x": {"shape": ["batch", 4], "dtype": "string"}}}, "OCA211", "strings"),
        ("lookup", {"inputs": {"index": {"shape": [2], "dtype": "int64", "values": [2**40]}}}, "OCA259", "int32"),
        ("half", {"export_options": {"opset": 18}}, "OCA310", "opset"),
        ("half", {"export_options": {"no_such_option": 1}}, "OCA310", "no_such_option"),
        ("half", {"export_options": {"inputs_as_nchw": [0]}}, "OCA310", "4 axes"),
        ("without_converter", {"inputs": {"x": {"shape": [4, 5]}}}, "OCA328", "`random_gamma`"),
        ("singular_values", {"inputs": {"x": {"shape": [4, 4]}}}, "OCA332", "svd"),
        ("pooled", {"inputs": {"x": {"shape": [1, 4, 4, 3]}}}, "OCA333", "max_pool"),
        ("branching", {}, "OCA329", "jax_failures.py"),
        ("to_number", {}, "OCA329", "jax_failures.py"),
        ("compares_size", {}, "OCA331", "`batch`"),
        ("pairs", {"inputs": {"x": {"shape": ["rows", 3]}}, "dims": {"rows": [2, 4]}}, "OCA331", "`rows`"),
        (
            "same_sizes",
            {"inputs": {"x": {"shape": ["a", 3]}, "y": {"shape": ["b", 3]}}, "dims": {"a": [2], "b": [2]}},
            "OCA331",
            "`a`, `b`",
        ),
    ],
)
def test_a_known_failure_has_a_code(convert_jax: Run, source: str, job: Any, code: str, said: str) -> None:
    failure = convert_jax(f"jax_failures.py:{source}", **job).failure
    assert (failure.code, said in failure.message) == (code, True), failure


def test_random_numbers_are_warned_of(convert_jax: Run) -> None:
    assert "OCA330" in [note.code for note in convert_jax("jax_failures.py:noise").notes]


def test_the_native_measurement_calls_the_compiled_function(convert_jax: Run) -> None:
    outcome = convert_jax("jax_failures.py:half", kind="native", threads=1, seconds=0.2)
    assert outcome.failure is None, outcome.log
    assert outcome.result["median"] > 0


def test_a_template_that_imported_jax_can_be_forked_for_jobs_side_by_side(
    fence: Fence, environments: Environments, repository: Path
) -> None:
    def run(seed: int) -> Any:
        source = {"path": str(repository / "jax_failures.py"), "symbol": "half"}
        job = {"kind": "export", "repository": str(repository), "samples": 1, "seed": seed, "opset": 17}
        job |= {"source": source, "inputs": BATCH, "exporter": "jax2onnx"}
        return fence.run(environments.get("jax"), "onnx_convert.frameworks.jax.worker", job, Limits(seconds=300))

    with ThreadPoolExecutor(4) as pool:
        assert [outcome.failure for outcome in pool.map(run, range(8))] == [None] * 8
