"""Start one step as the container's process 1: read the token once, decide, do it, and hand its results to GitHub."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from entrypoint import tasks
from entrypoint.call import call
from entrypoint.cancel import Cancellation
from entrypoint.decide import decide
from entrypoint.event import triggered_by
from entrypoint.inputs import CallError, inputs_of
from entrypoint.planted import refuse_planted
from entrypoint.results import say, write_outputs
from entrypoint.secret import close_memory, take_token
from onnx_convert.github.context import ContextError, context_of
from onnx_convert.github.event import event_of

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from pydantic import SecretStr

    from entrypoint.decide import Decision
    from entrypoint.inputs import Inputs
    from onnx_convert.github.context import Context

TASKS = {
    "run": tasks.convert,
    "merge": tasks.convert,
    "plan": tasks.plan,
    "comment": tasks.comment,
    "relay": tasks.relay,
    "publish": tasks.publish,
    "nothing": tasks.nothing,
}
_HINT = "run this mode in a workflow of the repository"


def main(environ: MutableMapping[str, str], tool: tuple[str, ...]) -> int:
    """Do what the inputs ask for; `tool` is the command line of `onnx-convert`. Returns the step's exit code."""
    token = take_token(environ)
    try:
        with Cancellation() as cancellation:
            step = _step(environ, tool, token, cancellation)
            return TASKS[step.decision.task](step)
    except CallError as error:
        say("error", f"{error}\n{error.hint}")
        with tasks.or_warn("the outputs could not be set"):
            write_outputs(environ, {"conclusion": "failure"})
        return tasks.USAGE


def _step(
    environ: MutableMapping[str, str], tool: tuple[str, ...], token: SecretStr, cancellation: Cancellation
) -> tasks.Step:
    inputs, event = inputs_of(environ), event_of(environ)
    decision = decide(inputs, environ.get("GITHUB_EVENT_NAME", ""), triggered_by(event))
    request = call(environ, inputs, decision.task)
    refuse_planted(request)
    return tasks.Step(
        environ=environ,
        tool=tool,
        inputs=inputs,
        decision=decision,
        call=request,
        context=_context(environ, event, token, inputs, decision),
        cancellation=cancellation,
    )


def _context(
    environ: MutableMapping[str, str], event: dict[str, Any], token: SecretStr, inputs: Inputs, decision: Decision
) -> Context | None:
    """Whom to speak to; None where a run has nobody to speak to. Raises CallError where that is all there is to do."""
    if not (decision.comment or decision.check or decision.publish):
        return None
    asked = decision.task in {"comment", "relay", "publish"}
    if not token.get_secret_value() and not asked:
        return None
    try:
        context = context_of(environ, event, token=token.get_secret_value(), api_url=inputs.api_url)
    except ContextError as error:
        if not asked:
            return None
        raise CallError(str(error), _HINT) from None
    about = {"comment": context.pull, "relay": context.trigger}
    if about.get(decision.task, context) is None:
        raise CallError("the file of the event does not say what it is about", _HINT)
    return context


if __name__ == "__main__":
    close_memory()
    sys.exit(main(os.environ, (str(Path(sys.executable).with_name("onnx-convert")),)))
