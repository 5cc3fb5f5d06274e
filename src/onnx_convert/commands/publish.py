"""`onnx-convert publish`: upload the models of a report to a release on GitHub."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.commands.where import add_where

if TYPE_CHECKING:
    import argparse

    from onnx_convert.commands.shared import Parsers


def add(commands: Parsers[argparse.ArgumentParser]) -> None:
    """The command `publish`."""
    parser = commands.add_parser("publish", help="upload the models of a report to a release on GitHub")
    parser.add_argument("report", type=Path, metavar="REPORT", help="report.json in its output folder, or the folder")
    parser.add_argument("--release", required=True, metavar="TAG", help="the tag of a release or draft that is there")
    parser.add_argument("--publish-failed", action="store_true", help="even if the report is no success")
    parser.add_argument("--other-commit", action="store_true", help="even if the tag is not the models' commit")
    parser.set_defaults(command=run)
    add_where(parser)


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    from onnx_convert.github.publish_command import publish_report

    return publish_report(options, os.environ)
