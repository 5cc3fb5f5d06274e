"""The merge base, in whole clones and in shallow ones."""

from __future__ import annotations

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from onnx_convert.baseline.commit import merge_base
from onnx_convert.baseline.repository import Repository
from onnx_convert.baseline.values import BaselineError, OutOfReachError


class _Locked(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(401)
        self.send_header("WWW-Authenticate", "Basic")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def locked():
    """The address of a remote that answers nobody who does not log in."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Locked) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/o/r.git"
        server.shutdown()


def found(checkout, asked, said, **environ):
    return merge_base(Repository(checkout.root, {**os.environ, **environ}), asked, said.append)


@pytest.mark.parametrize("asked", ["main", "left", "refs/heads/main", "main~3"])
def test_the_base_is_the_merge_base_and_not_the_commit_itself(upstream, said, asked):
    assert found(upstream, asked, said) == upstream.git("rev-parse", "left")
    assert said == []


def test_the_base_of_an_ancestor_is_that_ancestor(upstream, said):
    assert found(upstream, "HEAD~1", said) == upstream.git("rev-parse", "HEAD~1")
    assert found(upstream, "HEAD", said) == upstream.git("rev-parse", "HEAD")


def test_a_branch_of_the_remote_need_not_exist_here(upstream, said):
    checkout = upstream.clone("whole", "--branch", "feature")
    assert found(checkout, "main", said) == upstream.git("rev-parse", "left")


@pytest.mark.parametrize("by", ["name", "hash", "tag"])
def test_a_shallow_clone_is_deepened_until_the_merge_base_is_in_it(upstream, said, by):
    checkout = upstream.clone("shallow", "--depth=1", "--branch", "feature")
    upstream.git("tag", "-a", "-m", "a release", "v1", "main")
    asked = {"name": "main", "hash": upstream.git("rev-parse", "main"), "tag": "v1"}[by]
    assert found(checkout, asked, said) == upstream.git("rev-parse", "left")
    short = asked[:7] if by == "hash" else asked
    assert said[0] == f"fetching {short} from origin for the baseline"
    assert set(said[1:]) == {"fetching history from origin for the baseline"}


def test_a_shallow_clone_with_commits_of_its_own_is_deepened_too(upstream, said):
    checkout = upstream.clone("shallow", "--depth=1", "--branch", "feature")
    checkout.commit("only here", b_onnx="mine")
    assert found(checkout, "main", said) == upstream.git("rev-parse", "left")


def test_what_is_checked_out_for_a_pull_request_has_its_base_after_one_step(upstream, said):
    upstream.git("switch", "-q", "--detach", "main")
    upstream.git("merge", "-q", "--no-ff", "--no-edit", "feature")
    upstream.git("update-ref", "refs/pull/7/merge", "HEAD")
    main = upstream.git("rev-parse", "main")
    checkout = upstream.clone("empty", "--depth=1", "--branch", "main")
    checkout.git("fetch", "-q", "--depth=1", "origin", "refs/pull/7/merge")
    checkout.git("checkout", "-q", "--detach", "FETCH_HEAD")
    assert found(checkout, main, said) == main
    assert said == ["fetching history from origin for the baseline"]


def test_a_remote_that_is_gone_is_a_reason_with_the_remedy(upstream, said):
    checkout = upstream.clone("shallow", "--depth=1", "--branch", "feature")
    checkout.git("remote", "set-url", "origin", "file:///nowhere/at/all")
    with pytest.raises(OutOfReachError, match=r"is not in this clone.*fetch-depth: 0"):
        found(checkout, upstream.git("rev-parse", "main"), said)


def test_a_remote_that_wants_a_login_is_a_reason_that_names_the_checkouts_input(upstream, said, locked):
    checkout = upstream.clone("shallow", "--depth=1", "--branch", "feature")
    checkout.git("remote", "set-url", "origin", locked)
    with pytest.raises(OutOfReachError, match=r"could not read Username.*persist-credentials"):
        found(checkout, upstream.git("rev-parse", "main"), said)


def test_a_shallow_clone_without_a_remote_is_a_reason(upstream, said):
    checkout = upstream.clone("shallow", "--depth=1", "--branch", "feature")
    checkout.git("remote", "remove", "origin")
    with pytest.raises(OutOfReachError, match="no remote"):
        found(checkout, "main", said)


def test_time_that_is_up_is_a_reason(upstream, said):
    checkout = upstream.clone("shallow", "--depth=1", "--branch", "feature")
    with pytest.raises(OutOfReachError, match="too long"):
        merge_base(Repository(checkout.root, os.environ), "main", said.append, seconds=0)


def test_histories_without_a_common_commit_are_a_reason(upstream, said):
    upstream.git("switch", "-q", "--orphan", "other")
    upstream.commit("another first")
    with pytest.raises(OutOfReachError, match="no commit in common"):
        found(upstream, "main", said)


def test_a_repository_without_a_commit_is_a_reason(upstream, said):
    upstream.git("switch", "-q", "--orphan", "other")
    with pytest.raises(OutOfReachError, match="nothing is committed yet"):
        found(upstream, "main", said)


@pytest.mark.parametrize("asked", ["mian", "maim", "origin/mai"])
def test_a_name_that_nothing_has_is_answered_with_close_ones(upstream, said, asked):
    checkout = upstream.clone("whole", "--branch", "main")
    with pytest.raises(BaselineError, match=r"neither a commit nor a folder.*did you mean .*main"):
        found(checkout, asked, said)
    assert said == []


@pytest.mark.parametrize(
    "asked", ["--upload-pack=touch hacked", "-h", "", "..", "main..feature", "main:a.onnx", "^main"]
)
def test_what_is_no_name_is_neither_taken_nor_given_to_git_as_an_option(upstream, said, asked):
    with pytest.raises(BaselineError, match="neither a commit"):
        found(upstream, asked, said)


@pytest.mark.parametrize("asked", ["main~1", "--upload-pack=touch hacked", "+main:refs/heads/taken", "refs/heads/*"])
def test_in_a_shallow_clone_only_a_plain_name_is_fetched(upstream, said, asked):
    checkout = upstream.clone("shallow", "--depth=1", "--branch", "feature")
    with pytest.raises((OutOfReachError, BaselineError)):
        found(checkout, asked, said)
    assert said == []
    assert "taken" not in checkout.git("branch")


def test_outside_a_repository_no_name_is_a_commit(tmp_path, said):
    with pytest.raises(BaselineError, match="no git repository"):
        merge_base(Repository(tmp_path, os.environ), "main", said.append)


def test_a_repository_of_someone_else_is_a_reason_in_gits_own_words(upstream, said):
    with pytest.raises(OutOfReachError, match="dubious ownership"):
        found(upstream, "main", said, GIT_TEST_ASSUME_DIFFERENT_OWNER="1")


def test_variables_of_a_hook_do_not_lead_to_another_repository(upstream, tmp_path, said):
    assert found(upstream, "main", said, GIT_DIR=str(tmp_path), GIT_INDEX_FILE="x") == upstream.git("rev-parse", "left")


def test_without_git_there_is_no_repository(upstream, said):
    with pytest.raises(OutOfReachError, match="git cannot be run"):
        found(upstream, "main", said, PATH="/nowhere")


@pytest.mark.parametrize("scheme", ["http", "git"])
def test_a_password_in_a_remotes_address_is_not_repeated(upstream, said, scheme):
    checkout = upstream.clone("shallow", "--depth=1", "--branch", "feature")
    checkout.git("remote", "set-url", "origin", f"{scheme}://me:s3cret@127.0.0.1:9/o/r.git")
    with pytest.raises(OutOfReachError, match=r"127\.0\.0\.1") as caught:
        found(checkout, upstream.git("rev-parse", "main"), said)
    assert "s3cret" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look at someone else's repository")
def test_the_owner_of_a_checkout_can_go_on_using_it_after_root_fetched_into_it(upstream, said):
    checkout = upstream.clone("shallow", "--depth=1", "--branch", "feature")
    asked = upstream.git("rev-parse", "main")
    for place, names, files in os.walk(checkout.root):
        for name in (".", *names, *files):
            os.chown(Path(place, name), 64123, 64123)
    trusted = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    assert found(checkout, asked, said, **trusted) == upstream.git("rev-parse", "left")
    foreign = {path for path in checkout.root.rglob("*") if path.lstat().st_uid == 0}
    assert not {path for path in foreign if path.is_dir()}
    assert {path.suffix or path.name for path in foreign} <= {".pack", ".idx", ".rev", "shallow"}
