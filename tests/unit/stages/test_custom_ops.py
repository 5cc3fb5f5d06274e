"""Custom operators: what workers are told, and who can run an artifact that has them."""

import pytest

from onnx_convert.plan import make_plan
from onnx_convert.spec.check import check
from onnx_convert.spec.load import load
from onnx_convert.stages import custom_ops
from onnx_convert.stages.results import CheckResult
from onnx_convert.stages.values import Workplace

NET = 'spec-version = 1\n[models.net]\nsource = "net.py:build"\ninputs.x = { shape = ["batch", 4] }\n'
OPSETS = 'custom-ops.opsets = { "mine" = 1 }\n'
LIBRARY = 'custom-ops.library = "ops.so"\n'
REFERENCE = 'custom-ops.reference = "net.py:REFERENCE"\n'
REGISTER = 'custom-ops.register = "net.py:register"\n'


@pytest.fixture
def spec(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "ops.so").write_bytes(b"\x7fELF")
    (tmp_path / "net.py").write_text("import torch\nREFERENCE = []\ndef build(): ...\ndef register(): ...\n")

    def write(*lines):
        path = tmp_path / "onnx-convert.toml"
        path.write_text(NET + "".join(lines))
        return load(path)

    return write


@pytest.fixture
def row(spec):
    return lambda *lines: make_plan(spec(*lines))[0]


def facts(*operators):
    names = dict.fromkeys(operators, 1)
    return CheckResult(opsets={}, ir_version=8, nodes=1, operators=names, inputs=(), outputs=(), bytes=1)


@pytest.mark.parametrize(
    ("lines", "operators", "runner", "code"),
    [
        ((), ["Relu"], "runtime", None),
        ((OPSETS,), ["Relu"], "runtime", None),
        ((OPSETS, LIBRARY), ["Relu", "mine::Twice"], "runtime", None),
        ((OPSETS, LIBRARY, REFERENCE), ["mine::Twice"], "runtime", None),
        ((OPSETS, REFERENCE), ["mine::Twice"], "reference", "OCA395"),
        ((OPSETS,), ["mine::Twice"], "nobody", "OCA392"),
        ((OPSETS,), ["com.microsoft::Gelu"], "runtime", None),
    ],
)
def test_who_can_run_an_artifact(row, lines, operators, runner, code):
    found = row(*lines)
    assert custom_ops.runner(found, facts(*operators)) == runner
    lacking = custom_ops.lacking(found, facts(*operators))
    assert (lacking and lacking.code) == code
    assert lacking is None or "`mine::Twice`" in lacking.message


def test_workers_are_told_absolute_paths(row, tmp_path):
    workplace = Workplace(None, None, tmp_path, tmp_path, 1)
    found = row(OPSETS, LIBRARY, REFERENCE, REGISTER)
    named = {"path": str(tmp_path / "net.py"), "symbol": "register"}
    library = str(tmp_path / "ops.so")
    assert custom_ops.of_export(found, workplace) == {"opsets": {"mine": 1}, "register": named, "library": library}
    assert custom_ops.of_artifact(found, workplace) == {"custom_domains": ["mine"], "library": library}
    assert custom_ops.of_reference(found, workplace) == {
        "repository": str(tmp_path),
        "reference": {**named, "symbol": "REFERENCE"},
    }


def test_a_model_without_custom_operators_has_nothing_to_tell(row, tmp_path):
    workplace = Workplace(None, None, tmp_path, tmp_path, 1)
    assert custom_ops.of_export(row(), workplace) is None
    assert custom_ops.of_artifact(row(), workplace) == {}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('custom-ops.register = "net.py:regster"\n', "OCA113"),
        ('custom-ops.register = "net.py"\n', "OCA113"),
        ('custom-ops.reference = "ops.so"\n', "OCA113"),
        ('custom-ops.library = "ops.dll"\n', "OCA112"),
        ('custom-ops.library = "../ops.so"\n', "OCA111"),
    ],
)
def test_what_is_named_wrongly_is_found_before_the_run(spec, line, code):
    assert [one.code for one in check(spec(line))] == [code]
