"""`onnx-convert publish REPORT --release TAG`: what the action does on a release, on its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from onnx_convert.github.client import connect
from onnx_convert.github.commands import neutralise
from onnx_convert.github.context import ContextError, context_of
from onnx_convert.github.patience import Patience
from onnx_convert.github.refusal import RefusedError
from onnx_convert.github.release import publish
from onnx_convert.report.text import one_line
from onnx_convert.report.write import ReportError, read

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path

OK, FAILED, USAGE, AROUND = 0, 1, 2, 3
_CODES = {"OCA731": FAILED, "OCA740": USAGE, "OCA741": USAGE}
"""What is not GitHub's refusal: a report that failed, and a call that is wrong."""


def run(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """The exit code: 0 published, 1 the report failed and was not, 2 the call is wrong, 3 it was refused."""
    path: Path = options.report / "report.json" if options.report.is_dir() else options.report
    repository = options.repository or environ.get("GITHUB_REPOSITORY", "")
    token = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") or ""
    try:
        report = read(path)
        facts = {**environ, "GITHUB_REPOSITORY": repository}
        github = connect(context_of(facts, {}, token=token, api_url=options.github_api_url), Patience())
    except (ReportError, ContextError) as error:
        _say(f"error: {error}")
        return USAGE
    except RefusedError as refused:
        _show(refused)
        return USAGE
    try:
        done = publish(
            github,
            path.parent,
            report,
            options.release,
            even_if_failed=options.publish_failed,
            other_commit=options.other_commit,
            say=_say,
        )
    except RefusedError as refused:
        _show(refused)
        return _CODES.get(refused.diagnostic.code, AROUND)
    for name, action in done.assets.items():
        print(f"{action:9} {name}")
    print(done.url)
    return OK


def _show(refused: RefusedError) -> None:
    found = refused.diagnostic
    _say(f"error[{found.code}]: {found.message}")
    _say(f"help: {found.hint}")


def _say(text: str) -> None:
    print(neutralise(one_line(text, 1_000)), file=sys.stderr, flush=True)
