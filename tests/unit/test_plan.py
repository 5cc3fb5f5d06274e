"""The plan: one row an artifact, with the reason where one cannot be made."""

import pytest

from onnx_convert.plan import UnknownModelError, families, make_plan
from onnx_convert.spec.check import problems
from onnx_convert.spec.load import load


@pytest.fixture
def plan(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "net.py").write_text("import torch\n\n\ndef build():\n    return torch.nn.Linear(4, 3)\n")
    (tmp_path / "keras.py").write_text("import keras\n\n\ndef build():\n    return keras.Sequential()\n")
    (tmp_path / "model.pkl").write_bytes(b"\x80\x04N.")
    (tmp_path / "model.onnx").write_bytes(b"")

    def make(models, only=()):
        (tmp_path / "onnx-convert.toml").write_text(f"spec-version = 1\n{models}")
        loaded = load(tmp_path / "onnx-convert.toml")
        return make_plan(loaded, problems(loaded), only)

    return make


NET = '[models.net]\nsource = "net.py:build"\ninputs.x = { shape = ["batch", 4] }\n'


def test_a_model_is_a_row_with_the_framework_of_its_source(plan):
    (row,) = plan(NET)
    assert (row.key, row.framework_name, row.opset, row.variant, row.obstacle) == ("net", "pytorch", 17, "fp32", None)


def test_every_opset_of_a_list_is_an_artifact_of_its_own(plan):
    rows = plan(NET + "opset = [13, 17]\n")
    assert [(row.key, row.opset) for row in rows] == [("net+opset13", 13), ("net+opset17", 17)]


def test_the_automatic_opset_is_found_by_trying(plan):
    (row,) = plan(NET + 'opset = "auto"\n')
    assert row.opset is None


def test_a_variant_is_a_row_that_follows_from_its_float32_row(plan):
    rows = plan(NET + 'variants = ["fp16", "int8-dynamic"]\n')
    assert [(row.key, row.variant, row.base) for row in rows] == [
        ("net", "fp32", None),
        ("net+fp16", "fp16", "net"),
        ("net+int8-dynamic", "int8-dynamic", "net"),
    ]
    assert [row.opset for row in rows] == [17, 17, 17]


def test_with_several_opsets_variants_are_made_from_the_first(plan):
    rows = plan(NET + 'opset = [17, 13]\nvariants = ["fp16"]\n')
    assert [(row.key, row.opset, row.base) for row in rows] == [
        ("net+opset17", 17, None),
        ("net+opset13", 13, None),
        ("net+fp16", 17, "net+opset17"),
    ]


def test_a_variant_has_tolerances_of_its_own(plan):
    rows = plan(NET + 'variants = ["fp16"]\nparity.variants.fp16.min-sqnr = 55\n')
    assert [row.model.parity.min_sqnr for row in rows] == [None, 55]


def test_rows_of_one_export_are_a_family(plan):
    rows = plan(NET + 'opset = [17, 13]\nvariants = ["fp16"]\n' + NET.replace("models.net", "models.second"))
    assert [[row.key for row in family] for family in families(rows)] == [
        ["net+opset17", "net+fp16"],
        ["net+opset13"],
        ["second"],
    ]


def test_variants_come_along_with_the_model_that_was_asked_for(plan):
    two = NET + 'variants = ["fp16"]\n' + NET.replace("models.net", "models.second")
    assert [row.key for row in plan(two, only=["net"])] == ["net", "net+fp16"]


@pytest.mark.parametrize(("opset", "asked"), [("", None), ("opset = 17\n", 17), ('opset = "auto"\n', None)])
def test_a_file_that_has_an_opset_keeps_it_unless_another_is_asked_for(plan, opset, asked):
    (row,) = plan('[models.file]\nsource = "model.onnx"\n' + opset)
    assert row.opset == asked


def test_an_opset_of_the_defaults_is_asked_for_too(plan):
    (row,) = plan('[defaults]\nopset = 18\n[models.file]\nsource = "model.onnx"\n')
    assert row.opset == 18


def test_a_pickle_without_trust_ends_its_own_row(plan):
    rows = plan(NET + '[models.tree]\nsource = "model.pkl"\nframework = "sklearn"\n')
    assert [row.obstacle.code if row.obstacle else None for row in rows] == [None, "OCA115"]


def test_only_the_models_that_were_asked_for_are_planned(plan):
    rows = plan(NET + NET.replace("models.net", "models.second"), only=["second"])
    assert [row.name for row in rows] == ["second"]


def test_a_model_that_is_not_in_the_spec_is_answered_with_the_closest(plan):
    with pytest.raises(UnknownModelError, match='did you mean "net"'):
        plan(NET, only=["nett"])
    with pytest.raises(UnknownModelError, match="it has net"):
        plan(NET, only=["something-else"])


def test_a_source_that_is_not_there_is_an_obstacle_of_its_rows(plan):
    rows = plan(NET.replace("net.py", "gone.py") + "opset = [13, 17]\n")
    assert [(row.key, row.obstacle.code) for row in rows] == [("net+opset13", "OCA112"), ("net+opset17", "OCA112")]
