"""`onnx-convert comment`: post a report as the comment on a pull request on GitHub."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.commands.shared import positive
from onnx_convert.commands.where import add_where

if TYPE_CHECKING:
    import argparse

    from onnx_convert.commands.shared import Parsers


def add(commands: Parsers[argparse.ArgumentParser]) -> None:
    """The command `comment`."""
    parser = commands.add_parser("comment", help="post a report as the comment on a pull request on GitHub")
    parser.add_argument("report", type=Path, metavar="REPORT", help="report.json, or its folder")
    parser.add_argument("--pull", type=positive, default=None, metavar="N", help="the pull request (the event's)")
    parser.add_argument(
        "--comment", default="always", choices=("always", "changes", "failures", "never"), help="when (%(default)s)"
    )
    parser.add_argument("--check-name", default="onnx-convert", metavar="NAME", help="one comment a name (%(default)s)")
    parser.set_defaults(command=run)
    add_where(parser)


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    from onnx_convert.github.comment_command import post_report

    return post_report(options, os.environ)
