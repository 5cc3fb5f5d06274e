"""The engines of TensorRT: kept whole, found by key, taken without trust."""

import os

import pytest

from onnx_convert.engines import Engines


@pytest.fixture
def built(tmp_path):
    folder = tmp_path / "out" / "engines"
    folder.mkdir(parents=True)
    (folder / "graph.engine").write_bytes(b"engine")
    (folder / "graph.profile").write_bytes(b"profile")
    return folder


@pytest.fixture
def engines(tmp_path):
    return Engines(tmp_path / "cache")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_was_built_is_found_again_under_its_key(engines, built):
    assert engines.find("a" * 64) is None
    engines.keep("a" * 64, built)
    found = engines.find("a" * 64)
    assert (found / "graph.engine").read_bytes() == b"engine"
    assert engines.find("b" * 64) is None


def test_a_worker_of_another_user_can_read_it_and_not_change_it(engines, built):
    engines.keep("key", built)
    found = engines.find("key")
    assert found.stat().st_mode & 0o777 == 0o755
    assert (found / "graph.engine").stat().st_mode & 0o777 == 0o644


def test_only_files_of_tensorrt_are_kept(engines, built):
    (built / "sitecustomize.py").write_text("import os")
    (built / "shadow.so").write_bytes(b"\x7fELF")
    engines.keep("key", built)
    assert names(engines.find("key")) == ["graph.engine", "graph.profile"]


def test_a_link_is_not_followed(engines, built, tmp_path):
    (tmp_path / "secret").write_text("token")
    (built / "leak.engine").symlink_to(tmp_path / "secret")
    engines.keep("key", built)
    assert names(engines.find("key")) == ["graph.engine", "graph.profile"]


def test_a_folder_that_is_a_link_is_not_followed(engines, built, tmp_path):
    (tmp_path / "out" / "other").symlink_to(built)
    engines.keep("key", tmp_path / "out" / "other")
    assert engines.find("key") is None


def test_nothing_built_keeps_nothing(engines, tmp_path):
    engines.keep("key", tmp_path / "never")
    assert engines.find("key") is None


def test_what_is_there_already_is_not_taken_again(engines, built):
    engines.keep("key", built)
    (built / "graph.engine").write_bytes(b"other")
    engines.keep("key", built)
    assert (engines.find("key") / "graph.engine").read_bytes() == b"engine"


def test_a_further_engine_is_taken_with_those_that_were_there(engines, built):
    engines.keep("key", built)
    (built / "subgraph.engine").write_bytes(b"more")
    engines.keep("key", built)
    assert names(engines.find("key")) == ["graph.engine", "graph.profile", "subgraph.engine"]


def test_the_oldest_go_when_there_are_too_many_bytes(tmp_path, built):
    engines = Engines(tmp_path / "cache", kept_bytes=30)
    for age, key in enumerate(("newest", "older", "oldest")):
        engines.keep(key, built)
        os.utime(tmp_path / "cache" / key, (1e9 - age, 1e9 - age))
    engines.keep("now", built)
    assert names(tmp_path / "cache") == ["newest", "now"]


def test_a_cache_that_cannot_be_written_is_no_failure(tmp_path, built):
    (tmp_path / "file").write_text("")
    engines = Engines(tmp_path / "file")
    engines.keep("key", built)
    assert engines.find("key") is None
