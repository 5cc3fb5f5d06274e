"""What `--baseline` says, as a base."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, nullcontext
from hashlib import sha256

import pytest

from onnx_convert.baseline.open import open_base
from onnx_convert.baseline.values import BaselineError, CommitBase, NoBase
from onnx_convert.spec.load import load

SPEC = 'spec-version = 1\n\n[models.a]\nsource = "a.onnx"\n'
OTHER = '\n[models.b]\nsource = "b.onnx"\n'


@pytest.fixture
def opened(upstream, tmp_path, said):
    """Opens the base of the upstream repository's HEAD."""

    @contextmanager
    def opening(asked="main", only=(), checkout=upstream, **environ):
        loaded = load(checkout.root / "onnx-convert.toml")
        with open_base(
            asked, loaded, only, environ={**os.environ, **environ}, say=said.append, temporary=tmp_path
        ) as base:
            yield base

    return opening


def test_none_is_nothing(opened):
    with opened("none") as base:
        assert base is None


def test_a_commit_is_its_merge_base_with_the_spec_and_the_rows_that_it_had(opened, upstream):
    (upstream.root / "onnx-convert.toml").write_text(SPEC + OTHER)
    with opened() as base:
        assert isinstance(base, CommitBase)
        assert base.commit == upstream.git("rev-parse", "left")
        assert base.name == base.commit[:7]
        assert [row.key for row in base.rows] == ["a"]
        assert (base.loaded.root / "b.onnx").read_text() == "b"
        assert base.rows[0].source.path == base.loaded.root / "a.onnx"
        assert base.loaded.file == "onnx-convert.toml"


def test_every_user_can_read_the_files_and_only_the_owner_can_write_them(opened):
    before = os.umask(0o077)
    try:
        with opened() as base:
            for path in (base.loaded.root.parent, base.loaded.root, *base.loaded.root.iterdir()):
                mode = path.stat().st_mode
                wanted = 0o755 if path.is_dir() else 0o644
                assert stat.S_IMODE(mode) == wanted
    finally:
        os.umask(before)


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_is_left_behind(opened, upstream, tmp_path, fails):
    def state():
        names = sorted(path.name for path in tmp_path.iterdir())
        return (
            names,
            upstream.git("status", "--porcelain"),
            upstream.git("worktree", "list"),
            upstream.git("stash", "list"),
        )

    before = state()
    with pytest.raises(KeyboardInterrupt) if fails else nullcontext(), opened():
        assert [name for name in state()[0] if name.startswith("onnx-convert-base-")]
        if fails:
            raise KeyboardInterrupt
    assert state() == before


def test_only_the_models_that_are_run_are_compared_where_they_exist(opened, upstream):
    upstream.git("switch", "-q", "main")
    (upstream.root / "onnx-convert.toml").write_text(SPEC + OTHER)
    upstream.commit("both")
    for only, keys in (((), ["a", "b"]), (["b"], ["b"]), (["b", "new"], ["b"]), (["new"], [])):
        with opened("HEAD", only) as base:
            assert [row.key for row in base.rows] == keys


def test_a_spec_that_the_base_does_not_have_is_said(opened, upstream):
    (upstream.root / "other.toml").write_text(SPEC)
    loaded = load(upstream.root / "other.toml")
    with open_base("main", loaded, (), environ=os.environ, say=print) as base:
        assert base == NoBase("main", f"there is no other.toml at {upstream.git('rev-parse', '--short=7', 'left')}")


def test_a_spec_that_was_not_valid_is_said_with_its_first_mistake(opened, upstream):
    (upstream.root / "onnx-convert.toml").write_text(SPEC.replace("spec-version = 1", "spec-version = 9"))
    upstream.commit("a mistake")
    (upstream.root / "onnx-convert.toml").write_text(SPEC)
    with opened("HEAD") as base:
        assert isinstance(base, NoBase)
        assert "onnx-convert.toml is not valid at" in base.reason
        assert "`spec-version` is 9" in base.reason


def test_a_spec_that_was_a_link_out_of_the_repository_is_not_read(opened, upstream, tmp_path):
    (tmp_path / "outside.toml").write_text(SPEC)
    spec = upstream.root / "onnx-convert.toml"
    spec.unlink()
    spec.symlink_to(tmp_path / "outside.toml")
    upstream.commit("a link")
    spec.unlink()
    spec.write_text(SPEC)
    with opened("HEAD") as base:
        assert isinstance(base, NoBase)
        assert "is not inside the repository" in base.reason


@pytest.mark.parametrize("wrong", ['source = "gone.onnx"', 'source = "../a.onnx"', 'source = "a.pkl"'])
def test_a_model_that_could_not_be_read_then_is_an_obstacle_of_its_own_row(opened, upstream, wrong):
    (upstream.root / "a.pkl").write_bytes(b"\x80\x04N.")
    (upstream.root / "onnx-convert.toml").write_text(SPEC + OTHER.replace('source = "b.onnx"', wrong))
    upstream.commit("one is wrong")
    with opened("HEAD") as base:
        right, other = base.rows
        assert right.obstacle is None
        assert other.obstacle is not None


@pytest.mark.parametrize("driver", ["lfs", "x"])
def test_no_hook_no_filter_and_no_monitor_of_the_repository_is_run(opened, upstream, tmp_path, driver):
    mark, script = tmp_path / "mark", tmp_path / "script"
    script.write_text(f"#!/bin/sh\necho $0 $* >> {mark}\ncat\n")
    script.chmod(0o755)
    (upstream.root / ".gitattributes").write_text(f"*.onnx filter={driver}\n")
    upstream.commit("attributes")
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "post-merge"):
        (upstream.root / ".git/hooks" / hook).symlink_to(script)
    settings = {f"filter.{driver}.{key}": str(script) for key in ("smudge", "process", "clean")}
    settings |= {f"filter.{driver}.required": "true", "filter.a=b.c.smudge": "x", "submodule.recurse": "true"}
    for key, value in (settings | {"core.fsmonitor": str(script)}).items():
        upstream.git("config", key, value)
    mark.unlink(missing_ok=True)
    with opened("HEAD") as base:
        assert isinstance(base, CommitBase)
        assert (base.loaded.root / "b.onnx").read_text() == "b2"
    assert not mark.exists()


def test_files_of_git_lfs_come_from_the_clone_if_they_are_whole(opened, upstream):
    for name, content, stored in (("a", "whole", "whole"), ("b", "spoilt", "something else"), ("c", "missing", None)):
        oid = sha256(content.encode()).hexdigest()
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"
        (upstream.root / f"{name}.onnx").write_text(pointer)
        if stored is not None:
            place = upstream.root / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid
            place.parent.mkdir(parents=True)
            place.write_text(stored)
    (upstream.root / "onnx-convert.toml").write_text(SPEC + OTHER)
    upstream.commit("large files")
    with opened("HEAD") as base:
        files = {path.name: path.read_text() for path in base.loaded.root.iterdir()}
        assert files["a.onnx"] == "whole"
        assert all(files[name].startswith("version https://git-lfs") for name in ("b.onnx", "c.onnx"))
        assert set(files) == {"a.onnx", "b.onnx", "c.onnx", "onnx-convert.toml"}
        good, spoilt = base.rows
        assert good.obstacle is None
        assert spoilt.obstacle is not None
        assert "Git LFS pointer" in spoilt.obstacle.message


def test_what_cannot_be_had_is_no_base_with_its_reason(opened, upstream):
    checkout = upstream.clone("shallow", "--depth=1", "--branch", "feature")
    checkout.git("remote", "remove", "origin")
    with opened("main", checkout=checkout) as base:
        assert base == NoBase("main", "this clone does not have enough history, and no remote to get more from")


def test_what_is_neither_a_folder_nor_a_commit_is_an_error(opened):
    with pytest.raises(BaselineError, match="did you mean main"), opened("mainn"):
        pass


def test_for_a_shard_those_that_its_models_may_have_been_are_compared_too(upstream, tmp_path):
    upstream.git("switch", "-q", "main")
    (upstream.root / "onnx-convert.toml").write_text(SPEC + OTHER)
    upstream.commit("both")
    (upstream.root / "onnx-convert.toml").write_text(SPEC.replace("models.a", "models.renamed") + OTHER)
    loaded = load(upstream.root / "onnx-convert.toml")
    for renamed, keys in ((True, ["a"]), (False, [])):
        with open_base("HEAD", loaded, ["renamed"], renamed=renamed, environ=os.environ, say=print) as base:
            assert [row.key for row in base.rows] == keys
