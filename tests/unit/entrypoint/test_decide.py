"""What a step does, as a table: a line for each mode, event and role."""

from __future__ import annotations

import pytest

from entrypoint.decide import decide
from entrypoint.inputs import inputs_of, variable

EVENTS = (
    *("pull_request", "pull_request_target", "push", "merge_group", "schedule", "workflow_dispatch"),
    *("release", "workflow_run", ""),
)

TABLE = """
mode     event                does
auto     pull_request         run comment check
auto     pull_request_target  run comment check
auto     push                 run check
auto     merge_group          run check
auto     schedule             run check
auto     workflow_dispatch    run check
auto                          run check
auto     release              run publish
auto     workflow_run         relay comment
run      pull_request         run comment check
run      pull_request_target  run comment check
run      push                 run check
run      merge_group          run check
run      schedule             run check
run      workflow_dispatch    run check
run                           run check
run      release              run
run      workflow_run         run
merge    pull_request         merge comment check
merge    pull_request_target  merge comment check
merge    push                 merge check
merge    merge_group          merge check
merge    schedule             merge check
merge    workflow_dispatch    merge check
merge                         merge check
merge    release              merge
merge    workflow_run         merge
plan     pull_request         plan
plan     pull_request_target  plan
plan     push                 plan
plan     merge_group          plan
plan     schedule             plan
plan     workflow_dispatch    plan
plan                          plan
plan     release              plan
plan     workflow_run         plan
comment  pull_request         comment comment
comment  pull_request_target  comment comment
comment  push                 nothing
comment  merge_group          nothing
comment  schedule             nothing
comment  workflow_dispatch    nothing
comment                       nothing
comment  release              nothing
comment  workflow_run         relay comment
publish  pull_request         publish publish
publish  pull_request_target  publish publish
publish  push                 publish publish
publish  merge_group          publish publish
publish  schedule             publish publish
publish  workflow_dispatch    publish publish
publish                       publish publish
publish  release              publish publish
publish  workflow_run         publish publish
"""


def lines() -> list[tuple[str, str, str]]:
    _, *rows = TABLE.strip().splitlines()
    return [(row[:9].strip(), row[9:30].strip(), row[30:].strip()) for row in rows]


def decided(mode: str, event: str, triggered_by: str = "pull_request", **inputs: str) -> str:
    named = {variable(name.replace("_", "-")): value for name, value in {"mode": mode, **inputs}.items()}
    found = decide(inputs_of(named), event, triggered_by)
    return " ".join([found.task, *(name for name in ("comment", "check", "publish") if getattr(found, name))])


@pytest.mark.parametrize(("mode", "event", "does"), lines())
def test_mode_and_event_decide(mode: str, event: str, does: str) -> None:
    assert decided(mode, event) == does


def test_the_table_is_whole() -> None:
    assert len({row[:2] for row in lines()}) == len(lines()) == 6 * len(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("mode", ["auto", "run"])
def test_a_leg_runs_and_posts_nothing(mode: str, event: str) -> None:
    assert decided(mode, event, shard="2/8") == "run"


@pytest.mark.parametrize("mode", ["auto", "run", "merge"])
def test_without_a_check_name_there_is_no_check(mode: str) -> None:
    assert decided(mode, "pull_request", check_name="").split()[1:] == ["comment"]


@pytest.mark.parametrize("mode", ["auto", "run", "merge"])
def test_where_no_comment_is_wanted_there_is_none(mode: str) -> None:
    assert decided(mode, "pull_request", comment="never").split()[1:] == ["check"]


@pytest.mark.parametrize("event", EVENTS)
def test_a_comment_that_is_not_wanted_is_nothing_to_do(event: str) -> None:
    assert decided("comment", event, comment="never") == "nothing"


@pytest.mark.parametrize("triggered_by", ["push", "schedule", "workflow_dispatch", "release", ""])
@pytest.mark.parametrize("mode", ["auto", "comment"])
def test_a_run_that_no_pull_request_started_has_none_to_comment_on(mode: str, triggered_by: str) -> None:
    assert decided(mode, "workflow_run", triggered_by) == "nothing"


def test_who_does_nothing_says_why() -> None:
    for event in ("push", "workflow_run"):
        assert decide(inputs_of({"INPUT_MODE": "comment"}), event).why
