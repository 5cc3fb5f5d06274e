"""`onnx-convert env`: the environments of frameworks and runtimes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from onnx_convert.commands.shared import AROUND, OK, USAGE, add_cache, cache_folder, say

if TYPE_CHECKING:
    import argparse

    from onnx_convert.commands.shared import Parsers


def add(commands: Parsers[argparse.ArgumentParser]) -> None:
    """The command `env`."""
    parser = commands.add_parser("env", help="the environments of frameworks and runtimes")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="the environments that are built, with versions and sizes")
    made = actions.add_parser("build", help="build environments now rather than on first use")
    made.add_argument("name", nargs="+", metavar="NAME", help="a framework, or `openvino`")
    for action in (listed, made):
        add_cache(action)
    listed.set_defaults(command=show)
    made.set_defaults(command=build)


def show(options: argparse.Namespace) -> int:
    """List the environments that are built."""
    from rich.console import Console
    from rich.table import Table

    from onnx_convert.environments import Environments

    table = Table("environment", "python", "versions", "size", "path", box=None, pad_edge=False)
    for one in Environments(cache_folder(options), environ=os.environ, say=say).installed():
        versions = "\n".join(f"{name} {version}" for name, version in one.versions.items())
        table.add_row(one.name, one.python, versions, f"{one.size / 1e6:.0f} MB", str(one.path))
    if not table.row_count:
        say("no environment is built yet; one is when it is first needed, or by: onnx-convert env build NAME")
    Console(soft_wrap=not sys.stdout.isatty()).print(table)
    return OK


def build(options: argparse.Namespace) -> int:
    """Build environments now."""
    from onnx_convert.environments import EnvironmentFailed, Environments, names

    environments = Environments(cache_folder(options), environ=os.environ, say=say)
    for name in options.name:
        if name not in names():
            say(f"error: there is no environment {name!r}; there are {', '.join(names())}")
            return USAGE
    for name in options.name:
        try:
            print(environments.get(name).python)
        except EnvironmentFailed as failed:
            say(f"error[{failed.diagnostic.code}]: {failed.diagnostic.message}\n  help: {failed.diagnostic.hint}")
            return AROUND
    return OK
