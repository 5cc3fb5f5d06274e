"""A spec is loaded with its defaults merged and its places known, or refused; nothing else happens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onnx_convert.spec.load import LoadedSpec, load
from onnx_convert.spec.merge import merged
from onnx_convert.spec.problem import Problem, SpecError
from tests.unit.spec.wrong_specs import CASES, SOURCE

BENCHMARKED = """\
spec-version = 1
[defaults]
opset = 18
parity = { rtol = 1e-2, samples = 8 }
benchmark = { providers = ["cpu", "openvino"], seconds = 2 }
timeout = "5m"

[models.a]
source = "a.onnx"
parity.rtol = 1e-4

[models.b]
source = "b.onnx"
benchmark = false
memory = "2GiB"
"""


def loaded(folder: Path, text: str | bytes) -> LoadedSpec:
    path = folder / "onnx-convert.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path)


def test_defaults_are_merged_key_by_key_and_replaced_by_what_is_no_table(tmp_path: Path) -> None:
    models = loaded(tmp_path, BENCHMARKED).spec.models
    assert (models["a"].opset, models["a"].timeout, models["b"].memory) == (18, 300.0, 2 * 2**30)
    assert (models["a"].parity.rtol, models["a"].parity.samples, models["b"].parity.rtol) == (1e-4, 8, 1e-2)
    assert models["b"].benchmark is False
    assert models["a"].benchmark is not False
    assert models["a"].benchmark.providers == ("cpu", "openvino")


@pytest.mark.parametrize(
    ("loc", "line", "column"),
    [
        (("models", "a", "parity", "rtol"), 10, 15),
        (("models", "a", "parity", "samples"), 4, 35),
        (("models", "a", "benchmark", "providers", 1), 5, 35),
        (("models", "b", "benchmark", "providers"), 14, 1),
        (("models", "a", "opset"), 3, 9),
        (("models", "a", "dims", "batch"), 8, 9),
        (("models", "zzz"), 8, 2),
        (("gates",), 1, 1),
    ],
)
def test_a_place_is_where_the_value_was_written(
    loc: tuple[str | int, ...], line: int, column: int, tmp_path: Path
) -> None:
    place = loaded(tmp_path, BENCHMARKED).place(*loc)
    assert (place.line, place.column) == (line, column)


def test_the_root_is_the_nearest_folder_with_git_in_it(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert loaded(inner, SOURCE).root == inner.resolve()
    (tmp_path / ".git").write_text("gitdir: elsewhere")
    spec = loaded(inner, SOURCE)
    assert (spec.root, spec.file) == (tmp_path.resolve(), "a/b/onnx-convert.toml")


def test_windows_line_breaks_change_nothing(tmp_path: Path) -> None:
    spec = loaded(tmp_path, BENCHMARKED.replace("\n", "\r\n"))
    assert spec.spec.models["a"].parity.rtol == 1e-4
    assert spec.place("models", "a", "parity", "rtol").line == 10


@pytest.mark.parametrize(
    ("name", "said"),
    [("onnx-convrt.toml", "onnx-convert.toml"), ("nothing-like-it", "onnx-convert init"), (".", "give the file")],
)
def test_a_spec_that_is_not_there_is_named_with_the_nearest_one(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "onnx-convert.toml").write_text(SOURCE)
    with pytest.raises(SpecError) as raised:
        load(tmp_path / name)
    (problem,) = raised.value.problems
    assert problem.code == "OCA100"
    assert said in problem.hint
    assert raised.value.diagnostics[0].message == problem.message


FRAGMENTS = st.sampled_from([line for case in CASES for line in str(case.content)[:2000].splitlines()[:8]])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.lists(FRAGMENTS, max_size=12).map(lambda lines: "\n".join(lines).encode()))
def test_any_bytes_are_a_spec_or_an_error_of_the_spec(tmp_path: Path, data: bytes) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        assert loaded(tmp_path, data).spec.models
    except SpecError as error:
        problems = error.problems
    assert list(problems) == sorted(problems, key=lambda p: (p.line or 0, p.column or 0))


TABLES = st.recursive(st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=8)


@given(TABLES, TABLES)
def test_merging_keeps_what_is_over_and_adds_what_is_under(under: Any, over: Any) -> None:
    result = merged(under, over)
    assert merged(under, result) == result
    if isinstance(under, dict) and isinstance(over, dict):
        assert result.keys() == under.keys() | over.keys()
        assert all(result[key] == merged(under.get(key), over[key]) for key in over)
    else:
        assert result == over


def test_checking_a_right_spec_imports_neither_pydantic_nor_numerics(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"\x08\x08")
    path = tmp_path / "onnx-convert.toml"
    path.write_text('spec-version = 1\n[models.a]\nsource = "a.onnx"\n')
    code = (
        "import sys; from pathlib import Path; from onnx_convert.spec.load import load;"
        "from onnx_convert.spec.check import problems; assert problems(load(Path(sys.argv[1]))) == ();"
        "print(sorted({'pydantic', 'numpy', 'onnx', 'onnxruntime', 'rich', 'jinja2'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
