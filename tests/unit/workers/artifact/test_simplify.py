"""When a simplification is undone. The simplifier is played by a function that returns a model of the test's choice:
no real simplifier can be relied on to be wrong. The real ones run in tests/integration/test_simplify.py."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from onnx_convert.diagnostics import find
from onnx_convert.workers.artifact import simplify
from onnx_convert.workers.protocol import WorkerError

RAW = "g (float[batch, 3] x) => (float[batch, 3] y) { a = Identity(x)  b = Relu(a)  y = Relu(b) }"
SIMPLE = "g (float[batch, 3] x) => (float[batch, 3] y) { y = Relu(x) }"


@pytest.fixture
def simplified(model, job, write_cases, monkeypatch):
    """Run the worker on RAW with a simplifier that returns the given model; returns job and result."""
    x = np.array([[1, -2, 3]], np.float32)
    given = write_cases(({"batch": 1}, [x], []), ({"batch": 1}, [x], []), ({"batch": 2}, [x.repeat(2, 0)], []))

    def run(simple, raw=RAW, **fields):
        path = model(raw, name="raw.onnx", **fields)
        made = onnx.load(simple if not isinstance(simple, str) else model(simple, name="simple.onnx"))
        monkeypatch.setattr(simplify, "_simplified", lambda *_: made)
        asked = job(
            model=path,
            simplifier="onnxsim",
            inputs=[{"name": "x"}],
            outputs=[{"name": "y"}],
            rtol=1e-3,
            atol=1e-5,
            **given,
        )
        return asked, simplify.main(asked)

    return run


def undone(run, *arguments, **keys):
    with pytest.raises(WorkerError) as caught:
        run(*arguments, **keys)
    assert find(caught.value.code).severity == "warning"
    return caught.value.code, caught.value.message


def test_a_smaller_graph_that_computes_the_same_is_kept(simplified):
    asked, result = simplified(SIMPLE)
    assert (result["nodes_before"], result["nodes_after"]) == (3, 1)
    assert [node.op_type for node in onnx.load(asked.out / "model.onnx").graph.node] == ["Relu"]
    assert asked.notes == []


def test_who_made_the_model_stays_and_what_the_simplifier_says_of_itself_goes(simplified, model):
    simple = model(SIMPLE, name="other.onnx", producer_name="onnxsim")
    proto = onnx.load(simple)
    proto.metadata_props.add(key="onnxsim.removed_nodes", value="many")
    onnx.save(proto, simple)
    asked, _ = simplified(simple, producer_name="pytorch", producer_version="2", doc_string="ours")
    kept = onnx.load(asked.out / "model.onnx")
    assert (kept.producer_name, kept.producer_version, kept.doc_string) == ("pytorch", "2", "ours")
    assert list(kept.metadata_props) == []


def test_axes_of_outputs_keep_the_names_they_had(simplified):
    asked, _ = simplified(SIMPLE.replace("(float[batch, 3] y)", "(float[unk__1, 3] y)"))
    axes = onnx.load(asked.out / "model.onnx").graph.output[0].type.tensor_type.shape.dim
    assert axes[0].dim_param == "batch"


def test_a_simplifier_without_effect_writes_nothing(simplified):
    asked, result = simplified(RAW)
    assert (result["changed"], result["nodes_after"]) == (False, 3)
    assert not (asked.out / "model.onnx").exists()


def test_other_results_undo_it(simplified):
    code, message = undone(simplified, SIMPLE.replace("Relu", "Abs"))
    assert code == "OCA404"
    assert "`y`" in message
    assert "batch=1" in message
    assert "max abs 2" in message


def test_other_results_at_one_size_only_undo_it(simplified, model):
    path = model("g (float[batch, 3] x) => (float[batch, 3] y) { a = Relu(x)  y = Reshape(a, s) }", name="other.onnx")
    proto = onnx.load(path)
    proto.graph.initializer.append(numpy_helper.from_array(np.array([1, 3]), "s"))
    onnx.save(proto, path)
    code, message = undone(simplified, path)
    assert code == "OCA404"
    assert "batch=2" in message


@pytest.mark.parametrize(
    "changed",
    [
        SIMPLE.replace("float[batch, 3] x", "float[1, 3] x"),
        SIMPLE.replace("float[batch, 3] x", "float[N, 3] x"),
        SIMPLE.replace("x", "renamed"),
        SIMPLE.replace("y", "renamed"),
        "g (float[batch, 3] x) => (float[batch, 3] y, float[batch, 3] z) { y = Relu(x)  z = Neg(x) }",
    ],
)
def test_another_signature_undoes_it(simplified, changed):
    assert undone(simplified, changed)[0] == "OCA402"


def test_another_opset_undoes_it(simplified, model):
    code, message = undone(simplified, model(SIMPLE, name="other.onnx", opset=18))
    assert (code, message) == ("OCA402", "the opset changed from 17 to 18")


def test_an_invalid_model_undoes_it(simplified):
    assert undone(simplified, SIMPLE.replace("Relu", "Nope"))[0] == "OCA403"


def test_more_nodes_undo_it(simplified):
    code, message = undone(simplified, RAW, raw=SIMPLE)
    assert (code, message) == ("OCA405", "the model grew from 1 to 3 nodes")


def test_many_more_bytes_of_weights_undo_it(simplified, model):
    path = model("g (float[batch, 3] x) => (float[batch, 3] y) { y = Relu(x) }", name="other.onnx")
    proto = onnx.load(path)
    proto.graph.initializer.append(numpy_helper.from_array(np.zeros(2000, np.float32), "w"))
    onnx.save(proto, path)
    assert undone(simplified, path)[0] == "OCA405"


def test_a_random_model_cannot_be_checked(simplified):
    random = RAW.replace("Identity(x)", "RandomNormalLike(x)")
    assert undone(simplified, SIMPLE, raw=random)[0] == "OCA407"


def test_weights_go_to_a_second_file_when_one_cannot_hold_them(tmp_path, monkeypatch):
    proto = onnx.parser.parse_model(f'<ir_version: 8, opset_import: ["": 17]> {SIMPLE}')
    proto.graph.initializer.append(numpy_helper.from_array(np.zeros(2000, np.float32), "w"))
    monkeypatch.setattr(simplify, "EXTERNAL_FROM", 1000)
    simplify.save(proto, tmp_path / "model.onnx", weight_bytes=8000)
    assert (tmp_path / "model.onnx.data").stat().st_size >= 8000
    assert onnx.load(tmp_path / "model.onnx").graph.initializer[0].dims == [2000]


def test_a_model_that_does_not_load_cannot_be_checked(simplified):
    double = RAW.replace("float[", "double[").replace("Relu(b)", "Tan(b)")
    assert undone(simplified, double.replace("a = Identity(x)  b = Relu(a)", "b = Relu(x)"), raw=double)[0] == "OCA407"
