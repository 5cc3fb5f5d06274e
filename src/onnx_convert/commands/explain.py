"""`onnx-convert explain`: cause and remedies of a diagnostic."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from onnx_convert.commands.shared import OK, USAGE, say

if TYPE_CHECKING:
    import argparse

    from onnx_convert.commands.shared import Parsers


def add(commands: Parsers[argparse.ArgumentParser]) -> None:
    """The command `explain`."""
    parser = commands.add_parser("explain", help="cause and remedies of a diagnostic")
    parser.add_argument("code", nargs="?", metavar="CODE", help="such as OCA501; without it, every code is listed")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    from rich.console import Console

    from onnx_convert.diagnostics import entries
    from onnx_convert.diagnostics.page import explain

    known = entries()
    if options.code is None:
        for code, entry in known.items():
            print(f"{code}  {entry.title}")
        return OK
    found = known.get(options.code.upper())
    if found is None:
        close = difflib.get_close_matches(options.code.upper(), known, n=3, cutoff=0.5)
        say(f"error: there is no diagnostic {options.code!r}; close ones: {', '.join(close) or 'none'}")
        return USAGE
    Console().print(explain(found))
    return OK
