from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from onnx_convert.spec.load import load
from tests.support import fragments
from tests.support.fragments import FragmentError, join, parse, read

TEXT = """# About the fragment.

# form: a callable
# why the tolerance is what it is
[models.tf-one]
source = "a.py:one"

# form: a file, of opset 18 alone
[models.tf-two]
source = "b.keras"
opset = 18
[models.tf-two.inputs]
x = { shape = ["batch", 2] }
"""


def test_every_model_has_the_form_that_is_written_above_it() -> None:
    assert parse("tensorflow", TEXT).forms == {"tf-one": "a callable", "tf-two": "a file, of opset 18 alone"}


def test_a_model_without_a_form_is_refused_by_name() -> None:
    with pytest.raises(FragmentError, match=r"tensorflow\.toml: no `# form:` comment directly above tf-two"):
        parse("tensorflow", TEXT.replace("# form: a file, of opset 18 alone\n", ""))


def test_a_fragment_holds_models_and_nothing_else() -> None:
    with pytest.raises(FragmentError, match="defaults"):
        parse("tensorflow", "[defaults]\nopset = 17\n" + TEXT)


def test_joined_fragments_are_one_spec_in_which_a_model_keeps_its_own_opset() -> None:
    other = parse("jax", "# form: a function\n[models.jax-f]\nsource = 'f.py:f'\n")
    spec = tomllib.loads(join([parse("tensorflow", TEXT), other], opsets=[13, 17], simplify=False))
    assert spec["defaults"] == {"opset": [13, 17], "simplify": False, "benchmark": False}
    assert list(spec["models"]) == ["tf-one", "tf-two", "jax-f"]
    assert spec["models"]["tf-two"]["opset"] == 18


def test_a_fragment_says_whose_files_have_to_be_made_for_it() -> None:
    assert parse("tensorflow", TEXT.replace("b.keras", "models/onnx/made/b.onnx")).makes == {"onnx"}


def test_two_fragments_with_a_model_of_the_same_name_are_refused() -> None:
    with pytest.raises(FragmentError, match=r"jax.toml and tensorflow.toml both have tf-one"):
        join([parse("tensorflow", TEXT), parse("jax", TEXT)], opsets=[17])


@pytest.mark.parametrize("name", [path.stem for path in sorted(fragments.HERE.glob("*.toml"))])
def test_every_fragment_of_the_repository_is_known_and_a_valid_spec(name: str, tmp_path: Path) -> None:
    assert name in fragments.FRAMEWORKS
    (fragment,) = read([name])
    spec = tmp_path / "onnx-convert.toml"
    spec.write_text(join([fragment], opsets=[17]))
    assert list(load(spec, root=tmp_path).spec.models) == list(fragment.forms)
