"""The result cache: what was done from the same files is found, anything else is not."""

import fcntl
import json
import os
import random
import shutil
import time

import pytest

from onnx_convert.cache import ResultCache, key_of
from onnx_convert.report.model import Diagnostic, ModelReport

KEY = {"row": "tiny"}
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
    (folder / "repro").mkdir(parents=True)
    (folder / "tiny.onnx").write_bytes(b"a model")
    (folder / "repro" / "case.json").write_text("{}")
    return folder


@pytest.fixture
def cache(tmp_path, repository, files):
    cache = ResultCache(tmp_path / "cache")
    cache.store(KEY, repository, ["models/cnn.py", "weights.bin"], ROW, files)
    assert cache.diagnostics == ()
    return cache


def codes(cache):
    return [one.code for one in cache.diagnostics]


def entries(tmp_path):
    return sorted(path.parent for path in (tmp_path / "cache").glob("*/*/entry.json"))


def aged(cache, folder, seconds):
    """Make it as if all entries of a row had last been used so long ago."""
    for path in folder.iterdir():
        os.utime(path, (time.time() - seconds, time.time() - seconds))


def test_a_row_is_found_again_with_its_files(cache, repository):
    entry = cache.find("tiny", KEY, repository)
    assert entry is not None
    assert entry.row == ROW
    assert (entry.files / "tiny.onnx").read_bytes() == b"a model"
    assert entry.digests.keys() == {"tiny.onnx", "repro/case.json"}


def test_another_key_finds_nothing(cache, repository):
    assert cache.find("tiny", {"row": "other"}, repository) is None
    assert cache.find("other", KEY, repository) is None


def test_a_file_that_was_read_and_has_changed_is_a_miss(cache, repository):
    (repository / "models" / "cnn.py").write_text("width = 4")
    assert cache.find("tiny", KEY, repository) is None
    assert cache.why_not("tiny", KEY, repository) == ("models/cnn.py changed",)


def test_a_file_that_was_read_and_has_gone_is_a_miss(cache, repository):
    (repository / "weights.bin").unlink()
    assert cache.find("tiny", KEY, repository) is None
    assert cache.why_not("tiny", KEY, repository) == ("weights.bin is gone",)


def test_a_file_that_was_looked_for_in_vain_and_is_there_now_is_a_miss(cache, repository, files):
    cache.store(KEY, repository, ["settings.json"], ROW.model_copy(update={"name": "other"}), files)
    assert cache.find("other", KEY, repository) is not None
    (repository / "settings.json").write_text("{}")
    assert cache.find("other", KEY, repository) is None
    assert cache.why_not("other", KEY, repository) == ("settings.json is there now",)


def test_a_folder_that_was_listed_and_has_other_files_is_a_miss(cache, repository, files):
    cache.store(KEY, repository, ["models/"], ROW.model_copy(update={"name": "other"}), files)
    (repository / "models" / "cnn.py").write_text("width = 4")
    (repository / "models" / "__pycache__").mkdir()
    assert cache.find("other", KEY, repository) is not None
    (repository / "models" / "rnn.py").touch()
    assert cache.find("other", KEY, repository) is None
    assert cache.why_not("other", KEY, repository) == ("models/: other files are in it",)


def test_a_file_that_nobody_read_may_change(cache, repository):
    (repository / "README.md").write_text("new")
    assert cache.find("tiny", KEY, repository) is not None


def test_going_back_to_an_earlier_state_finds_its_entry(cache, repository, files):
    source = repository / "models" / "cnn.py"
    source.write_text("width = 4")
    cache.store(KEY, repository, ["models/cnn.py"], ROW.model_copy(update={"opset": 18}), files)
    source.write_text("width = 3")
    entry = cache.find("tiny", KEY, repository)
    assert entry is not None
    assert entry.row.opset == 17


def test_of_many_changed_files_some_are_named_and_the_others_counted(tmp_path, repository, files):
    names = [f"models/{number:03}.txt" for number in range(30)]
    for name in names:
        (repository / name).touch()
    cache = ResultCache(tmp_path / "cache")
    cache.store(KEY, repository, names, ROW, files)
    for name in names:
        (repository / name).write_text("changed")
    told = cache.why_not("tiny", KEY, repository)
    assert told == (*(f"{name} changed" for name in names[:20]), "and 10 more")


def altered(entry):
    (entry / "files" / "tiny.onnx").write_bytes(b"another")


def truncated(entry):
    (entry / "files" / "tiny.onnx").write_bytes(b"a mod")


def missing(entry):
    (entry / "files" / "repro" / "case.json").unlink()


def added(entry):
    (entry / "files" / "repro" / "more.json").touch()


def linked(entry):
    (entry / "files" / "tiny.onnx").unlink()
    (entry / "files" / "tiny.onnx").symlink_to("/etc/passwd")


def linked_folder(entry):
    (entry / "files" / "etc").symlink_to("/etc")


def described_otherwise(entry):
    description = entry / "entry.json"
    description.write_text(description.read_text().replace('"opset":17', '"opset":18'))


def cut_off(entry):
    description = entry / "entry.json"
    description.write_text(description.read_text()[:40])


def emptied(entry):
    (entry / "entry.json").write_bytes(b"")


DAMAGES = [altered, truncated, missing, added, linked, linked_folder, described_otherwise, cut_off, emptied]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_not_used_is_said_and_is_replaced(cache, repository, files, tmp_path, damage):
    (entry,) = entries(tmp_path)
    damage(entry)
    assert cache.find("tiny", KEY, repository) is None
    assert codes(cache) == ["OCA040"]
    assert cache.why_not("tiny", KEY, repository)[0].startswith("the cached result of tiny was not what")
    assert entries(tmp_path) == []
    assert not list((tmp_path / "cache").glob(".partial-*"))
    cache.store(KEY, repository, ["models/cnn.py", "weights.bin"], ROW, files)
    assert cache.find("tiny", KEY, repository) is not None


def test_no_byte_of_an_entry_can_change_unseen(tmp_path, repository, files):
    chance = random.Random(0)
    for number in range(150):
        cache = ResultCache(tmp_path / "cache")
        cache.store(KEY, repository, ["weights.bin"], ROW, files)
        (entry,) = entries(tmp_path)
        path = chance.choice([entry / "entry.json", entry / "files" / "tiny.onnx"])
        whole = path.read_bytes()
        at = chance.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << number % 8)]) + whole[at + 1 :])
        assert cache.find("tiny", KEY, repository) is None, (path.name, at)
        assert codes(cache) == ["OCA040"]


def test_an_entry_without_a_description_is_not_used(cache, repository, tmp_path):
    (entry,) = entries(tmp_path)
    (entry / "entry.json").unlink()
    assert cache.find("tiny", KEY, repository) is None


def test_an_entry_of_another_key_in_this_ones_place_is_not_used(cache, repository, files, tmp_path):
    (own,) = entries(tmp_path)
    cache.store({"row": "evil"}, repository, [], ROW, files)
    (other,) = set(entries(tmp_path)) - {own}
    shutil.rmtree(own)
    other.rename(own)
    assert cache.find("tiny", KEY, repository) is None
    assert codes(cache) == ["OCA040"]


def test_an_entry_of_another_row_in_this_ones_place_is_not_used(cache, repository, tmp_path):
    (tmp_path / "cache" / "tiny").rename(tmp_path / "cache" / "big")
    assert cache.find("big", KEY, repository) is None
    assert codes(cache) == ["OCA040"]


def test_a_description_that_fits_its_name_but_not_its_key_is_not_used(cache, repository, files, tmp_path):
    """Who can compute digests can still not have one key's entry taken for another's by a name alone."""
    (own,) = entries(tmp_path)
    cache.store({"row": "evil"}, repository, ["models/cnn.py", "weights.bin"], ROW, files)
    (other,) = set(entries(tmp_path)) - {own}
    first, second, _ = own.name.split("-")
    shutil.rmtree(own)
    other.rename(own.with_name(f"{first}-{second}-{other.name.rpartition('-')[2]}"))
    assert cache.find("tiny", KEY, repository) is None
    assert codes(cache) == ["OCA040"]


def test_what_a_killed_run_left_unfinished_is_nothing_and_goes_with_the_next_that_keeps_something(
    cache, repository, files, tmp_path
):
    (entry,) = entries(tmp_path)
    unfinished = tmp_path / "cache" / ".partial-killed" / "entry"
    shutil.copytree(entry, unfinished)
    assert cache.find("tiny", KEY, repository) is not None
    with cache.in_use():
        cache.store({"row": "new"}, repository, [], ROW, files)
    assert not unfinished.parent.exists()
    assert len(entries(tmp_path)) == 2


def test_what_was_used_longest_ago_goes_first_when_there_is_no_room(tmp_path, repository, files):
    names = ("a", "b", "c")
    (files / "tiny.onnx").write_bytes(b"0" * 30_000)
    cache = ResultCache(tmp_path / "cache", 100_000)
    for age, name in enumerate(names):
        cache.store(KEY, repository, [], ROW.model_copy(update={"name": name}), files)
        aged(cache, tmp_path / "cache" / name, 1000 - age)
    assert cache.find("a", KEY, repository)  # so it was used last
    with cache.in_use():
        cache.store(KEY, repository, [], ROW.model_copy(update={"name": "d"}), files)
    assert {entry.parent.name for entry in entries(tmp_path)} == {"a", "c", "d"}
    assert codes(cache) == []


def test_a_run_that_takes_more_than_there_is_room_is_told_so(tmp_path, repository, files):
    (files / "tiny.onnx").write_bytes(b"0" * 30_000)
    cache = ResultCache(tmp_path / "cache", 20_000)
    with cache.in_use():
        cache.store(KEY, repository, [], ROW, files)
    assert (codes(cache), entries(tmp_path)) == (["OCA042"], [])


def test_no_room_is_made_while_another_run_uses_the_cache(tmp_path, repository, files):
    cache = ResultCache(tmp_path / "cache", 0)
    with ResultCache(tmp_path / "cache", 0).in_use():
        with cache.in_use():
            cache.store(KEY, repository, [], ROW, files)
        assert cache.find("tiny", KEY, repository) is not None
    with cache.in_use():
        cache.store(KEY, repository, [], ROW, files)
    assert entries(tmp_path) == []


def test_a_row_has_a_bounded_number_of_entries_and_those_of_earlier_releases_go(cache, repository, files, tmp_path):
    old = tmp_path / "cache" / key_of("old") / key_of("older")
    (old / "files").mkdir(parents=True)
    with cache.in_use():
        for width in range(30):
            cache.store({"row": width}, repository, [], ROW, files)
    assert len(entries(tmp_path)) == 24
    assert not old.parent.exists()


def test_a_file_that_was_changed_while_the_run_was_going_on_is_not_believed(tmp_path, repository, files):
    cache = ResultCache(tmp_path / "cache")
    time.sleep(0.02)  # file systems stamp files by the tick
    with cache.in_use():
        time.sleep(0.02)
        (repository / "weights.bin").write_bytes(b"\1" * 16)
        cache.store(KEY, repository, ["weights.bin", "models/cnn.py"], ROW, files)
        cache.store(KEY, repository, ["weights.bin"], ROW.model_copy(update={"name": "other"}), files)
    assert (codes(cache), entries(tmp_path)) == (["OCA043"], []), "it is said once of a file"


def test_a_row_measured_on_a_disturbed_machine_is_found_for_a_day(tmp_path, repository, files, monkeypatch):
    busy = Diagnostic(code="OCA674", severity="warning", message="the machine was busy")
    cache = ResultCache(tmp_path / "cache")
    quiet = ROW.model_copy(update={"name": "quiet"})
    cache.store(KEY, repository, [], ROW.model_copy(update={"diagnostics": (busy,)}), files)
    cache.store(KEY, repository, [], quiet, files)
    assert cache.find("tiny", KEY, repository) is not None
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 90_000)
    assert cache.find("tiny", KEY, repository) is None
    assert cache.why_not("tiny", KEY, repository) == ("it was measured on a disturbed machine more than a day ago",)
    assert cache.find("quiet", KEY, repository) is not None
    monkeypatch.setattr(time, "time", lambda: now - 90_000)  # a clock that went back makes nothing stale
    assert cache.find("tiny", KEY, repository) is not None


def test_a_cache_that_cannot_be_written_is_no_failure_and_is_told(repository, files, tmp_path):
    (tmp_path / "file").write_text("")
    cache = ResultCache(tmp_path / "file")
    with cache.in_use():
        cache.store(KEY, repository, ["weights.bin"], ROW, files)
        assert cache.find("tiny", KEY, repository) is None
    assert codes(cache) == ["OCA041"]


def test_a_pipe_that_model_code_named_is_not_waited_for(tmp_path, repository, files):
    os.mkfifo(repository / "pipe")
    cache = ResultCache(tmp_path / "cache")
    cache.store(KEY, repository, ["pipe"], ROW, files)
    assert (codes(cache), entries(tmp_path)) == (["OCA041"], [])


def test_the_lock_of_a_killed_run_holds_nobody_up(tmp_path, repository, files):
    (tmp_path / "cache").mkdir()
    if (pid := os.fork()) == 0:
        fcntl.flock(os.open(tmp_path / "cache" / ".lock", os.O_RDWR | os.O_CREAT), fcntl.LOCK_SH)
        os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)
    cache = ResultCache(tmp_path / "cache", 0)
    with cache.in_use():
        cache.store(KEY, repository, [], ROW, files)
    assert entries(tmp_path) == []


def test_keys_do_not_depend_on_the_order_of_mappings():
    assert key_of({"a": 1, "b": 2}) == key_of(json.loads('{"b": 2, "a": 1}'))


def test_a_key_with_numbers_that_json_lacks_is_found_again(tmp_path, repository, files):
    key = {"spec": {"args": {"limit": float("inf"), "fill": float("nan")}}}
    cache = ResultCache(tmp_path / "cache")
    cache.store(key, repository, [], ROW, files)
    assert cache.find("tiny", key, repository) is not None


def test_the_latest_row_is_told_whether_or_not_its_files_are_the_same(cache, repository, files, tmp_path):
    aged(cache, tmp_path / "cache" / "tiny", 1000)
    (repository / "weights.bin").write_bytes(b"\1")
    cache.store(KEY, repository, ["weights.bin"], ROW.model_copy(update={"seconds": 3.0}), files)
    os.utime(tmp_path / "cache" / "tiny", (0, 0))
    cache.store(KEY, repository, [], ROW.model_copy(update={"name": "other"}), files)
    (repository / "weights.bin").unlink()
    assert {row.name: row.seconds for row in cache.latest(9)} == {"tiny": 3.0, "other": 0.0}
    assert [row.name for row in cache.latest(1)] == ["other"]


def test_of_a_cache_that_is_not_there_nothing_is_told(tmp_path):
    assert list(ResultCache(tmp_path / "nowhere").latest(9)) == []
