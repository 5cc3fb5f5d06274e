"""The result cache: what was done from the same files is found, anything else is not."""

import json

import pytest

from onnx_convert.cache import ResultCache, key_of
from onnx_convert.report.model import ModelReport

KEY = key_of({"row": "tiny"})
ROW = ModelReport(name="tiny", framework="pytorch", opset=17, status="passed")


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "cnn.py").write_text("width = 3")
    (folder / "weights.bin").write_bytes(b"\0" * 16)
    return folder


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "out" / "tiny"
    folder.mkdir(parents=True)
    (folder / "tiny.onnx").write_bytes(b"a model")
    return folder


@pytest.fixture
def cache(tmp_path, repository, files):
    cache = ResultCache(tmp_path / "cache")
    cache.store(KEY, repository, ["models/cnn.py", "weights.bin"], ROW, files)
    return cache


def test_a_row_is_found_again_with_its_files(cache, repository):
    entry = cache.find(KEY, repository)
    assert entry is not None
    assert entry.row == ROW
    assert (entry.files / "tiny.onnx").read_bytes() == b"a model"


def test_another_key_finds_nothing(cache, repository):
    assert cache.find(key_of({"row": "other"}), repository) is None


def test_a_file_that_was_read_and_has_changed_is_a_miss(cache, repository):
    (repository / "models" / "cnn.py").write_text("width = 4")
    assert cache.find(KEY, repository) is None


def test_a_file_that_was_read_and_has_gone_is_a_miss(cache, repository):
    (repository / "weights.bin").unlink()
    assert cache.find(KEY, repository) is None


def test_a_file_that_nobody_read_may_change(cache, repository):
    (repository / "README.md").write_text("new")
    assert cache.find(KEY, repository) is not None


def test_going_back_to_an_earlier_state_finds_its_entry(cache, repository, files):
    source = repository / "models" / "cnn.py"
    source.write_text("width = 4")
    cache.store(KEY, repository, ["models/cnn.py"], ROW.model_copy(update={"opset": 18}), files)
    source.write_text("width = 3")
    entry = cache.find(KEY, repository)
    assert entry is not None
    assert entry.row.opset == 17


def test_a_cached_file_that_was_tampered_with_is_a_miss(cache, repository):
    entry = cache.find(KEY, repository)
    (entry.files / "tiny.onnx").write_bytes(b"another")
    assert cache.find(KEY, repository) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"reads": {}, "files": {}, "row": {"name": 3}}', "null"])
def test_a_broken_entry_is_a_miss(cache, repository, text):
    entry = cache.find(KEY, repository)
    (entry.files.parent / "entry.json").write_text(text)
    assert cache.find(KEY, repository) is None


def test_old_entries_of_a_key_are_forgotten(cache, repository, files, tmp_path):
    for width in range(12):
        (repository / "models" / "cnn.py").write_text(f"width = {width + 10}")
        cache.store(KEY, repository, ["models/cnn.py"], ROW, files)
    assert len(list((tmp_path / "cache" / KEY).iterdir())) == 8


def test_a_cache_that_cannot_be_written_is_no_failure(repository, files, tmp_path):
    (tmp_path / "file").write_text("")
    ResultCache(tmp_path / "file").store(KEY, repository, ["weights.bin"], ROW, files)


def test_keys_do_not_depend_on_the_order_of_mappings():
    assert key_of({"a": 1, "b": 2}) == key_of(json.loads('{"b": 2, "a": 1}'))


def test_the_latest_row_of_each_key_is_told_whether_or_not_its_files_are_the_same(cache, repository, files):
    (repository / "weights.bin").write_bytes(b"\1")
    cache.store(KEY, repository, ["weights.bin"], ROW.model_copy(update={"seconds": 3.0}), files)
    cache.store(key_of({"row": "other"}), repository, [], ROW.model_copy(update={"name": "other"}), files)
    (repository / "weights.bin").unlink()
    assert {row.name: row.seconds for row in cache.latest(9)} == {"tiny": 3.0, "other": 0.0}
    assert [row.name for row in cache.latest(1)] == ["other"]


def test_of_a_cache_that_is_not_there_nothing_is_told(tmp_path):
    assert list(ResultCache(tmp_path / "nowhere").latest(9)) == []
