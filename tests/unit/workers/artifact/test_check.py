"""Looking an ONNX file over."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from onnx_convert.diagnostics import find
from onnx_convert.workers.artifact import check, graphs

RELU = "g (float[batch, 3] x) => (float[batch, 3] y) { y = Relu(x) }"
NESTED = """g (bool c, float[N] x) => (float[N] y) {
    y = If (c) <
        then_branch = a () => (float[N] p) { q = Relu(x)  p = Neg(q) },
        else_branch = b () => (float[N] r) { r = Neg(x) }
    >
}"""


def codes(result):
    return [problem["code"] for problem in result["problems"]]


def declared(*shape, name="x"):
    return [{"name": name, "dtype": "float32", "shape": list(shape)}]


def test_a_good_model_has_facts_and_no_problems(model, job):
    path = model(RELU)
    result = check.main(job(model=path, opset=17, inputs=declared("batch", 3)))
    assert result == {
        "opsets": {"ai.onnx": 17},
        "ir_version": 8,
        "nodes": 1,
        "operators": {"Relu": 1},
        "inputs": [{"name": "x", "dtype": "float32", "shape": ["batch", 3]}],
        "outputs": [{"name": "y", "dtype": "float32", "shape": ["batch", 3]}],
        "bytes": path.stat().st_size,
        "problems": [],
        "baked": [],
    }


def test_every_problem_has_an_entry_in_the_catalogue(model, job):
    result = check.main(job(model=model(RELU.replace("Relu", "Nope")), opset=18, inputs=declared("batch", "channels")))
    assert len(result["problems"]) >= 3
    assert all(find(code) for code in codes(result))


def test_nodes_of_subgraphs_count(model, job):
    result = check.main(job(model=model(NESTED), opset=17, inputs=[]))
    assert (result["nodes"], result["operators"]) == (4, {"Neg": 2, "If": 1, "Relu": 1})
    assert result["problems"] == []


def test_another_opset_than_asked_is_a_problem(model, job):
    result = check.main(job(model=model(RELU, opset=18), opset=17, inputs=[]))
    assert codes(result) == ["OCA350"]
    assert "17" in result["problems"][0]["message"]
    assert "18" in result["problems"][0]["message"]


def test_a_dimension_that_was_baked_is_named(model, job):
    path = model("g (float[1, 3, height, 224] x) => (float[1, 3, height, 224] y) { y = Relu(x) }")
    result = check.main(job(model=path, opset=17, inputs=declared("batch", 3, "height", "width")))
    assert result["baked"] == [
        {"input": "x", "axis": 0, "dimension": "batch", "size": 1},
        {"input": "x", "axis": 3, "dimension": "width", "size": 224},
    ]
    assert codes(result) == ["OCA357", "OCA357"]


def test_an_input_under_another_name_is_compared_by_position(model, job):
    result = check.main(job(model=model(RELU), opset=17, inputs=declared("batch", "channels", name="image")))
    assert [item["dimension"] for item in result["baked"]] == ["channels"]


def test_an_operator_that_the_opset_lacks_is_refused_with_its_name(model, job):
    result = check.main(job(model=model("g (float[N] x) => (float[N] y) { y = Gelu(x) }"), opset=17, inputs=[]))
    assert "OCA353" in codes(result)
    assert "Gelu" in result["problems"][0]["message"]


def test_a_contradiction_of_shapes_is_found(model, job):
    path = model("g (float[2, 3] x, float[4, 5] w) => (float[2, 5] y) { y = MatMul(x, w) }")
    assert "OCA358" in codes(check.main(job(model=path, opset=17, inputs=[])))


def test_an_operator_that_onnx_runtime_has_not_for_a_type_is_named_with_the_type(model, job):
    path = model("g (double[N] x) => (double[N] y) { y = Tan(x) }")
    result = check.main(job(model=path, opset=17, inputs=[]))
    assert codes(result) == ["OCA346"]
    assert "Tan" in result["problems"][0]["message"]
    assert "float64" in result["problems"][0]["message"]


def test_what_only_onnx_runtime_refuses_is_a_problem_with_its_reason(model, job):
    path = model("g (float[N] x) => (float[N] y) { y = Relu(x) }")
    proto = onnx.load(path)
    proto.opset_import.append(onnx.helper.make_opsetid("com.microsoft", 1))
    proto.graph.node[0].CopyFrom(onnx.helper.make_node("Gelu", ["x", "x", "x"], ["y"], domain="com.microsoft"))
    onnx.save(proto, path)
    result = check.main(job(model=path, opset=17, inputs=[]))
    assert codes(result) == ["OCA356"]
    assert "Gelu" in result["problems"][0]["message"]


def test_an_ir_version_that_onnx_runtime_does_not_take_is_told_apart(model, job):
    result = check.main(job(model=model(RELU, ir=99), opset=17, inputs=[]))
    assert "OCA360" in codes(result)
    assert "99" in result["problems"][-1]["message"]


def test_an_unknown_domain_is_named_with_its_operators(model, job, tmp_path):
    proto = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["": 17, "org.acme": 1]>g (float[N] x) => (float[N] y) { y = org.acme.Swish(x) }'
    )
    onnx.save(proto, tmp_path / "m.onnx")
    result = check.main(job(model=tmp_path / "m.onnx", opset=17, inputs=[]))
    assert codes(result) == ["OCA354"]
    assert "org.acme" in result["problems"][0]["message"]
    assert "Swish" in result["problems"][0]["message"]


def test_a_sequence_as_output_is_a_problem(model, job):
    path = model("g (float[N] x) => (seq(float[N]) y) { y = SequenceConstruct(x) }")
    result = check.main(job(model=path, opset=17, inputs=[]))
    assert codes(result) == ["OCA359"]
    assert result["outputs"] == [{"name": "y", "dtype": "sequence", "shape": []}]


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x08", b"version https://git-lfs.github.com/spec/v1\n"])
def test_a_file_that_is_no_model_is_a_problem_not_an_exception(content, job, tmp_path):
    (tmp_path / "m.onnx").write_bytes(content)
    result = check.main(job(model=tmp_path / "m.onnx", opset=17, inputs=[]))
    assert result["problems"]
    assert result["bytes"] == len(content)


def test_a_missing_file_is_a_problem(job, tmp_path):
    assert codes(check.main(job(model=tmp_path / "none.onnx", opset=17, inputs=[]))) == ["OCA351"]


def test_a_graph_beyond_the_bounds_is_a_problem(model, job, monkeypatch):
    monkeypatch.setattr(graphs, "MAX_NODES", 3)
    assert codes(check.main(job(model=model(NESTED), opset=17, inputs=[]))) == ["OCA352"]


def with_weight(path, *, dtype=np.float32, external=None):
    proto = onnx.load(path)
    proto.graph.initializer.append(numpy_helper.from_array(np.ones((3, 200), dtype), "w"))
    proto.graph.node[0].CopyFrom(onnx.helper.make_node("MatMul", ["x", "w"], ["y"]))
    proto.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 200
    onnx.save(proto, path, save_as_external_data=bool(external), location=external, size_threshold=0)
    return proto


def test_external_data_counts_as_bytes_and_weights_are_no_inputs(model, job, tmp_path):
    path = model(RELU)
    with_weight(path, external="model.onnx.data")
    result = check.main(job(model=path, opset=17, inputs=declared("batch", 3)))
    assert result["problems"] == []
    assert result["bytes"] == path.stat().st_size + (tmp_path / "model.onnx.data").stat().st_size
    assert [value["name"] for value in result["inputs"]] == ["x"]


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("/etc/passwd", "absolute"),
        ("../secret", "outside"),
        ("gone.data", "missing"),
        ("short.data", "cut off"),
        ("x" * 300, "cannot be followed"),
    ],
)
def test_external_data_out_of_place_is_a_problem(location, said, model, job, tmp_path):
    path = model(RELU)
    with_weight(path, external="model.onnx.data")
    (tmp_path / "short.data").write_bytes(b"x")
    proto = onnx.load(path, load_external_data=False)
    next(entry for entry in proto.graph.initializer[0].external_data if entry.key == "location").value = location
    path.write_bytes(proto.SerializeToString())
    result = check.main(job(model=path, opset=17, inputs=[]))
    assert result["problems"][0]["code"] == "OCA355"
    assert said in result["problems"][0]["message"]


def test_external_data_through_a_link_is_a_problem(model, job, tmp_path):
    path = model(RELU)
    with_weight(path, external="model.onnx.data")
    (tmp_path / "model.onnx.data").rename(tmp_path / "elsewhere")
    (tmp_path / "model.onnx.data").symlink_to(tmp_path / "elsewhere")
    assert "OCA355" in codes(check.main(job(model=path, opset=17, inputs=[])))


def test_weights_as_inputs_and_double_precision_are_notes(model, job):
    path = model(RELU.replace("float", "double"))
    proto = with_weight(path, dtype=np.float64)
    proto.graph.input.append(onnx.helper.make_tensor_value_info("w", onnx.TensorProto.DOUBLE, [3, 200]))
    onnx.save(proto, path)
    asked = job(model=path, opset=17, inputs=declared("batch", 3))
    result = check.main(asked)
    assert result["problems"] == []
    assert [value["name"] for value in result["inputs"]] == ["x"]
    assert [note["code"] for note in asked.notes] == ["OCA361", "OCA362"]


def test_strings_and_unnamed_axes_are_described(model, job):
    path = model("g (string[2, ?] x) => (string[2, ?] y) { y = Identity(x) }")
    result = check.main(job(model=path, opset=17, inputs=[]))
    assert result["inputs"] == [{"name": "x", "dtype": "string", "shape": [2, None]}]


def test_sizes_that_contradict_each_other_only_if_constants_are_followed_are_noted(model, job):
    text = """g (float[2, 3] x) => (float[5] y) <int64[1] three = {3}, int64 first = {0}, int64[1] one = {1}> {
        shape = Shape(x)
        row = Gather(shape, first)
        rows = Unsqueeze(row, zero)
        size = Mul(rows, three)
        y = Reshape(x, size)
    }"""
    made = job(model=model(text.replace("int64[1] one = {1}", "int64[1] zero = {0}")), opset=17, inputs=[])
    check.main(made)
    assert "OCA363" in {note["code"] for note in made.notes}
