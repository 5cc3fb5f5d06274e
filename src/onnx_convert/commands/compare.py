"""`onnx-convert compare`: two ONNX files, or two output folders."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from onnx_convert.commands.shared import add_cache, cache_folder
from onnx_convert.compare.call import Call, add_arguments

if TYPE_CHECKING:
    import argparse

    from onnx_convert.commands.shared import Parsers


def add(commands: Parsers[argparse.ArgumentParser]) -> None:
    """The command `compare`."""
    parser = commands.add_parser("compare", help="parity and paired latency of two ONNX files, or two output folders")
    add_arguments(parser)
    add_cache(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    from rich.console import Console

    from onnx_convert.compare.command import compare_files

    return compare_files(Call.of(options), cache_folder(options), os.environ, Console(highlight=False))
