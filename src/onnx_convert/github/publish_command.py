"""`onnx-convert publish REPORT --release TAG`: what the action does on a release, on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.github.command import AROUND, OK, USAGE, begin, report_path, say, show
from onnx_convert.github.refusal import RefusedError
from onnx_convert.github.release import publish

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

FAILED = 1
_CODES = {"OCA731": FAILED, "OCA740": USAGE, "OCA741": USAGE}
"""What is not GitHub's refusal: a report that failed, and a call that is wrong."""


def publish_report(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """The exit code: 0 published, 1 the report failed and was not, 2 the call is wrong, 3 it was refused."""
    begun = begin(options, environ, {})
    if begun is None:
        return USAGE
    report, github = begun
    try:
        done = publish(
            github,
            report_path(options.report).parent,
            report,
            options.release,
            even_if_failed=options.publish_failed,
            other_commit=options.other_commit,
            say=say,
        )
    except RefusedError as refused:
        show(refused)
        return _CODES.get(refused.diagnostic.code, AROUND)
    for warning in done.warnings:
        say(f"warning: {warning}")
    for name, action in done.assets.items():
        print(f"{action:9} {name}")
    print(done.url)
    return OK
