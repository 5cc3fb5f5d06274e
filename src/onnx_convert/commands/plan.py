"""`onnx-convert plan`: print a GitHub matrix of shards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.commands.shared import USAGE, add_spec, cache_folder, load_spec, say
from onnx_convert.scale.call import add_plan

if TYPE_CHECKING:
    import argparse

    from onnx_convert.commands.shared import Parsers


def add(commands: Parsers[argparse.ArgumentParser]) -> None:
    """The command `plan`."""
    parser = commands.add_parser("plan", help="print a GitHub matrix of shards, balanced by past durations, as JSON")
    add_spec(parser)
    add_plan(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    from onnx_convert.plan import UnknownModelError, make_plan
    from onnx_convert.scale.plan import print_plan

    loaded = load_spec(options.spec)
    if loaded is None:
        return USAGE
    try:
        rows = make_plan(loaded, only=options.model)
    except UnknownModelError as error:
        say(f"error: {error}")
        return USAGE
    return print_plan(loaded, rows, (options.shards, options.gpu_shards), options.durations, cache_folder(options))
