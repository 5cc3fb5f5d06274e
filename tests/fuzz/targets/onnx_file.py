"""An ONNX file as workers open it: its outline, its graph, and all that is looked at before a session is."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import onnx
from hypothesis import strategies as st
from onnx import helper, parser

from onnx_convert.workers.artifact import check, graphs, outline
from onnx_convert.workers.protocol import Job, WorkerError
from tests.fuzz import texts

NATIVE = True
MAX_LEN = 8 * 2**10
CHECKED = 2_000
"""Bytes of the files that onnx's checker and ONNX Runtime see too: they are slow."""

_TEXTS = (
    "g (float[N, 3] x) => (float[N, 3] y) { y = Relu(x) }",
    "g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = Add(x, w) }",
    "g (bool c, float[2] x) => (float[2] y) { y = If(c) "
    "<then_branch = t () => (float[2] a) { a = Neg(x) }, else_branch = e () => (float[2] b) { b = Abs(x) }> }",
    "g (float[2] x) => (float[2] y) { k = Constant <value = float[2] {1, 2}> () y = Mul(x, k) }",
)
OPERATORS = (
    "Relu",
    "Conv",
    "Gemm",
    "Loop",
    "Scan",
    "If",
    "Reshape",
    "Constant",
    "Cast",
    "NoSuch",
    "",
    "SequenceEmpty",
    "Einsum",
    "Resize",
)


def _model(text: str, opset: int, ir: int) -> onnx.ModelProto:
    return helper.make_model(parser.parse_graph(text), opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)


SEEDS = [_model(text, 17, 8).SerializeToString() for text in _TEXTS]


def built(text: str, opset: int, ir: int, operator: str, name: str, numbers: list[int], location: str) -> bytes:
    """A model with a node and a weight that make little sense."""
    model = _model(text, opset, ir)
    node = model.graph.node.add(op_type=operator, domain=name[:9], name=name, input=[name, "x"], output=["y", name])
    attribute = node.attribute.add(name="axis", type=abs(sum(numbers)) % 15)
    attribute.ints.extend(numbers)
    weight = model.graph.initializer.add(name=name, data_type=abs(numbers[0]) % 40 if numbers else 1, dims=numbers)
    if location:
        weight.data_location = onnx.TensorProto.EXTERNAL
        weight.external_data.add(key="location", value=location)
        weight.external_data.add(key="length", value=str(numbers[0]) if numbers else "x")
    model.graph.input.add(name=name)
    return model.SerializeToString()


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ("x", "y", "w", "</details>", "@everyone")
)
structured = st.builds(
    built,
    st.sampled_from(_TEXTS),
    st.sampled_from((1, 7, 17, 25, 99, 2**40)),
    st.sampled_from((0, 3, 8, 10, 13, 99)),
    st.sampled_from(OPERATORS),
    names,
    st.lists(st.sampled_from((0, 1, 2, -1, 2**31, 2**60, 2**62)), max_size=5),
    st.sampled_from(("", "w.data", "../secret", "/etc/passwd", "a\x00b", "w.data/..", ".", "link", "x" * 300)),
)
TOKENS = (
    *OPERATORS,
    "location",
    "length",
    "offset",
    "../secret",
    "/etc/passwd",
    "ai.onnx",
    "w.data",
    "link",
    "\x08\x08",
    "\x3a\x10",
)


def mutate(data: bytes, random: texts.Random) -> bytes:
    """A byte changed, or a stretch put elsewhere: fields of protobuf may come in any order, and twice."""
    raw, at = bytearray(data), random.randrange(len(data) + 1)
    if random.random() < 0.6:
        raw[at : at + 1] = bytes([random.choice((0, 1, 2, 8, 10, 18, 0x7F, 0x80, 0xFF, random.randrange(256)))])
    else:
        stretch = raw[at : at + random.choice((2, 8, 40))]
        place = random.randrange(len(data) + 1)
        raw[place:place] = stretch
    return bytes(raw)


@cache
def _folder() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    holder = tempfile.TemporaryDirectory(prefix="fuzz-onnx-")
    folder = Path(holder.name) / "job"
    (folder / "out").mkdir(parents=True)
    (folder.parent / "secret").write_bytes(b"\x00" * 64)
    (folder / "w.data").write_bytes(b"\x00" * 64)
    (folder / "link").symlink_to("../secret")
    return holder, folder


def one(data: bytes) -> None:
    folder = _folder()[1]
    path = folder / "model.onnx"
    path.write_bytes(data)
    job = Job(
        folder, {"model": str(path), "opset": 17, "inputs": [{"name": "x", "dtype": "float32", "shape": ["N", 3]}]}
    )
    try:
        found = outline.main(job)
        assert all(isinstance(name, str) for name in found["external"])
    except WorkerError as error:
        assert error.code in {"OCA351", "OCA352"}
        return
    _graph(graphs.load(path), folder)
    if len(data) <= CHECKED:
        result = check.main(job)
        assert set(result) >= {"opsets", "nodes", "problems", "inputs", "outputs"}
        assert all(problem["code"].startswith("OCA3") for problem in result["problems"])


def _graph(model: onnx.ModelProto, folder: Path) -> None:
    assert graphs.size(model).weight_bytes >= 0
    graphs.operators(model), graphs.opsets(model)
    graphs.signature(graphs.inputs(model))
    graphs.external_problems(model, folder)
    for file in graphs.external_files(model, folder):
        assert file == folder / "w.data"
