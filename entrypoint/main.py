"""Start one run as the container's process 1 and hand its results to GitHub, whatever happened to it."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from entrypoint.call import CallError, call
from entrypoint.child import run
from entrypoint.exposure import closed, sensitive
from entrypoint.ownership import hand_back
from entrypoint.planted import refuse_planted
from entrypoint.publish import publish, report_of, stamp, write_outputs
from onnx_convert.github.commands import escape_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

USAGE = 2


def main(environ: Mapping[str, str], tool: tuple[str, ...]) -> int:
    """Do what the inputs ask for; `tool` is the command line of `onnx-convert`. Returns the step's exit code."""
    try:
        request = call(environ)
        refuse_planted(request)
    except CallError as error:
        _say("error", f"{error}\n{error.hint}")
        with _or_warn("the outputs could not be set"):
            write_outputs(environ, {"conclusion": "failure"})
        return USAGE
    before = stamp(request.out / "report.json")
    with closed(sensitive(environ)) as exposed:
        for path in exposed:
            _say("warning", f"{path} can be written by any user of this runner, model code included")
        code = run((*tool, *request.arguments), environ=request.environ, folder=request.workspace)
    with _or_warn("the results could not be handed to GitHub"):
        publish(request, report_of(request, before), environ)
    with _or_warn("some files still belong to root"):
        hand_back((request.out, request.cache), request.workspace)
    return code


@contextmanager
def _or_warn(what: str) -> Iterator[None]:
    """What follows a run never changes its exit code."""
    try:
        yield
    except Exception as error:  # also a mistake of ours: the verdict has been given, and is the step's
        _say("warning", f"{what}: {error}")


def _say(level: str, message: str) -> None:
    print(f"::{level} title=onnx-convert-action::{escape_data(message)}", flush=True)


if __name__ == "__main__":
    sys.exit(main(os.environ, (str(Path(sys.executable).with_name("onnx-convert")),)))
