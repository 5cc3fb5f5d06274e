"""`onnx-convert init`: write a first spec from the models found in a repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.commands.shared import DEFAULT_SPEC, OK, USAGE, say

if TYPE_CHECKING:
    import argparse

    from onnx_convert.commands.shared import Parsers


def add(commands: Parsers[argparse.ArgumentParser]) -> None:
    """The command `init`."""
    parser = commands.add_parser("init", help="write a first spec from the models found in the repository")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="the repository (.)")
    parser.add_argument("--force", action="store_true", help="replace a spec that is there")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    from onnx_convert.spec.draft import draft

    target = options.folder / DEFAULT_SPEC
    if target.exists() and not options.force:
        say(f"error: {target} is already there; replace it with --force")
        return USAGE
    try:
        target.write_text(draft(options.folder), "utf-8")
    except OSError as error:
        say(f"error: {target} cannot be written: {error.strerror}")
        return USAGE
    print(f"wrote {target}; look it over, then: onnx-convert check")
    return OK
