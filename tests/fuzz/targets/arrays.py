"""Samples and reference outputs as workers read them: `.npy` and `.npz` files that anyone wrote."""

from __future__ import annotations

import io
import tempfile
import warnings
import zipfile
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from onnx_convert.workers.artifact.cases import Case
from onnx_convert.workers.original.samples import cut, default_dtype, open_data
from onnx_convert.workers.original.source import TensorInfo
from onnx_convert.workers.protocol import WorkerError
from tests.fuzz import texts

NATIVE = True
_MAGIC = b"\x93NUMPY\x01\x00"
_TENSORS = (
    TensorInfo("x", "float32", ("batch", 3)),
    TensorInfo("x", "int8", (2,)),
    TensorInfo("y", "string", ("n",)),
    TensorInfo("x", "", ()),
)
DTYPES = (
    "<f4",
    "<f8",
    "<f2",
    "|i1",
    "<i8",
    "<u8",
    "|b1",
    "<U3",
    "|S3",
    "|O",
    "<c8",
    "<M8[s]",
    "<m8",
    "|V4",
    ">f4",
    "x",
    "<f99",
    "(2,)f4",
)
TOKENS = (
    *DTYPES,
    "'descr': ",
    "'fortran_order': ",
    "'shape': ",
    "True",
    "(3,)",
    "\x93NUMPY",
    "\x01\x00",
    "\x03\x00",
    "PK\x03\x04",
    ".npy",
    "9" * 20,
)

descriptors = st.sampled_from(
    [repr(each) for each in DTYPES] + ["[('a', '<f4')]", "[('a', '<f4', (2,))]", "1", "None", "'<f4', ", "[" * 50]
)
shapes = st.sampled_from(
    (
        "()",
        "(0,)",
        "(2,)",
        "(2, 3)",
        "(3, 2, 3)",
        "(-1,)",
        "(1e9,)",
        "(2**60,)",
        "(1152921504606846976,)",
        "(True,)",
        "x",
        "(2, 3",
        "(" * 300,
    )
)


def npy(descr: str, order: str, shape: str, body: bytes) -> bytes:
    """A file with a header as told."""
    header = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return _MAGIC + len(header).to_bytes(2, "little") + header + body


def npz(members: list[tuple[str, bytes, int]]) -> bytes:
    """An archive of members by (name, content, compression)."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as written:
        warnings.simplefilter("ignore")  # of a name twice
        for name, content, method in members:
            written.writestr(zipfile.ZipInfo(name), content, method)
    return file.getvalue()


arrays = st.builds(
    npy, descriptors, st.sampled_from(("False", "True", "2")), shapes, st.binary(max_size=40) | st.just(b"\x00" * 72)
)
archives = st.lists(
    st.tuples(
        st.sampled_from(("x.npy", "y.npy", "x", "y.txt", "a/x.npy")),
        arrays | st.binary(max_size=20),
        st.sampled_from((0, 8)),
    ),
    max_size=3,
).map(npz)
structured = st.builds(
    lambda data, at, byte: data[:at] + byte + data[at + len(byte) :],
    arrays | archives,
    st.integers(0, 400),
    st.binary(max_size=2),
)


def mutate(data: bytes, random: texts.Random) -> bytes:
    """A byte or a token of the header changed."""
    raw, at = bytearray(data), random.randrange(len(data) + 1)
    raw[at : at + random.choice((0, 1, 2, 4))] = random.choice(
        (bytes([random.randrange(256)]), random.choice(TOKENS).encode("latin-1"))
    )
    return bytes(raw)


@cache
def _folder() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    holder = tempfile.TemporaryDirectory(prefix="fuzz-arrays-")
    return holder, Path(holder.name)


def one(data: bytes) -> None:
    folder = _folder()[1]
    for name in ("in0.npy", "samples.npz"):
        (folder / name).write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            Case(0, {}, 0, folder).inputs(1)
        except WorkerError as error:
            assert error.code == "OCA520"
        for tensor in _TENSORS:
            _samples(folder / "samples.npz", tensor)


def _samples(path: Path, tensor: TensorInfo) -> None:
    try:
        if not tensor.dtype:
            assert default_dtype(tensor.name, {"data": str(path)})
            return
        data = open_data(path, tensor)
        shape = tuple(2 if isinstance(axis, str) else axis for axis in tensor.shape)
        assert cut(data, tensor, shape, 1).shape == shape
    except WorkerError as error:
        assert error.code == "OCA213"
