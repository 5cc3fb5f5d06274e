"""Publishing to a release, against a stand-in for GitHub over real HTTP."""

from __future__ import annotations

import hashlib
import random
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from json import JSONDecodeError
from pathlib import Path
from typing import Any

import pytest
from github import GithubException
from pydantic import SecretStr
from requests import RequestException

from onnx_convert.cli import main
from onnx_convert.github.assets import Asset, plan
from onnx_convert.github.client import GitHub, connect
from onnx_convert.github.context import Context, Release
from onnx_convert.github.patience import Patience
from onnx_convert.github.refusal import RefusedError
from onnx_convert.github.release import Published, publish
from onnx_convert.github.swap import NEW, OLD, Shelf
from onnx_convert.report.model import Report, Shard
from onnx_convert.report.write import write_json
from tests.github_stand_in import Fault, StandIn
from tests.github_stand_in.every_fault import every_fault
from tests.github_stand_in.faults import When
from tests.unit.github.outputs import COMMIT, add, digest, output
from tests.unit.report import sample

TAG = "v1.0.0"
MODELS = {"iris": b"one", "tiny-cnn+fp16": b"two"}
NAMES = {
    *("iris.onnx", "iris.manifest.json", "iris.md"),
    *("tiny-cnn+fp16.onnx", "tiny-cnn+fp16.manifest.json", "tiny-cnn+fp16.md"),
    *("report.json", "SHA256SUMS"),
}


def job(stand_in: StandIn, token: str | None = None, **more: Any) -> GitHub:
    context = Context(stand_in.repository, stand_in.api_url, token=SecretStr(token or stand_in.token()))
    patience = Patience(120, first=0.001, sleep=lambda _: None)
    return connect(replace(context, **more), patience, timeout=0.5, between=(0.0, 0.0))


def published(stand_in: StandIn, folder: Path, report: Report, **more: Any) -> Published:
    return publish(job(stand_in), folder, report, TAG, say=lambda _: None, **more)


def refusal(stand_in: StandIn, folder: Path, report: Report, **more: Any) -> RefusedError:
    """What it is refused with, without anything having been changed."""
    with pytest.raises(RefusedError) as caught:
        published(stand_in, folder, report, **more)
    assert all(one.method == "GET" for one in stand_in.requests)
    return caught.value


def contents(stand_in: StandIn, tag: str = TAG) -> dict[str, bytes]:
    return {name: asset.content for name, asset in stand_in.assets(tag).items()}


def sent(stand_in: StandIn) -> list[tuple[str, str]]:
    """The requests that change something, and what they name."""
    return [(one.method, one.query.get("name", "")) for one in stand_in.requests if one.method != "GET"]


def by_name(assets: tuple[Asset, ...]) -> dict[str, Asset]:
    return {one.name: one for one in assets}


# What is there afterwards


def test_everything_is_uploaded_and_the_checksums_last(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG)
    done = published(stand_in, tmp_path, output(tmp_path, MODELS))
    assert dict(done.assets) == dict.fromkeys(NAMES, "uploaded")
    assert done.url == f"{stand_in.api_url}/octo-org/models/releases/tag/{TAG}"
    assert contents(stand_in)["iris.onnx"] == b"one"
    assert [name for _, name in sent(stand_in)][-2:] == ["report.json", "SHA256SUMS"]


def test_the_downloaded_assets_are_what_the_checksums_say(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG)
    published(stand_in, tmp_path, output(tmp_path, MODELS))
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    for name, content in contents(stand_in).items():
        (downloads / name).write_bytes(content)
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=downloads, check=True, capture_output=True)
    assert (tmp_path / "SHA256SUMS").read_bytes() == contents(stand_in)["SHA256SUMS"]


def test_a_repeat_changes_nothing(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG)
    report = output(tmp_path, MODELS)
    published(stand_in, tmp_path, report)
    stand_in.requests.clear()
    done = published(stand_in, tmp_path, report)
    assert dict(done.assets) == dict.fromkeys(NAMES, "unchanged")
    assert sent(stand_in) == []


def test_only_what_differs_is_replaced(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG)
    published(stand_in, tmp_path, output(tmp_path, MODELS))
    done = published(stand_in, tmp_path, output(tmp_path, MODELS | {"iris": b"three"}))
    same = {name for name in NAMES if name.startswith("tiny")}
    assert {name for name, action in done.assets.items() if action == "unchanged"} == same
    assert {name for name, action in done.assets.items() if action == "replaced"} == NAMES - same
    assert contents(stand_in)["iris.onnx"] == b"three"
    assert contents(stand_in).keys() == NAMES


def test_assets_of_others_are_left_alone(stand_in: StandIn, tmp_path: Path) -> None:
    others = {"cli-linux.tar.gz": b"binary", "iris.txt": b"notes", "onnx-convert.zip": b"zip"}
    stand_in.add_release(TAG, assets=others)
    stand_in.add_asset(TAG, "broken-upload.zip", state="starter")
    published(stand_in, tmp_path, output(tmp_path, MODELS))
    published(stand_in, tmp_path, output(tmp_path, {"iris": b"three"}))
    assert others.items() <= contents(stand_in).items()
    assert stand_in.assets(TAG)["broken-upload.zip"].state == "starter"


def test_assets_are_found_over_all_pages(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG, assets={f"other-{i}": b"x" for i in range(205)})
    report = output(tmp_path, MODELS)
    published(stand_in, tmp_path, report)
    assert set(published(stand_in, tmp_path, report).assets.values()) == {"unchanged"}


def test_large_weights_are_an_asset_beside_their_model(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG)
    report = sample.report((add(tmp_path, "large", b"graph", b"weights" * 300_000),), commit=COMMIT)
    published(stand_in, tmp_path, report)
    assert contents(stand_in)["large.onnx.data"] == b"weights" * 300_000


def test_it_works_on_an_enterprise_server_that_tells_no_digests(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.state.older_server = True
    release = stand_in.add_release(TAG)
    report = output(tmp_path, MODELS)
    github = job(stand_in, api_url=stand_in.enterprise_api_url)
    for expected in ("uploaded", "unchanged"):
        done = publish(github, tmp_path, report, TAG, say=lambda _: None)
        assert set(done.assets.values()) == {expected}
    (changed,) = (one for one in stand_in.state.releases[release.id].assets if one.name == "iris.onnx")
    changed.content = b"two"  # of the same size
    done = publish(github, tmp_path, report, TAG, say=lambda _: None)
    assert [name for name, action in done.assets.items() if action == "replaced"] == ["iris.onnx"]
    assert contents(stand_in)["iris.onnx"] == b"one"


@pytest.mark.parametrize("at", [4, 5])
@pytest.mark.parametrize(
    "kind", [Fault.RESET, Fault.SHORT, Fault.TIMEOUT, Fault.BAD_GATEWAY, Fault.SERVER_ERROR, Fault.NOT_FOUND]
)
def test_a_download_that_fails_is_repeated_or_refused(stand_in: StandIn, tmp_path: Path, kind: Fault, at: int) -> None:
    stand_in.add_release(TAG)
    published(stand_in, tmp_path, output(tmp_path, {"iris": b"one"}))
    before, report = contents(stand_in), output(tmp_path, {"iris": b"three"})
    stand_in.requests.clear()
    stand_in.fault(kind, at=at, when="after")
    if kind is Fault.NOT_FOUND:
        assert refusal(stand_in, tmp_path, report).diagnostic.code == "OCA702"
        assert contents(stand_in) == before
    else:
        assert set(published(stand_in, tmp_path, report).assets.values()) == {"replaced"}
    assert stand_in.requests[at - 1].fault is kind
    assert "/assets/" in stand_in.requests[at - 1].path


# Which release


def test_a_release_is_found_by_the_id_of_the_event(stand_in: StandIn, tmp_path: Path) -> None:
    made = stand_in.add_release(TAG, draft=True)
    stand_in.add_release(TAG, draft=True)
    github = job(stand_in, release=Release(made.id, TAG))
    publish(github, tmp_path, output(tmp_path, MODELS), say=lambda _: None)
    assert {one.name for one in stand_in.state.releases[made.id].assets} == NAMES


def test_a_draft_is_found_in_the_list_over_all_pages(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG, draft=True)
    for i in range(110):
        stand_in.add_release(f"v0.{i}", draft=True)
    published(stand_in, tmp_path, output(tmp_path, MODELS))
    assert contents(stand_in).keys() == NAMES
    assert stand_in.release(TAG).draft


def test_a_published_release_is_taken_before_drafts_of_its_tag(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG, draft=True)
    made = stand_in.add_release(TAG)
    published(stand_in, tmp_path, output(tmp_path, MODELS))
    assert {one.name for one in stand_in.state.releases[made.id].assets} == NAMES


@pytest.mark.parametrize("tag", ["models/v1", "v1.0.0+build", "v1#2", "ünï"])
def test_a_tag_may_be_anything_that_git_takes(stand_in: StandIn, tmp_path: Path, tag: str) -> None:
    stand_in.add_release(tag)
    publish(job(stand_in), tmp_path, output(tmp_path, MODELS), tag, say=lambda _: None)
    assert contents(stand_in, tag).keys() == NAMES


def test_a_pre_release_is_a_release(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG, prerelease=True)
    published(stand_in, tmp_path, output(tmp_path, MODELS))
    assert contents(stand_in).keys() == NAMES


def test_one_that_does_not_exist_is_told_with_the_command_that_makes_it(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release("v2")
    found = refusal(stand_in, tmp_path, output(tmp_path, MODELS)).diagnostic
    assert found.code == "OCA730"
    assert "gh release create 'v1.0.0' --draft" in found.hint


def test_several_drafts_of_a_tag_are_told_by_their_pages(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG, draft=True)
    stand_in.add_release(TAG, draft=True)
    found = refusal(stand_in, tmp_path, output(tmp_path, MODELS)).diagnostic
    assert found.code == "OCA733"
    assert found.message.count("/releases/tag/untagged-") == 2


def test_without_a_tag_and_an_event_nothing_is_asked(stand_in: StandIn, tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as caught:
        publish(job(stand_in), tmp_path, output(tmp_path, MODELS), say=print)
    assert caught.value.diagnostic.code == "OCA741"
    assert not stand_in.requests


# What is refused


@pytest.mark.parametrize("more", [{"conclusion": "failure"}, {"conclusion": "neutral"}, {"complete": False}])
def test_a_report_that_is_no_success_is_refused_unless_told(
    stand_in: StandIn, tmp_path: Path, more: dict[str, Any]
) -> None:
    stand_in.add_release(TAG)
    report = output(tmp_path, MODELS, **more)
    assert refusal(stand_in, tmp_path, report).diagnostic.code == "OCA731"
    assert not stand_in.requests
    published(stand_in, tmp_path, report, even_if_failed=True)
    assert contents(stand_in).keys() == NAMES


def test_the_report_of_one_shard_is_refused(stand_in: StandIn, tmp_path: Path) -> None:
    shard = Shard(index=1, count=2, spec_sha256="0" * 64, spec_models=("a", "b"), models=("a",))
    found = refusal(stand_in, tmp_path, output(tmp_path, MODELS, shard=shard), even_if_failed=True)
    assert found.diagnostic.code == "OCA740"


@pytest.mark.parametrize("annotated", [False, True])
def test_the_commit_of_the_tag_is_that_of_the_report(stand_in: StandIn, tmp_path: Path, annotated: bool) -> None:
    stand_in.add_release(TAG, sha="d" * 40, annotated=annotated)
    report = output(tmp_path, MODELS)
    found = refusal(stand_in, tmp_path, report, even_if_failed=True).diagnostic
    assert found.code == "OCA732"
    assert "d" * 40 in found.message
    assert COMMIT in found.message
    published(stand_in, tmp_path, report, other_commit=True)
    assert contents(stand_in).keys() == NAMES


def test_an_annotated_tag_is_followed_to_its_commit(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG, sha=COMMIT, annotated=True)
    published(stand_in, tmp_path, output(tmp_path, MODELS))
    assert contents(stand_in).keys() == NAMES


def test_a_draft_that_is_to_tag_another_commit_is_refused(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.state.default_branch = "d" * 40  # what the stand-in's drafts are to tag
    stand_in.add_release(TAG, draft=True)
    assert refusal(stand_in, tmp_path, output(tmp_path, MODELS)).diagnostic.code == "OCA732"
    stand_in.state.default_branch = COMMIT
    assert not published(stand_in, tmp_path, output(tmp_path, MODELS)).warnings


def test_what_cannot_be_compared_is_a_warning(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG)
    (warning,) = published(stand_in, tmp_path, output(tmp_path, MODELS, commit=None)).warnings
    assert "does not say of which commit" in warning
    stand_in.add_release("v2", draft=True)
    (warning,) = publish(job(stand_in), tmp_path, output(tmp_path, MODELS), "v2", say=lambda _: None).warnings
    assert "the draft's tag v2 does not exist yet" in warning
    assert not published(stand_in, tmp_path, output(tmp_path, MODELS)).warnings


def test_an_immutable_release_is_refused_unless_all_is_there(stand_in: StandIn, tmp_path: Path) -> None:
    report = output(tmp_path, MODELS)
    assets = {}
    for name, asset in by_name(plan(tmp_path, report)).items():
        with asset.open() as file:
            assets[name] = file.read()
    stand_in.add_release(TAG, immutable=True, assets=assets)
    assert set(published(stand_in, tmp_path, report).assets.values()) == {"unchanged"}
    found = refusal(stand_in, tmp_path, output(tmp_path, MODELS | {"iris": b"three"})).diagnostic
    assert found.code == "OCA734"
    assert "draft" in found.hint


def test_a_draft_of_a_repository_with_immutable_releases_takes_assets(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.state.immutable_releases = True
    stand_in.add_release(TAG, draft=True)
    published(stand_in, tmp_path, output(tmp_path, MODELS))
    assert contents(stand_in).keys() == NAMES


def test_checksums_of_somebody_else_are_not_replaced(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG, assets={"SHA256SUMS": f"{'0' * 64}  cli-linux.tar.gz\n".encode()})
    assert refusal(stand_in, tmp_path, output(tmp_path, MODELS)).diagnostic.code == "OCA742"


def test_nothing_is_asked_where_a_file_is_not_what_the_report_says(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG)
    report = output(tmp_path, MODELS)
    (tmp_path / "models/iris/iris.onnx").write_bytes(b"evil")
    assert refusal(stand_in, tmp_path, report).diagnostic.code == "OCA735"
    assert not stand_in.requests


def test_a_token_that_may_not_write_is_told_which_permission_is_missing(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG)
    with pytest.raises(RefusedError) as caught:
        publish(
            job(stand_in, stand_in.token(read_only=True)), tmp_path, output(tmp_path, MODELS), TAG, say=lambda _: None
        )
    assert caught.value.permission is not None
    assert "contents: write" in caught.value.permission.yaml


def test_a_name_that_github_changes_against_expectation_is_taken_back(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG)
    github = job(stand_in)
    asset = Asset.of("a~b.md", "text")
    with pytest.raises(RefusedError) as caught:
        Shelf(github, github.repository.get_release(TAG), print).put((asset,))
    assert caught.value.diagnostic.code == "OCA736"
    assert contents(stand_in) == {}


def test_a_file_that_changes_while_it_is_sent_is_taken_back(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG, assets={"iris.onnx": b"old"})
    assets = plan(tmp_path, output(tmp_path, MODELS))
    (tmp_path / "models/iris/iris.onnx").write_bytes(b"bad")
    github = job(stand_in)
    with pytest.raises(RefusedError) as caught:
        Shelf(github, github.repository.get_release(TAG), print).put(assets)
    assert caught.value.diagnostic.code == "OCA738"
    assert contents(stand_in)["iris.onnx"] == b"old"
    assert contents(stand_in).keys() == NAMES - {"report.json", "SHA256SUMS"}


# Replacing, whatever goes wrong


def shelf(stand_in: StandIn) -> Shelf:
    github = job(stand_in)
    return Shelf(github, github.repository.get_release(TAG), lambda _: None)


def digests(assets: Mapping[str, bytes]) -> dict[str, str]:
    return {name: f"sha256:{digest(content)}" for name, content in assets.items()}


def test_no_content_is_ever_missing_and_each_name_for_one_moment_at_most(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.add_release(TAG)
    published(stand_in, tmp_path, output(tmp_path, MODELS))
    old, before = digests(contents(stand_in)), len(stand_in.history(TAG))
    published(stand_in, tmp_path, output(tmp_path, {name: content * 2 for name, content in MODELS.items()}))
    new = digests(contents(stand_in))
    missing = dict.fromkeys(NAMES, 0)
    for moment in stand_in.history(TAG)[before:]:
        held = {(name, digest) for name, digest, state in moment if state == "uploaded"}
        for name in NAMES:
            own = {(place + name, one) for place in ("", NEW, OLD) for one in (old[name], new[name])}
            assert held & own
            missing[name] += name not in {one for one, _ in held}
    assert missing == dict.fromkeys(NAMES, 1)


def test_a_release_that_is_almost_full_is_replaced_batch_by_batch(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = len(NAMES) + 2
    monkeypatch.setattr("onnx_convert.github.swap.COUNT_LIMIT", limit)
    stand_in.add_release(TAG)
    published(stand_in, tmp_path, output(tmp_path, MODELS))
    done = published(stand_in, tmp_path, output(tmp_path, {name: content * 2 for name, content in MODELS.items()}))
    assert set(done.assets.values()) == {"replaced"}
    assert contents(stand_in).keys() == NAMES
    assert max(map(len, stand_in.history(TAG))) == limit


@pytest.mark.parametrize("others", [1, 0])
def test_a_release_without_room_is_refused(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    stand_in.add_release(TAG)
    published(stand_in, tmp_path, output(tmp_path, MODELS))
    monkeypatch.setattr("onnx_convert.github.swap.COUNT_LIMIT", len(NAMES))
    before = contents(stand_in)
    with pytest.raises(RefusedError) as caught:
        published(stand_in, tmp_path, output(tmp_path, MODELS | {"iris": b"three"} | dict.fromkeys("x" * others, b"x")))
    assert caught.value.diagnostic.code == "OCA737"
    assert contents(stand_in) == before


def test_what_an_earlier_run_left_is_completed_or_taken_back(stand_in: StandIn, tmp_path: Path) -> None:
    report = output(tmp_path, MODELS)
    wanted = by_name(plan(tmp_path, report))
    stand_in.add_release(TAG)
    for name, content in {
        OLD + "iris.onnx": b"old",  # between two renames, with the content that is wanted
        NEW + "iris.onnx": b"one",
        OLD + "iris.md": b"old card",  # between two renames, with another content than is wanted now
        NEW + "iris.md": b"another card",
        OLD + "gone.onnx": b"a model that is not published any more",
        NEW + "report.json": b"half a repo",
    }.items():
        stand_in.add_asset(TAG, name, content)
    stand_in.add_asset(TAG, "tiny-cnn+fp16.onnx", state="starter")
    stand_in.add_asset(TAG, NEW + "SHA256SUMS", state="starter")
    done = published(stand_in, tmp_path, report)
    assert done.assets["iris.onnx"] == done.assets["iris.md"] == "replaced"
    found = contents(stand_in)
    assert found.pop("gone.onnx") == b"a model that is not published any more"
    assert {name: hashlib.sha256(content).hexdigest() for name, content in found.items()} == {
        name: asset.sha256 for name, asset in wanted.items()
    }


def test_where_the_second_rename_fails_the_first_is_taken_back(stand_in: StandIn) -> None:
    stand_in.add_release(TAG, assets={"a.onnx": b"old"})
    found = shelf(stand_in)
    stand_in.fault(Fault.UNPROCESSABLE, at=3)
    with pytest.raises(GithubException, match="Validation Failed"):
        found.put((Asset.of("a.onnx", "new"),))
    assert contents(stand_in) == {"a.onnx": b"old", NEW + "a.onnx": b"new"}
    assert shelf(stand_in).put((Asset.of("a.onnx", "new"),)) == {"a.onnx": "replaced"}
    assert contents(stand_in) == {"a.onnx": b"new"}


def test_every_fault_at_every_request_of_a_first_publication(tmp_path: Path) -> None:
    report = output(tmp_path, {"iris": b"one"})

    def whole(stand_in: StandIn) -> None:
        for name, content in contents(stand_in).items():
            assert stand_in.assets(TAG)[name].state == "starter" or digest(content) in wanted

    wanted = {asset.sha256 for asset in plan(tmp_path, report)}
    tried = every_fault(
        lambda stand_in: published(stand_in, tmp_path, report),
        contents,
        lambda stand_in: stand_in.add_release(TAG),
        failures=(RefusedError,),
        always=whole,
    )
    assert tried > 300


OLD_ASSETS = {"a.onnx": b"old", "SHA256SUMS": f"{'0' * 64}  report.json\n".encode()}
NEW_ASSETS = (Asset.of("a.onnx", "new"), Asset.of("SHA256SUMS", "new sums"))


def never_missing(stand_in: StandIn) -> None:
    """At each moment of its history, old or new content of every asset is there, under its own or a temporary name."""
    for moment in stand_in.history(TAG):
        held = {(name, one) for name, one, state in moment if state == "uploaded"}
        for asset in NEW_ASSETS:
            own = {f"sha256:{asset.sha256}", f"sha256:{digest(OLD_ASSETS[asset.name])}"}
            assert {(place + asset.name, one) for place in ("", NEW, OLD) for one in own} & held


def test_every_fault_at_every_request_of_a_replacement(tmp_path: Path) -> None:
    def replace_all(stand_in: StandIn) -> None:
        shelf(stand_in).put(NEW_ASSETS)

    tried = every_fault(
        replace_all, contents, lambda stand_in: stand_in.add_release(TAG, assets=OLD_ASSETS), always=never_missing
    )
    assert tried > 300


def version(number: int) -> tuple[Asset, ...]:
    """Assets that differ between versions, but for one that only some have changed."""
    sums = Asset.of("SHA256SUMS", f"{number:064}  report.json\n")
    return (Asset.of("a.onnx", f"a{number}"), Asset.of("b.onnx", f"b{number % 2}"), sums)


@pytest.mark.parametrize("seed", range(12))
def test_runs_that_are_broken_off_with_ever_other_contents_lose_nothing(stand_in: StandIn, seed: int) -> None:
    draw = random.Random(seed)
    kinds = (Fault.RESET, Fault.CUT, Fault.BAD_GATEWAY, Fault.UNPROCESSABLE, Fault.NOT_FOUND)
    stand_in.add_release(TAG, assets={"a.onnx": b"a", "b.onnx": b"b", "SHA256SUMS": b"c", "other.bin": b"other"})
    for _ in range(5):
        when: When = draw.choice(["before", "after", "partly"])
        stand_in.fault(draw.choice(kinds), at=draw.randint(1, 22), when=when, times=draw.choice([1, 3, None]))
        with suppress(GithubException, RequestException, JSONDecodeError, RefusedError):
            shelf(stand_in).put(version(draw.randrange(4)))
        stand_in.clear_faults()
    shelf(stand_in).put(version(9))
    expected = {one.name: one.sha256 for one in version(9)} | {"other.bin": digest(b"other")}
    assert {name: digest(content) for name, content in contents(stand_in).items()} == expected
    for moment in stand_in.history(TAG):
        held = {name for name, _, state in moment if state == "uploaded"}
        assert all(held & {name, NEW + name, OLD + name} for name in expected)


# The command


def run(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, *arguments: str, token: str | None = None) -> int:
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_TOKEN", stand_in.token() if token is None else token)
    where = ("--repository", stand_in.repository, "--github-api-url", stand_in.api_url)
    return main(["publish", *arguments, "--release", TAG, *where])


def test_the_command_publishes_and_lists_what_it_did(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.add_release(TAG)
    output(tmp_path, {"iris": b"one"}, commit=None)
    assert run(stand_in, monkeypatch, str(tmp_path / "report.json")) == 0
    said = capsys.readouterr()
    assert "uploaded  iris.onnx\n" in said.out
    assert "warning: the report does not say of which commit it is" in said.err
    assert run(stand_in, monkeypatch, str(tmp_path)) == 0
    assert "unchanged iris.onnx\n" in capsys.readouterr().out


def test_the_commands_exit_code_says_who_refused(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = output(tmp_path, {"iris": b"one"}, conclusion="failure")
    assert run(stand_in, monkeypatch, str(tmp_path)) == 1
    assert "error[OCA731]" in capsys.readouterr().err
    assert run(stand_in, monkeypatch, str(tmp_path), "--publish-failed") == 3
    assert "error[OCA730]" in capsys.readouterr().err
    assert run(stand_in, monkeypatch, str(tmp_path / "missing.json")) == 2
    assert run(stand_in, monkeypatch, str(tmp_path), token="") == 2
    write_json(report.model_copy(update={"conclusion": "success"}), tmp_path)
    stand_in.add_release(TAG, sha="d" * 40)
    assert run(stand_in, monkeypatch, str(tmp_path)) == 3
    assert run(stand_in, monkeypatch, str(tmp_path), "--other-commit") == 0
