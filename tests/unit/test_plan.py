"""The plan: one row an artifact, with the reason where one cannot be made."""

import pytest

from onnx_convert.plan import UnknownModelError, make_plan
from onnx_convert.spec.check import problems
from onnx_convert.spec.load import load


@pytest.fixture
def plan(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "net.py").write_text("import torch\n\n\ndef build():\n    return torch.nn.Linear(4, 3)\n")
    (tmp_path / "keras.py").write_text("import keras\n\n\ndef build():\n    return keras.Sequential()\n")
    (tmp_path / "model.pkl").write_bytes(b"\x80\x04N.")

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


def test_a_variant_is_a_row_that_says_it_is_not_made_yet(plan):
    rows = plan(NET + 'variants = ["fp16"]\n')
    assert [row.key for row in rows] == ["net", "net+fp16"]
    assert rows[0].obstacle is None
    assert rows[1].obstacle.code == "OCA904"


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
