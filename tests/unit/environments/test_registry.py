"""Finding environments, and knowing what one would be without building it."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from onnx_convert.environments import Environments, default_root
from onnx_convert.environments.build import Recipe, exclusive, stamp_of, write_stamp


@pytest.fixture
def environments(tmp_path: Path) -> Environments:
    return Environments(tmp_path / "cache", environ={}, say=lambda _: None, prebuilt=(tmp_path / "image",))


def test_a_digest_is_the_same_each_time_and_differs_between_frameworks(environments: Environments) -> None:
    assert environments.digest("onnx") == environments.digest("onnx")
    assert environments.digest("onnx") != environments.digest("sklearn")


def test_a_digest_follows_the_requirements_and_what_they_include(environments: Environments, tmp_path: Path) -> None:
    main, included = tmp_path / "requirements.txt", tmp_path / "more.txt"
    main.write_text("-r more.txt\n")
    included.write_text("einops\n")
    first = environments.digest("onnx", main)
    included.write_text("einops==0.8\n")
    assert len({environments.digest("onnx"), first, environments.digest("onnx", main)}) == 3


def test_requirements_that_include_themselves_end(environments: Environments, tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("-r requirements.txt\n")
    assert len(environments.digest("onnx", path)) == 64


def test_a_digest_builds_nothing(environments: Environments, tmp_path: Path) -> None:
    environments.digest("onnx")
    assert list(tmp_path.iterdir()) == []


def stamped(folder: Path, name: str, digest: str) -> None:
    folder.mkdir(parents=True)
    info = folder / "lib" / "numpy-2.4.6.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 2.4.6\n")
    write_stamp(folder, Recipe(name, digest, "", Path("/usr/bin/python3"), "3.11"), folder / "lib")


def test_an_environment_is_known_to_be_there_without_building_it(environments: Environments, tmp_path: Path) -> None:
    assert not environments.has("onnx-gpu")
    digest = environments.digest("onnx-gpu")
    stamped(tmp_path / "image" / "environments" / f"onnx-gpu-{digest[:16]}", "onnx-gpu", digest)
    assert environments.has("onnx-gpu")


def test_a_prebuilt_environment_is_found_before_one_is_built(environments: Environments, tmp_path: Path) -> None:
    digest = environments.digest("onnx")
    folder = tmp_path / "image" / "environments" / f"onnx-{digest[:16]}"
    stamped(folder, "onnx", digest)
    environment = environments.get("onnx")
    assert environment.python == folder / "bin" / "python"
    assert environment.digest == digest
    assert environment.layers == ()
    assert "onnxruntime" in environment.preload
    assert not (tmp_path / "cache").exists()


def test_what_is_installed_is_listed_with_versions_and_size(environments: Environments, tmp_path: Path) -> None:
    stamped(tmp_path / "cache" / "environments" / "onnx-1", "onnx", "1")
    (tmp_path / "cache" / "environments" / "onnx-2").mkdir()
    (found,) = environments.installed()
    assert (found.name, found.digest, found.python, found.versions) == ("onnx", "1", "3.11", {"numpy": "2.4.6"})
    assert found.size > 0


def test_versions_are_those_of_the_environment_that_would_be_used(environments: Environments, tmp_path: Path) -> None:
    assert environments.versions("onnx") == {}
    digest = environments.digest("onnx")
    stamped(tmp_path / "cache" / "environments" / "onnx-0123456789abcdef", "onnx", "another")
    stamped(tmp_path / "cache" / "environments" / f"onnx-{digest[:16]}", "onnx", digest)
    assert environments.versions("onnx") == {"numpy": "2.4.6"}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"name": "onnx"}', '{"name": "gone", "versions": {}}'])
def test_a_damaged_stamp_is_not_an_environment(environments: Environments, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "cache" / "environments" / "onnx-1"
    folder.mkdir(parents=True)
    (folder / "complete.json").write_text(text)
    assert environments.installed() == ()


def test_a_stamp_is_whole_and_readable_by_everybody(tmp_path: Path) -> None:
    stamped(tmp_path / "x", "onnx", "1")
    assert stamp_of(tmp_path / "x") == json.loads((tmp_path / "x" / "complete.json").read_text())
    assert (tmp_path / "x" / "complete.json").stat().st_mode & 0o777 == 0o644
    assert stamp_of(tmp_path) is None


def test_one_builds_while_the_others_wait_and_say_so(tmp_path: Path) -> None:
    inside, most, said = 0, 0, []

    def build() -> None:
        nonlocal inside, most
        with exclusive(tmp_path / "locks" / "onnx.lock", said.append):
            inside += 1
            most = max(most, inside)
            threading.Event().wait(0.05)
            inside -= 1

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert said.count("waiting for another process that builds onnx") == len(said) > 0


def test_the_root_is_where_the_user_says_or_in_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_root({"ONNX_CONVERT_CACHE": "/x/y", "HOME": "/home/me"}) == Path("/x/y")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert default_root({"HOME": "/home/me"}) == Path("/home/me/.cache/onnx-convert")
    assert default_root({"HOME": "/home/me", "XDG_CACHE_HOME": "/c"}) == Path("/c/onnx-convert")
