"""What the commands that speak to GitHub share: the report they are given, whom they speak to, and what they say."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from onnx_convert.github.client import connect
from onnx_convert.github.commands import neutralise
from onnx_convert.github.context import ContextError, context_of
from onnx_convert.github.patience import Patience
from onnx_convert.github.refusal import RefusedError
from onnx_convert.report.text import one_line
from onnx_convert.report.write import ReportError, read

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path

    from onnx_convert.github.client import GitHub
    from onnx_convert.report.model import Report

OK, USAGE, AROUND = 0, 2, 3


def report_path(given: Path) -> Path:
    """The report's file, given as that or as its folder."""
    return given / "report.json" if given.is_dir() else given


def begin(
    options: argparse.Namespace, environ: Mapping[str, str], event: Mapping[str, Any]
) -> tuple[Report, GitHub] | None:
    """The report of a call, and whom to speak to; None after people were told what is wrong with the call."""
    try:
        return read(report_path(options.report)), _speaker(options, environ, event)
    except (ReportError, ContextError) as error:
        say(f"error: {error}")
    except RefusedError as refused:
        show(refused)
    return None


def _speaker(options: argparse.Namespace, environ: Mapping[str, str], event: Mapping[str, Any]) -> GitHub:
    """Someone who speaks to the repository of the call, or to that of the job. Raises ContextError, RefusedError."""
    repository = options.repository or environ.get("GITHUB_REPOSITORY", "")
    if not repository:
        raise ContextError("no repository is named: give --repository OWNER/NAME")
    token = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") or ""
    facts = {**environ, "GITHUB_REPOSITORY": repository}
    return connect(context_of(facts, event, token=token, api_url=options.github_api_url), Patience())


def show(refused: RefusedError) -> None:
    """Tell people what was refused, and what to do."""
    found = refused.diagnostic
    say(f"error[{found.code}]: {found.message}")
    say(f"help: {found.hint}")


def say(text: str) -> None:
    """Tell people something, in one line that is no workflow command."""
    print(neutralise(one_line(text, 1_000)), file=sys.stderr, flush=True)
