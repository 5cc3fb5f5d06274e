"""Variants of ONNX files: what is computed in lower precision, what is not, and what is said of it."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, numpy_helper, parser

from onnx_convert.workers.artifact import variant
from onnx_convert.workers.artifact.variant_range import module_of
from onnx_convert.workers.protocol import WorkerError

MLP = """net (float[batch, 16] x) => (float[batch, 4] y) <float[16, 32] w1, float[32] b1, float[32, 4] w2>
{
    h = MatMul(x, w1)
    a = Add(h, b1)
    r = Relu(a)
    y = MatMul(r, w2)
}"""


@pytest.fixture
def network(model):
    """A model from text with seeded weights, `scale` times normal; returns its path."""

    def write(text, *, scale=1.0, opset=17, ir=8, **fixed):
        path = model(text, opset=opset, ir=ir)
        proto = onnx.load(path)
        rng = np.random.default_rng(0)
        for value in proto.graph.value_info:
            kind = value.type.tensor_type
            drawn = rng.normal(size=[axis.dim_value for axis in kind.shape.dim]) * scale
            array = np.asarray(fixed.get(value.name, drawn), onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type))
            proto.graph.initializer.append(numpy_helper.from_array(array, value.name))
        del proto.graph.value_info[:]
        onnx.save(proto, path)
        return path

    return write


@pytest.fixture
def made(job, write_cases):
    """Make a variant of a model on inputs; returns the result, the job (for its notes) and the model, or None."""

    def make(path, kind, *inputs):
        session = ort.InferenceSession(path)
        fed = dict(zip([one.name for one in session.get_inputs()], inputs, strict=True))
        work = job(
            model=path,
            variant=kind,
            inputs=[{"name": name} for name in fed],
            **write_cases(({}, list(inputs), session.run(None, fed))),
        )
        result = variant.main(work)
        target = work.out / "model.onnx"
        if not target.exists():
            return result, work, None
        onnx.checker.check_model(target, full_check=True)
        return result, work, target

    return make


def rows(count=4, width=16, seed=1):
    return np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)


def sqnr(path, other, *inputs):
    first, second = (ort.InferenceSession(one) for one in (path, other))
    fed = dict(zip([one.name for one in first.get_inputs()], inputs, strict=True))
    (a,), (b,) = first.run(None, fed), second.run(None, fed)
    return 10 * np.log10(np.sum(a**2) / np.sum((a - b) ** 2))


def codes(work):
    return [note["code"] for note in work.notes]


# --- float16 ---------------------------------------------------------------------------------------------------------


def test_float16_halves_the_weights_and_keeps_inputs_and_outputs(network, made):
    path = network(MLP)
    result, _, target = made(path, "fp16", rows())
    assert result["operators"] == {"MatMul": 2, "Add": 1, "Relu": 1}
    assert (result["kept"], result["weights"]) == ({}, 3)
    half = onnx.load(target)
    assert {tensor.data_type for tensor in half.graph.initializer} == {TensorProto.FLOAT16}
    assert (half.graph.input, half.graph.output) == (onnx.load(path).graph.input, onnx.load(path).graph.output)
    assert half.opset_import == onnx.load(path).opset_import
    assert 50 < sqnr(path, target, rows()) < 90


def test_weights_that_are_stored_as_a_list_are_halved_too(network, made):
    path = network("net (float[4, 16] x) => (float[4, 512] y) <float[16, 512] w> { y = MatMul(x, w) }")
    proto = onnx.load(path)
    (weight,) = proto.graph.initializer
    values = numpy_helper.to_array(weight)
    weight.CopyFrom(onnx.helper.make_tensor("w", TensorProto.FLOAT, values.shape, values.ravel().tolist()))
    assert weight.float_data
    onnx.save(proto, path)
    _, _, target = made(path, "fp16", rows())
    assert target.stat().st_size < values.size * 2 + 1000
    assert sqnr(path, target, rows()) > 50


def test_activations_that_overflow_are_named_and_stay_in_float32(network, made):
    path = network(
        """net (float[batch, 16] x) => (float[batch, 4] y) <float[16, 4] w, float factor, float bound>
        {
            h = MatMul(x, w)
            large = Mul(h, factor)
            back = Div(large, factor)
            y = Tanh(back)
        }""",
        factor=1e5,
    )
    proto = onnx.load(path)
    proto.graph.node[1].name = "/scale/Mul"
    onnx.save(proto, path)
    result, work, target = made(path, "fp16", rows())
    (note,) = [one for one in work.notes if one["code"] == "OCA382"]
    assert '"/scale/Mul" (module scale) reaches' in note["message"]
    assert result["kept"] == {"Mul": 1, "Div": 1}
    assert result["operators"] == {"MatMul": 1, "Tanh": 1}
    assert sqnr(path, target, rows()) > 50


def test_no_cast_cuts_off_what_passes_between_two_nodes_that_stay_in_float32(network, made):
    path = network(
        """net (float[batch, 16] x) => (float[batch, 16] y) <float factor>
        {
            large = Mul(x, factor)
            more = Abs(large)
            y = Sqrt(more)
            z = Relu(x)
        }""",
        factor=1e6,
    )
    proto = onnx.load(path)
    proto.graph.output.append(onnx.helper.make_tensor_value_info("z", TensorProto.FLOAT, ["batch", 16]))
    onnx.save(proto, path)
    _, _, target = made(path, "fp16", rows())
    outputs = ort.InferenceSession(target).run(None, {"x": rows()})
    assert np.isfinite(outputs[0]).all()
    half = onnx.load(target).graph
    casts = {node.output[0] for node in half.node if node.op_type == "Cast"}
    (mul,) = (node for node in half.node if node.op_type == "Mul")
    assert not casts & {*mul.input}  # the input reaches it as it was


def test_an_input_beyond_float16_is_named(network, made):
    path = network(MLP)
    _, work, _ = made(path, "fp16", rows() * 1e5)
    (note,) = [one for one in work.notes if one["code"] == "OCA382"]
    assert note["message"].count("input `x` reaches") == 1


def test_infinities_are_values_of_float16_too(network, made):
    path = network(
        """net (float[batch, 16] x) => (float[batch, 16] y) <float low, bool[16] seen>
        {
            masked = Where(seen, x, low)
            y = Softmax(masked)
        }""",
        low=-np.inf,
        seen=np.arange(16) < 8,
    )
    result, work, _ = made(path, "fp16", rows())
    assert "OCA382" not in codes(work)
    assert result["operators"] == {"Softmax": 1}


def test_weights_that_overflow_are_named_and_kept_with_their_nodes(network, made):
    w1 = np.ones((16, 32))
    w1[3, 5], w1[4, 6] = 1e9, -2e8
    path = network(MLP, w1=w1)
    result, work, target = made(path, "fp16", rows() * 1e-7)
    (note,) = [one for one in work.notes if one["code"] == "OCA383"]
    assert '`w1` of MatMul "MatMul_0": 2 of 512, up to 1e+09' in note["message"]
    assert result["kept"] == {"MatMul": 1}
    kept = {tensor.name: tensor.data_type for tensor in onnx.load(target).graph.initializer}
    assert kept == {"w1": TensorProto.FLOAT, "b1": TensorProto.FLOAT16, "w2": TensorProto.FLOAT16}


def test_weights_below_the_smallest_number_are_named(network, made):
    path = network(MLP, b1=np.full(32, 1e-12))
    _, work, _ = made(path, "fp16", rows())
    (note,) = [one for one in work.notes if one["code"] == "OCA384"]
    assert '`b1` of Add "Add_1": 32 of 32, down to 1e-12' in note["message"]


def test_a_few_tiny_ones_among_larger_weights_are_not_worth_a_word(network, made):
    path = network(MLP, b1=np.r_[np.full(4, 1e-12), np.ones(28)])
    assert "OCA384" not in codes(made(path, "fp16", rows())[1])


def test_control_flow_stays_in_float32_with_what_it_takes_from_outside(network, made):
    path = network(
        """net (float[batch, 16] x, bool sure) => (float[batch, 4] y) <float[16, 4] w, float[4] shift>
        {
            h = MatMul(x, w)
            y = If (sure) <
                then_branch = yes () => (float[batch, 4] t) { t = Add(h, shift) },
                else_branch = no () => (float[batch, 4] e) { e = Sub(h, shift) }
            >
        }"""
    )
    result, _, target = made(path, "fp16", rows(), np.array(True))
    assert (result["operators"], result["kept"]) == ({"MatMul": 1}, {"If": 1})
    for sure in (True, False):
        assert sqnr(path, target, rows(), np.array(sure)) > 50


@pytest.mark.parametrize("opset", [7, 9, 10, 13, 15, 18, 21])
def test_float16_keeps_the_opset(network, made, opset):
    path = network(MLP, opset=opset, ir=4 if opset < 13 else 10)
    _, work, target = made(path, "fp16", rows())
    assert [entry.version for entry in onnx.load(target).opset_import] == [opset]
    assert "OCA388" not in codes(work)


def test_operators_that_the_opset_has_in_float32_only_stay(network, made):
    text = """net (float[1, 16] x) => (float[1, 16] y) <int64 axis>
    {
        s = CumSum(x, axis)
        y = Relu(s)
    }"""
    result, _, _ = made(network(text, axis=1), "fp16", rows(1))
    assert (result["operators"], result["kept"]) == ({"Relu": 1}, {"CumSum": 1})


def test_statistics_that_nothing_uses_do_not_keep_a_normalisation_in_float32(network, made):
    text = """net (float[batch, 16] x) => (float[batch, 16] y) <float[16] s, float[16] b>
    {
        y = LayerNormalization(x, s, b)
    }"""
    assert made(network(text), "fp16", rows())[0]["operators"] == {"LayerNormalization": 1}


def test_a_product_of_transposed_batches_loads_with_all_optimisations(network, made):
    """ONNX Runtime 1.32 dies of a segmentation fault on it where the transposition is in float16, too."""
    text = """net (float[batch, length, 16] x) => (float[length, batch, 8] y) <float[16, 8] w>
    {
        t = Transpose <perm = [1, 0, 2]> (x)
        y = MatMul(t, w)
    }"""
    path = network(text)
    result, _, target = made(path, "fp16", rows().reshape(2, 2, 16))
    assert result["operators"] == {"MatMul": 1}
    assert sqnr(path, target, rows().reshape(2, 2, 16)) > 50


TREE = """net (float[batch, 2] x) => (float[batch, 1] y)
{
    y = ai.onnx.ml.TreeEnsembleRegressor <nodes_treeids: ints = [0, 0, 0], nodes_nodeids: ints = [0, 1, 2],
        nodes_featureids: ints = [0, 0, 0], nodes_values: floats = [0.5, 0.0, 0.0],
        nodes_modes: strings = ["BRANCH_LEQ", "LEAF", "LEAF"], nodes_truenodeids: ints = [1, 0, 0],
        nodes_falsenodeids: ints = [2, 0, 0], target_ids: ints = [0, 0], target_nodeids: ints = [1, 2],
        target_treeids: ints = [0, 0], target_weights: floats = [1.0, 2.0], n_targets: int = 1> (x)
}"""


@pytest.mark.parametrize("kind", ["fp16", "int8-dynamic"])
def test_a_tree_has_nothing_to_convert_and_nothing_is_written(tmp_path, made, kind):
    imports = '<ir_version: 8, opset_import: ["": 17, "ai.onnx.ml": 3]>'
    path = tmp_path / "tree.onnx"
    onnx.save(parser.parse_model(imports + TREE), path)
    result, _, target = made(path, kind, rows(3, 2))
    assert (result["changed"], result["operators"], target) == (False, {}, None)


def test_a_model_in_float16_has_nothing_left_to_convert(model, made):
    path = model("net (float16[4] x) => (float16[4] y) { y = Relu(x) }")
    assert made(path, "fp16", np.ones(4, np.float16))[0]["changed"] is False


def test_it_is_said_where_the_cpu_computes_in_float32_after_all(network, made):
    _, work, _ = made(network(MLP), "fp16", rows())
    (note,) = [one for one in work.notes if one["code"] == "OCA387"]
    assert "nodes in float32 after casts" in note["message"]


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("/layers.0/self_attn/MatMul", "layers.0.self_attn"),
        ("/f/f.0/Conv", "f.0"),
        ("/blocks/blocks.1/blocks.1.2/Conv", "blocks.1.2"),
        ("/MatMul", None),
        ("MatMul_3", None),
    ],
)
def test_the_module_of_a_node_is_in_its_name(name, module):
    assert module_of(onnx.NodeProto(name=name)) == module


def test_the_module_of_a_node_is_in_its_metadata():
    node = onnx.NodeProto(name="node_linear")
    node.metadata_props.add(key="pkg.torch.onnx.name_scopes", value="['', 'layers.0', 'layers.0.linear1', 'linear']")
    assert module_of(node) == "layers.0.linear1"
    node.metadata_props[0].value = "__import__('os')"
    assert module_of(node) is None


# --- int8, dynamic ---------------------------------------------------------------------------------------------------


def test_int8_quantises_weights_and_says_how_many(network, made):
    path = network(MLP)
    result, _, target = made(path, "int8-dynamic", rows())
    assert (result["operators"], result["kept"], result["weights"]) == ({"MatMul": 2}, {}, 2)
    eight = onnx.load(target)
    assert {node.op_type for node in eight.graph.node} >= {"DynamicQuantizeLinear", "MatMulInteger"}
    assert [entry.version for entry in eight.opset_import if not entry.domain] == [17]
    assert sqnr(path, target, rows()) > 20


def test_a_depthwise_convolution_stays_in_float32(network, made):
    """The quantiser has one scale for a convolution's whole weight; the channels of these differ widely."""
    text = """net (float[batch, 8, 6, 6] x) => (float[batch, 8, 6, 6] y) <float[8, 1, 3, 3] w, float[8, 8, 1, 1] v>
    {
        h = Conv <group = 8, pads = [1, 1, 1, 1]> (x, w)
        y = Conv (h, v)
    }"""
    image = np.random.default_rng(1).normal(size=(2, 8, 6, 6)).astype(np.float32)
    result, _, target = made(network(text), "int8-dynamic", image)
    assert (result["operators"], result["kept"]) == ({"Conv": 1}, {"Conv": 1})
    kinds = {tensor.name: tensor.data_type for tensor in onnx.load(target).graph.initializer if tensor.dims}
    assert (kinds["w"], kinds["v_quantized"]) == (TensorProto.FLOAT, TensorProto.UINT8)


def test_convolutions_are_unsigned_and_products_signed(network, made):
    text = """net (float[batch, 3, 6, 6] x) => (float[batch, 4] y) <float[8, 3, 3, 3] w, float[128, 4] v>
    {
        h = Conv(x, w)
        f = Flatten(h)
        y = MatMul(f, v)
    }"""
    path = network(text)
    image = np.random.default_rng(1).normal(size=(2, 3, 6, 6)).astype(np.float32)
    _, _, target = made(path, "int8-dynamic", image)
    kinds = {tensor.name: tensor.data_type for tensor in onnx.load(target).graph.initializer if tensor.dims}
    assert (kinds["w_quantized"], kinds["v_quantized"]) == (TensorProto.UINT8, TensorProto.INT8)


def test_what_stays_in_float32_is_counted(network, made):
    text = """net (float[4, 16] x) => (float[4, 4] y) <float[16, 4] w>
    {
        h = MatMul(x, w)
        t = Transpose(h)
        y = MatMul(h, t)
    }"""
    result, _, _ = made(network(text), "int8-dynamic", rows())
    assert (result["operators"], result["kept"]) == ({"MatMul": 1}, {"MatMul": 1})


def test_int8_needs_opset_11(network, made):
    with pytest.raises(WorkerError) as error:
        made(network(MLP, opset=10, ir=4), "int8-dynamic", rows())
    assert error.value.code == "OCA386"


@pytest.mark.parametrize("opset", [11, 13, 18, 21])
def test_int8_keeps_the_opset(network, made, opset):
    _, _, target = made(network(MLP, opset=opset, ir=10), "int8-dynamic", rows())
    assert [entry.version for entry in onnx.load(target).opset_import if not entry.domain] == [opset]


# --- both ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["fp16", "int8-dynamic"])
def test_weights_in_external_data_come_back_in_one_file(network, made, tmp_path, kind):
    path = tmp_path / "external.onnx"
    onnx.save(onnx.load(network(MLP)), path, save_as_external_data=True, location="external.data", size_threshold=0)
    _, work, target = made(path, kind, rows())
    assert sorted(file.name for file in work.out.iterdir()) == ["model.onnx"]
    assert sqnr(path, target, rows()) > 20


@pytest.mark.parametrize("kind", ["fp16", "int8-dynamic"])
def test_a_variant_past_two_gigabytes_has_its_weights_beside_it(network, made, monkeypatch, kind):
    for module in ("simplify", "variant_int8", "variant_casts"):
        monkeypatch.setattr(f"onnx_convert.workers.artifact.{module}.EXTERNAL_FROM", 100)
    path = network("net (float[4, 16] x) => (float[4, 512] y) <float[16, 512] w> { y = MatMul(x, w) }")
    _, work, target = made(path, kind, rows())
    assert sorted(file.name for file in work.out.iterdir()) == ["model.onnx", "model.onnx.data"]
    assert sqnr(path, target, rows()) > 20


def test_a_converter_that_raises_is_named(network, made, monkeypatch):
    def raising(*_, **__):
        raise AssertionError("two initializers of one name")

    monkeypatch.setattr("onnxruntime.transformers.float16.convert_float_to_float16", raising)
    with pytest.raises(WorkerError, match=r"onnxruntime.transformers.float16 failed: AssertionError") as error:
        made(network(MLP), "fp16", rows())
    assert error.value.code == "OCA385"
