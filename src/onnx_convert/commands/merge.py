"""`onnx-convert merge`: join the reports of shards into one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.commands.shared import add_out, show_report
from onnx_convert.scale.call import add_merge

if TYPE_CHECKING:
    import argparse

    from onnx_convert.commands.shared import Parsers


def add(commands: Parsers[argparse.ArgumentParser]) -> None:
    """The command `merge`."""
    parser = commands.add_parser("merge", help="join the reports of shards into one")
    add_merge(parser)
    add_out(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    from onnx_convert.scale.merge import merge_into

    merged = merge_into(options.folders, options.out)
    return merged if isinstance(merged, int) else show_report(merged, options.out)
