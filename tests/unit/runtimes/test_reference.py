"""onnx's evaluator with operators that are Python classes."""

import numpy as np
import onnx
import pytest
from onnx import parser
from onnx.reference.op_run import OpRun

from onnx_convert.runtimes.interface import Refused
from onnx_convert.runtimes.reference import ReferenceSession

TEXT = """<ir_version: 8, opset_import: ["": 17, "mine": 1]>
g (float[N] x) => (float[N] y) <float one = {1}> { z = Add(x, one)  y = mine.Twice(z) }"""


class Twice(OpRun):
    op_domain = "mine"

    def _run(self, x):
        if x.size > 3:
            raise ValueError("too long")
        return (x * 2,)


@pytest.fixture
def path(tmp_path):
    onnx.save(parser.parse_model(TEXT), tmp_path / "model.onnx")
    return tmp_path / "model.onnx"


def test_a_graph_runs_with_the_operators_it_is_given(path):
    session = ReferenceSession(path, [Twice])
    assert (session.inputs, session.outputs) == (("x",), ("y",))
    np.testing.assert_array_equal(session.run({"x": np.float32([1, 2])})[0], [4, 6])


def test_an_operator_that_nobody_gave_is_a_refusal_that_names_it(path):
    with pytest.raises(Refused, match="Twice"):
        ReferenceSession(path, [])


def test_what_an_operator_raises_is_a_refusal(path):
    with pytest.raises(Refused, match="too long"):
        ReferenceSession(path, [Twice]).run({"x": np.zeros(4, np.float32)})
