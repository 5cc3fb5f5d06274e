"""Inputs are the same bytes everywhere, real samples keep their meaning, and what cannot be used is said."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from onnx_convert.workers.original.samples import Samples, cut, default_dtype, draw, fits, open_data
from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError

DTYPES = ["float16", "float32", "float64", "bool", "int8", "uint8", "int32", "int64", "uint64", "string"]


def one(tensor: TensorInfo, given: dict[str, Any], index: int = 0, sample: int = 0, **dims: int) -> Any:
    return Samples([tensor], {tensor.name: given}, seed=7).case(index, dims, sample)[tensor.name]


def digest(array: Any) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()[:16]


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_input_has_the_dtype_and_the_sizes_it_was_asked_for(dtype: str) -> None:
    array = one(TensorInfo("x", dtype, ("batch", 3)), {}, batch=5)
    assert array.shape == (5, 3)
    assert array.dtype.kind == "U" if dtype == "string" else array.dtype == np.dtype(dtype)


def test_random_values_are_these_bytes_in_every_environment() -> None:
    rng = lambda: np.random.Generator(np.random.PCG64(np.random.SeedSequence([0, 1, 2])))  # noqa: E731 - one use
    assert digest(draw(rng(), "float32", (8,), None)) == "0d8fac5052f47395"
    assert digest(draw(rng(), "int64", (8,), None)) == "915613fe021c3fed"
    assert digest(draw(rng(), "float64", (8,), (-1.0, 1.0))) == "7a883a5d5b90588d"


def test_cases_and_inputs_differ_and_the_same_case_does_not() -> None:
    samples = Samples([TensorInfo("a", "float32", (4,)), TensorInfo("b", "float32", (4,))], {}, seed=0)
    first, again, other = samples.case(0, {}, 0), samples.case(0, {}, 0), samples.case(1, {}, 0)
    assert np.array_equal(first["a"], again["a"])
    assert not np.array_equal(first["a"], first["b"])
    assert not np.array_equal(first["a"], other["a"])


@given(st.integers(-100, 100), st.integers(1, 50), st.integers(0, 2**32 - 1))
def test_a_range_of_integers_includes_both_ends_and_nothing_beyond(low: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = draw(rng, "int64", (2000,), (low, low + width))
    assert low <= drawn.min() <= drawn.max() <= low + width


def test_values_are_picked_from_the_list() -> None:
    picked = one(TensorInfo("x", "string", (50,)), {"values": ["Rome", "Oslo"]})
    assert set(picked) == {"Rome", "Oslo"}


def test_batches_take_the_samples_in_turn_and_start_again(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(5, dtype=np.float32)[:, None])
    tensor, source = TensorInfo("x", "float32", ("batch", 1)), {"data": str(tmp_path / "x.npy")}
    assert one(tensor, source, sample=0, batch=2).ravel().tolist() == [0, 1]
    assert one(tensor, source, sample=2, batch=2).ravel().tolist() == [4, 0]


def test_a_sample_without_a_batch_axis_is_one_element(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(6, dtype=np.float32).reshape(2, 3))
    tensor = TensorInfo("x", "float32", ("length",))
    assert one(tensor, {"data": str(tmp_path / "x.npy")}, sample=1, length=4).tolist() == [3, 4, 5, 3]


@given(
    hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=4, max_side=5), elements=st.floats(-9, 9, width=32)),
    st.data(),
)
def test_cutting_crops_or_wraps_every_axis(data: Any, draw_: Any) -> None:
    shape = tuple(draw_.draw(st.integers(1, 7)) for _ in data.shape)
    sample = draw_.draw(st.integers(0, 9))
    names = tuple(f"d{axis}" for axis in range(data.ndim))
    found = cut(data, TensorInfo("x", "float32", names), shape, sample)
    assert found.shape == shape
    for index in np.ndindex(*shape):
        row = (sample * shape[0] + index[0]) % data.shape[0]
        rest = tuple(i % n for i, n in zip(index[1:], data.shape[1:], strict=True))
        assert found[index] == data[(row, *rest)]


@pytest.mark.parametrize(
    ("array", "dtype", "shape", "words"),
    [
        (np.zeros((2, 5)), "float32", ("batch", 4), "axis 1 of x.npy has size 5, the input's is 4"),
        (np.zeros((2, 5, 1, 1)), "float32", ("batch", 5), "has shape"),
        (np.zeros((0, 5)), "float32", ("batch", 5), "no samples"),
        (np.full((2, 5), 0.5), "int64", ("batch", 5), "float64, which does not fit int64"),
        (np.full((2, 5), 300), "uint8", ("batch", 5), "does not fit uint8"),
        (np.full((2, 5), "a"), "float32", ("batch", 5), "does not fit float32"),
    ],
)
def test_samples_that_do_not_fit_are_refused_with_the_reason(
    tmp_path: Path, array: Any, dtype: str, shape: tuple[int | str, ...], words: str
) -> None:
    np.save(tmp_path / "x.npy", array)
    with pytest.raises(WorkerError, match="samples of input `x` cannot be used") as caught:
        open_data(tmp_path / "x.npy", TensorInfo("x", dtype, shape))
    assert caught.value.code == "OCA213"
    assert words in caught.value.message


def test_a_pickle_in_a_npy_is_not_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(WorkerError) as caught:
        open_data(tmp_path / "x.npy", TensorInfo("x", "float32", ("batch",)))
    assert caught.value.code == "OCA213"


@given(st.binary(max_size=200))
def test_any_bytes_are_samples_or_oca213(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "x.npy"
    path.write_bytes(content)
    with pytest.raises(WorkerError) as caught:
        open_data(path, TensorInfo("x", "float32", ("batch",)))
    assert caught.value.code == "OCA213"


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({}, "it has no array `x`, it has none"),
        ({"a.npy": b"", "b.npy": b""}, "it has no array `x`, it has a, b"),
        ({"x.npy": b"text"}, "what is in it is no array"),
        ({"x.npy": b"\x93NUMPY\x01\x00\x04\x00{'a'"}, "cannot be read"),
    ],
)
def test_an_archive_without_such_an_array_is_refused(tmp_path: Path, members: dict[str, bytes], words: str) -> None:
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(WorkerError) as caught:
        open_data(tmp_path / "x.npz", TensorInfo("x", "float32", ("batch",)))
    assert caught.value.code == "OCA213"
    assert words in caught.value.message


def test_an_archive_gives_the_array_of_the_inputs_name_or_its_only_one(tmp_path: Path) -> None:
    np.savez(tmp_path / "two.npz", x=np.ones((2, 1)), y=np.zeros((2, 1)))
    np.savez(tmp_path / "one.npz", other=np.full((2, 1), 5.0))
    tensor = TensorInfo("x", "float32", ("batch", 1))
    assert open_data(tmp_path / "two.npz", tensor)[0, 0] == 1
    assert open_data(tmp_path / "one.npz", tensor)[0, 0] == 5
    with pytest.raises(WorkerError, match="no array `z`"):
        open_data(tmp_path / "two.npz", TensorInfo("z", "float32", ("batch", 1)))


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.zeros(2), "float32"),
        (np.zeros(2, np.int32), "int32"),
        (np.array(["a"]), "string"),
        (np.array([True]), "bool"),
    ],
)
def test_samples_decide_a_dtype_that_nobody_gave_but_for_floats(tmp_path: Path, array: Any, expected: str) -> None:
    np.save(tmp_path / "x.npy", array)
    assert default_dtype("x", {"data": str(tmp_path / "x.npy")}) == expected


@given(
    hnp.arrays(st.sampled_from([np.int64, np.int16, np.uint8]), 4),
    st.sampled_from(["int8", "uint8", "int32", "uint64"]),
)
def test_integers_fit_another_dtype_exactly_if_they_come_back_the_same(data: Any, dtype: str) -> None:
    back = [int(value) for value in data.astype(dtype)]
    assert fits(data, np.dtype(dtype)) == (back == [int(value) for value in data])
