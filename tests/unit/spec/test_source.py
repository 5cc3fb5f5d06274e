"""Paths stay in the repository, whatever is written; sources are files or callables of Python files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onnx_convert.spec.source import PathError, SourceRef, inside


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "models").mkdir(parents=True)
    (root / "models" / "net.py").write_text("class Net: ...")
    (root / "models" / "a.onnx").write_bytes(b"\x08")
    (root / "models" / "inner.onnx").symlink_to("a.onnx")
    (tmp_path / "secret.onnx").write_bytes(b"\x08")
    (root / "models" / "out").symlink_to(tmp_path)
    return root


def test_a_file_is_its_absolute_path_and_what_was_written(root: Path) -> None:
    assert SourceRef.parse("models/a.onnx", root) == SourceRef(root.resolve() / "models/a.onnx", "models/a.onnx", None)


@pytest.mark.parametrize("symbol", ["Net", "factory.build", "größe"])
def test_a_callable_is_a_file_and_a_symbol(symbol: str, root: Path) -> None:
    ref = SourceRef.parse(f"models/net.py:{symbol}", root)
    assert (ref.path, ref.relative, ref.symbol) == (root.resolve() / "models/net.py", "models/net.py", symbol)


def test_a_path_that_is_no_utf_8_cannot_be_followed(root: Path) -> None:
    with pytest.raises(PathError) as raised:
        inside("models/\ud800", root)
    assert raised.value.code == "OCA112"


@pytest.mark.parametrize("symbol", ["", "Net()", "a-b", "a..b", "class", "a b", "1a"])
def test_what_is_no_name_is_no_callable(symbol: str, root: Path) -> None:
    with pytest.raises(PathError) as raised:
        SourceRef.parse(f"models/net.py:{symbol}", root)
    assert raised.value.code == "OCA113"


def test_a_link_inside_the_repository_is_followed(root: Path) -> None:
    assert inside("models/inner.onnx", root) == root.resolve() / "models/a.onnx"


def test_dots_that_stay_inside_are_followed(root: Path) -> None:
    assert inside("models/../models/./a.onnx", root) == root.resolve() / "models/a.onnx"


@pytest.mark.parametrize("text", ["models/out/secret.onnx", "../secret.onnx", "models/out/repository/../secret.onnx"])
def test_no_path_leaves_the_repository(text: str, root: Path) -> None:
    with pytest.raises(PathError) as raised:
        inside(text, root)
    assert raised.value.code == "OCA111"


def test_whether_a_file_outside_exists_is_not_told(root: Path) -> None:
    said = []
    for name in ("secret.onnx", "nothing.onnx"):
        with pytest.raises(PathError) as raised:
            inside(f"models/out/{name}", root)
        said.append(raised.value.message.replace(name, ""))
    assert said[0] == said[1]


PARTS = st.sampled_from(
    ["..", ".", "models", "out", "a.onnx", "net.py", "", "~", "\\", "C:", "\0", "repository", "x" * 300]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PARTS, max_size=6).map("/".join) | st.text(max_size=20))
def test_any_text_is_a_path_inside_or_an_error(root: Path, text: str) -> None:
    for parse in (lambda: inside(text, root), lambda: SourceRef.parse(text, root).path):
        try:
            path = parse()
        except PathError as error:
            path = root.resolve()
            refused = error.code
            assert refused in {"OCA111", "OCA112", "OCA113"}
        assert path.is_relative_to(root.resolve())


class TestASpecInAFolder:
    """A spec that is not at the repository's root names files relative to itself."""

    @pytest.fixture
    def folder(self, tmp_path):
        folder = tmp_path / "examples" / "quickstart"
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(b"x")
        (tmp_path / "shared.onnx").write_bytes(b"x")
        return folder

    def test_paths_are_relative_to_the_spec(self, tmp_path, folder):
        assert inside("model.onnx", tmp_path, folder) == folder / "model.onnx"

    def test_paths_may_go_up_inside_the_repository(self, tmp_path, folder):
        assert inside("../../shared.onnx", tmp_path, folder) == tmp_path / "shared.onnx"

    def test_paths_may_not_leave_the_repository(self, tmp_path, folder):
        with pytest.raises(PathError, match="leads out of the repository"):
            inside("../../../shared.onnx", tmp_path, folder)
