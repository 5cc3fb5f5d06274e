"""`onnx-convert comment REPORT`: what the action does on a pull request, on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.github.command import AROUND, OK, USAGE, begin, say, show
from onnx_convert.github.comment import post
from onnx_convert.github.event import event_of
from onnx_convert.github.refusal import RefusedError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


def post_report(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """The exit code: 0 posted or not wanted, 2 the call is wrong, 3 GitHub refused."""
    elsewhere = options.repository and options.repository != environ.get("GITHUB_REPOSITORY")
    begun = begin(options, environ, {} if elsewhere else event_of(environ))
    if begun is None:
        return USAGE
    report, github = begun
    pull = github.context.pull
    number = options.pull or (pull.number if pull else None)
    if number is None:
        say("error: no pull request: name it with --pull N; outside of its own workflow no event does")
        return USAGE
    try:
        done = post(github, number, report, mode=options.comment, check_name=options.check_name)
    except RefusedError as refused:
        show(refused)
        return AROUND
    print(" ".join(filter(None, (done.action, done.url))))
    return OK
