"""pip's configuration, told to uv."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.environments.sources import configuration_files, find_links, pip_options, uv_environ


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pip.conf"
    path.write_text(
        "[global]\nindex-url = https://one.example/simple\nextra-index-url =\n    https://two.example/simple\n"
        "    file:///three/simple\nfind-links = /wheels /more\ncert = /cert.pem\ntimeout = 180\n"
    )
    return path


def test_a_configuration_file_becomes_uvs_variables(file: Path) -> None:
    assert uv_environ({}, [file]) == {
        "UV_DEFAULT_INDEX": "https://one.example/simple",
        "UV_INDEX": "https://two.example/simple file:///three/simple",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "SSL_CERT_FILE": "/cert.pem",
    }


def test_variables_win_over_files(file: Path) -> None:
    found = uv_environ({"PIP_INDEX_URL": "https://other.example", "PIP_FIND_LINKS": "/x"}, [file])
    assert found["UV_DEFAULT_INDEX"] == "https://other.example"
    assert found["UV_FIND_LINKS"] == "/x"


def test_the_later_file_wins(file: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.conf"
    later.write_text("[install]\nindex-url = https://later.example\n")
    assert uv_environ({}, [file, later])["UV_DEFAULT_INDEX"] == "https://later.example"


@pytest.mark.parametrize("name", ["UV_INDEX_URL", "UV_DEFAULT_INDEX"])
def test_uvs_own_variables_win_over_pips(file: Path, name: str) -> None:
    found = uv_environ({name: "https://uv.example"}, [file])
    assert found[name] == "https://uv.example"
    assert "https://one.example/simple" not in found.values()


def test_a_file_that_is_missing_or_broken_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\xff no section\n")
    assert pip_options({}, [tmp_path / "missing", broken, tmp_path]) == {}


def test_files_are_read_in_pips_order() -> None:
    files = configuration_files({"HOME": "/home/me", "PIP_CONFIG_FILE": "/named.conf"})
    assert [str(path) for path in files[-4:]] == [
        "/etc/pip.conf",
        "/home/me/.pip/pip.conf",
        "/home/me/.config/pip/pip.conf",
        "/named.conf",
    ]
    assert configuration_files({"PIP_CONFIG_FILE": "/dev/null"}) == ()


@given(st.text())
def test_any_text_is_a_configuration_or_is_passed_over(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.conf"
    path.write_text(text, "utf-8", "surrogatepass")
    assert isinstance(pip_options({}, [path]), dict)


def test_find_links_are_split() -> None:
    assert find_links({"UV_FIND_LINKS": "/a,https://b.example/c"}) == ("/a", "https://b.example/c")
    assert find_links({}) == ()
