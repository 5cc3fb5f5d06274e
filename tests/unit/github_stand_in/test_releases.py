"""Releases and their assets, as GitHub keeps them."""

from hashlib import sha256
from io import BytesIO

import pytest
from github import GithubException
from github.GitReleaseAsset import GitReleaseAsset

from tests.github_stand_in import StandIn
from tests.github_stand_in.releases import normalised
from tests.unit.github_stand_in.asking import Repo, ask, client, repository


def upload(stand_in: StandIn, tag: str, name: str, content: bytes = b"content") -> GitReleaseAsset:
    release = next(it for it in repository(stand_in).get_releases() if it.tag_name == tag)
    return release.upload_asset_from_memory(BytesIO(content), len(content), name, label="a label")


@pytest.mark.parametrize("enterprise", [False, True])
def test_pygithub_uploads_renames_and_deletes_an_asset(stand_in: StandIn, enterprise: bool) -> None:
    stand_in.add_release("v1")
    url = stand_in.enterprise_api_url if enterprise else stand_in.api_url
    release = client(stand_in, url).get_repo(stand_in.repository).get_release("v1")
    asset = release.upload_asset_from_memory(BytesIO(b"content"), 7, "model.onnx", label="a label")
    assert (asset.state, asset.size, asset.label) == ("uploaded", 7, "a label")
    assert asset.raw_data["digest"] == f"sha256:{sha256(b'content').hexdigest()}"
    asset.update_asset("other.onnx", "another")
    assert list(stand_in.assets("v1")) == ["other.onnx"]
    asset.delete_asset()
    assert stand_in.assets("v1") == {}
    assert [sorted(name for name, _, _ in then) for then in stand_in.history("v1")] == [
        [],
        ["model.onnx"],
        ["other.onnx"],
        [],
    ]


def test_an_asset_is_downloaded_from_elsewhere_without_the_token(stand_in: StandIn) -> None:
    stand_in.add_release("v1", assets={"model.onnx": b"content"})
    repo, asset = Repo(stand_in), stand_in.assets("v1")["model.onnx"]
    assert repo(f"releases/assets/{asset.id}").json["name"] == "model.onnx"
    told = repo(f"releases/assets/{asset.id}", Accept="application/octet-stream")
    assert told.status == 302
    assert ask(told.headers["Location"]).content == b"content"
    assert stand_in.requests[-1].authorized is False


def test_a_token_that_is_sent_to_the_storage_of_contents_is_a_violation() -> None:
    with StandIn() as stand_in:
        stand_in.add_release("v1", assets={"model.onnx": b"content"})
        repo, asset = Repo(stand_in), stand_in.assets("v1")["model.onnx"]
        told = repo(f"releases/assets/{asset.id}", Accept="application/octet-stream")
        assert ask(told.headers["Location"], token=repo.token).status == 403
        assert "storage" in stand_in.violations[0]


def test_a_name_is_there_once_whether_uploaded_or_renamed_to(stand_in: StandIn) -> None:
    stand_in.add_release("v1", assets={"model.onnx": b"old"})
    other = upload(stand_in, "v1", "other.onnx")
    with pytest.raises(GithubException, match=r"422.*already_exists"):
        upload(stand_in, "v1", "model.onnx")
    with pytest.raises(GithubException, match=r"422.*already_exists"):
        other.update_asset("model.onnx")
    assert stand_in.assets("v1")["model.onnx"].content == b"old"


def test_what_an_upload_left_that_broke_off_holds_the_name_without_content(stand_in: StandIn) -> None:
    stand_in.add_release("v1")
    stand_in.add_asset("v1", "model.onnx", state="starter")
    (asset,) = repository(stand_in).get_release("v1").get_assets()
    assert (asset.state, asset.size, asset.raw_data["digest"]) == ("starter", 0, None)
    with pytest.raises(GithubException, match=r"422.*already_exists"):
        upload(stand_in, "v1", "model.onnx")
    asset.delete_asset()
    assert upload(stand_in, "v1", "model.onnx").state == "uploaded"


def test_a_release_has_at_most_so_many_assets(stand_in: StandIn) -> None:
    stand_in.add_release("v1", assets={"model.onnx": b"content"})
    stand_in.state.asset_limit = 1
    with pytest.raises(GithubException, match=r"422.*file_count limited to 1 assets"):
        upload(stand_in, "v1", "other.onnx")


def test_an_asset_has_content(stand_in: StandIn) -> None:
    stand_in.add_release("v1")
    release = Repo(stand_in)("releases/tags/v1").json
    told = ask(release["upload_url"].partition("{")[0] + "?name=x", "POST", b"", token=stand_in.token())
    assert told.status == 422


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("model.onnx", "model.onnx"),
        ("a_model-1.2+cpu.onnx", "a_model-1.2+cpu.onnx"),
        ("a model (1).onnx", "a.model.1.onnx"),
        ("tobwen-1.1.0-1~buster_amd64.deb", "tobwen-1.1.0-1.buster_amd64.deb"),
        (".config", "default.config"),
        ("model.", "model"),
        ("modèle.onnx", "modele.onnx"),
        ("a/b.onnx", "a.b.onnx"),
    ],
)
def test_names_of_assets_are_those_that_github_gives(name: str, given: str) -> None:
    assert normalised(name) == given


def test_a_draft_is_seen_by_those_who_may_write_and_has_no_tag(stand_in: StandIn) -> None:
    draft = stand_in.add_release("v2", draft=True)
    writer, reader = Repo(stand_in), Repo(stand_in, stand_in.token(read_only=True))
    assert [it["draft"] for it in writer("releases").json] == [True]
    assert reader("releases").json == []
    assert reader(f"releases/{draft.id}").status == 404
    assert writer("releases/tags/v2").status == 404
    assert writer("git/ref/tags/v2").status == 404
    assert upload(stand_in, "v2", "model.onnx").state == "uploaded"


def test_an_immutable_release_keeps_its_assets_as_they_are(stand_in: StandIn) -> None:
    stand_in.add_release("v1", immutable=True, assets={"model.onnx": b"content"})
    asset = stand_in.assets("v1")["model.onnx"]
    with pytest.raises(GithubException, match=r"422.*Cannot upload assets to an immutable release"):
        upload(stand_in, "v1", "other.onnx")
    repo = Repo(stand_in)
    assert repo(f"releases/assets/{asset.id}", "DELETE").status == 422
    assert repo(f"releases/assets/{asset.id}", "PATCH", {"name": "other.onnx"}).status == 422
    assert repo("releases/tags/v1").json["immutable"] is True


def test_a_draft_becomes_immutable_when_it_is_published_in_such_a_repository(stand_in: StandIn) -> None:
    stand_in.state.immutable_releases = True
    draft = stand_in.add_release("v1", draft=True)
    upload(stand_in, "v1", "model.onnx")
    assert Repo(stand_in)(f"releases/{draft.id}", "PATCH", {"draft": False}).json["immutable"] is True


def test_a_prerelease_is_not_the_latest(stand_in: StandIn) -> None:
    stand_in.add_release("v1")
    stand_in.add_release("v2-rc1", prerelease=True)
    assert repository(stand_in).get_latest_release().tag_name == "v1"


def test_a_tag_is_a_commit_or_an_object_that_names_one(stand_in: StandIn) -> None:
    stand_in.add_release("v1", sha="c" * 40)
    stand_in.add_release("v2", sha="d" * 40, annotated=True)
    repo = repository(stand_in)
    plain, annotated = repo.get_git_ref("tags/v1").object, repo.get_git_ref("tags/v2").object
    assert (plain.type, plain.sha) == ("commit", "c" * 40)
    assert annotated.type == "tag"
    assert repo.get_git_tag(annotated.sha).object.sha == "d" * 40
    assert repo.get_commit("v2").sha == "d" * 40
