"""What a step does: a pure function of the mode, the event and whether it is one leg of a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from entrypoint.inputs import Inputs, Mode

Task = Literal["run", "plan", "merge", "comment", "relay", "publish", "nothing"]
"""`comment` posts the report of the output folder, `relay` that of the run that a `workflow_run` event is about."""

PULLS = frozenset({"pull_request", "pull_request_target"})


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, and what of it GitHub gets. `why` says, where that is little, why."""

    task: Task
    comment: bool = False
    check: bool = False
    publish: bool = False
    why: str = ""


def decide(inputs: Inputs, event: str, triggered_by: str = "") -> Decision:
    """What a step does on an event; `triggered_by` is the event of the run that a `workflow_run` is about."""
    mode: Mode = inputs.mode
    if mode == "auto":
        mode = "comment" if event == "workflow_run" and not inputs.shard else "run"
    if mode == "comment":
        return _comment(inputs, event, triggered_by)
    if mode == "publish":
        return Decision("publish", publish=True)
    if mode == "plan":
        return Decision("plan")
    if inputs.shard:
        return Decision("run", why="a leg posts nothing: `mode: merge` does, for all legs")
    return Decision(
        mode,
        comment=event in PULLS and inputs.comment != "never",
        # On `workflow_run` and `release` nobody looks at the checks of the commit that the job is about.
        check=bool(inputs.check_name) and event not in {"workflow_run", "release"},
        publish=inputs.mode == "auto" and event == "release",
    )


def _comment(inputs: Inputs, event: str, triggered_by: str) -> Decision:
    if inputs.comment == "never":
        return Decision("nothing", why="`comment: never` asks for no comment")
    if event in PULLS:
        return Decision("comment", comment=True)
    if event != "workflow_run":
        return Decision("nothing", why=f"the event `{event}` is about no pull request, so there is none to comment on")
    if triggered_by not in PULLS:
        return Decision("nothing", why=f"the run before was started by `{triggered_by}` and not by a pull request")
    return Decision("relay", comment=True)
