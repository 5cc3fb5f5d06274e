"""Inputs to a command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoint.call import HOME, Call
from entrypoint.call import call as call_of
from entrypoint.inputs import CallError, inputs_of

if TYPE_CHECKING:
    from entrypoint.decide import Task


def environ(workspace: Path, **inputs: str) -> dict[str, str]:
    given_inputs = {f"INPUT_{name.replace('_', '-').upper()}": value for name, value in inputs.items()}
    return {"GITHUB_WORKSPACE": str(workspace), "PATH": "/usr/bin", **given_inputs}


def call(job: dict[str, str], task: Task = "run") -> Call:
    return call_of(job, inputs_of(job), task)


def test_without_inputs_the_defaults_of_the_action_are_run(tmp_path: Path) -> None:
    assert call(environ(tmp_path)).arguments == (
        "run",
        f"--out={tmp_path}/onnx-convert-out",
        f"--cache-dir={tmp_path}/.cache/onnx-convert",
        "--baseline=none",
        "--",
        "onnx-convert.toml",
    )


def test_models_are_separated_by_spaces_commas_and_lines(tmp_path: Path) -> None:
    arguments = call(environ(tmp_path, models=" a, b\nc\td,,")).arguments
    assert [one for one in arguments if one.startswith("--model")] == [f"--model={name}" for name in "abcd"]


def test_a_spec_or_a_model_that_starts_with_a_dash_is_no_option(tmp_path: Path) -> None:
    arguments = call(environ(tmp_path, spec="--out=x.toml", models="--no-cache")).arguments
    assert "--model=--no-cache" in arguments
    assert arguments[-2:] == ("--", "--out=x.toml")


def test_folders_are_taken_below_the_workspace(tmp_path: Path) -> None:
    made = call(environ(tmp_path, spec="a/b.toml", output_dir="out/x", cache_dir="c"))
    assert (made.spec, made.out, made.cache) == (tmp_path / "a/b.toml", tmp_path / "out/x", tmp_path / "c")


def test_an_absolute_path_in_the_workspace_is_the_same_as_a_relative_one(tmp_path: Path) -> None:
    assert call(environ(tmp_path, spec=str(tmp_path / "a.toml"))) == call(environ(tmp_path, spec="a.toml"))


@pytest.mark.parametrize("name", ["spec", "output_dir", "cache_dir", "shards_dir"])
@pytest.mark.parametrize("path", ["..", "../x", "/etc/x", "a/../../x", ".", ".git/x", "link/x"])
def test_a_path_outside_the_workspace_is_refused(tmp_path: Path, name: str, path: str) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "link").symlink_to(tmp_path)
    with pytest.raises(CallError, match=f"^{name.replace('_', '-')}: `{path}` is") as caught:
        call(environ(workspace, **{name: path}))
    assert caught.value.hint


def test_git_trusts_the_checkout_that_holds_the_spec_wherever_it_is_in_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "checkout/.git").mkdir(parents=True)
    made = call(environ(tmp_path, spec="checkout/models/spec.toml"))
    assert made.repository == tmp_path / "checkout"
    assert made.environ["GIT_CONFIG_VALUE_0"] == str(tmp_path / "checkout")
    assert call(environ(tmp_path, spec="spec.toml")).repository == tmp_path


def test_a_workspace_that_is_a_symlink_is_its_target(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert call(environ(tmp_path / "link")).out == tmp_path / "real/onnx-convert-out"


def test_a_leg_runs_its_models_on_its_providers_and_says_which_it_is(tmp_path: Path) -> None:
    job = environ(tmp_path, models="a b", providers="cuda, tensorrt", shard="9/9")
    chosen = ("--model=a", "--model=b", "--provider=cuda", "--provider=tensorrt", "--shard=9/9")
    assert call(job).arguments[3:8] == chosen


def test_a_plan_is_made_of_the_spec_and_of_what_the_cache_knows(tmp_path: Path) -> None:
    assert call(environ(tmp_path, mode="plan", models="a", shards="8", gpu_shards="1"), "plan").arguments == (
        "plan",
        "--model=a",
        "--shards=8",
        "--gpu-shards=1",
        f"--cache-dir={tmp_path}/.cache/onnx-convert",
        "--",
        "onnx-convert.toml",
    )


def test_a_plan_goes_by_the_durations_of_an_earlier_report_in_the_output_folder(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    planned = call(environ(tmp_path, mode="plan", shards="8", output_dir="out"), "plan").arguments
    assert "--durations" not in " ".join(planned)
    (tmp_path / "out/report.json").write_text("{}")
    planned = call(environ(tmp_path, mode="plan", shards="8", output_dir="out"), "plan").arguments
    assert f"--durations={tmp_path}/out" in planned[: planned.index("--")]


def test_a_plan_needs_to_know_over_how_many_legs(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"^shards: ") as caught:
        call(environ(tmp_path, mode="plan"), "plan")
    assert caught.value.hint == "write `shards: 4`, for example"


def test_the_legs_are_joined_from_the_folder_that_holds_theirs(tmp_path: Path) -> None:
    arguments = call(environ(tmp_path, mode="merge", shards_dir="legs"), "merge").arguments
    assert arguments == ("merge", f"--out={tmp_path}/onnx-convert-out", "--", f"{tmp_path}/legs")


@pytest.mark.parametrize("task", ["comment", "relay", "publish", "nothing"])
def test_what_only_speaks_to_github_calls_nothing(tmp_path: Path, task: Task) -> None:
    assert call(environ(tmp_path), task).arguments == ()


SECRETS = {
    "GITHUB_TOKEN": "t1",
    "INPUT_TOKEN": "t2",
    "ACTIONS_RUNTIME_TOKEN": "t3",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t4",
    "ACTIONS_CACHE_URL": "t5",
    "MY_API_KEY": "t6",
    "GITHUB_ENV": "t7",
    "GITHUB_OUTPUT": "t8",
    "GITHUB_PATH": "t9",
    "GITHUB_STEP_SUMMARY": "t10",
    "LD_PRELOAD": "t11",
    "PYTHONPATH": "t12",
    "PYTHONSTARTUP": "t13",
}


def test_no_token_and_no_command_file_reaches_the_run(tmp_path: Path) -> None:
    kept = call(environ(tmp_path) | SECRETS).environ
    assert not kept.keys() & SECRETS.keys()
    assert not set(kept.values()) & set(SECRETS.values())


@given(st.dictionaries(st.from_regex(r"\A(INPUT|ACTIONS|GITHUB)_[A-Z_]*(TOKEN|SECRET|KEY)\Z"), st.just("secret")))
def test_nothing_named_like_a_token_reaches_the_run(names: dict[str, str]) -> None:
    assert "secret" not in call({"GITHUB_WORKSPACE": "/w"} | names).environ.values()


def test_the_run_knows_the_job_and_how_to_reach_registries(tmp_path: Path) -> None:
    job = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_SHA": "a1", "HTTPS_PROXY": "p", "PIP_INDEX_URL": "i"}
    assert call(environ(tmp_path) | job).environ.items() >= job.items()


def test_what_the_run_leaves_at_home_stays_in_the_container(tmp_path: Path) -> None:
    assert call(environ(tmp_path) | {"HOME": "/github/home"}).environ["HOME"] == HOME


def test_git_trusts_this_workspace_in_this_run_and_nothing_else(tmp_path: Path) -> None:
    kept = call(environ(tmp_path) | {"GIT_CONFIG_COUNT": "9", "GIT_CONFIG_KEY_0": "core.pager"}).environ
    assert {name: value for name, value in kept.items() if name.startswith("GIT_")} == {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": str(tmp_path),
    }


@pytest.mark.parametrize("asked", ["none", "main", "v1.2", "--out", "an earlier folder"])
def test_a_baseline_is_passed_on_as_one_argument(tmp_path: Path, asked: str) -> None:
    assert f"--baseline={asked}" in call(environ(tmp_path, baseline=asked)).arguments


def test_auto_is_the_base_commit_of_the_event(tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": {"base": {"sha": "a" * 40, "ref": "main"}}}))
    job = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
    for asked in ("", "auto"):
        assert f"--baseline={'a' * 40}" in call(environ(tmp_path, baseline=asked) | job).arguments
    assert "--baseline=none" in call(environ(tmp_path, baseline="none") | job).arguments
