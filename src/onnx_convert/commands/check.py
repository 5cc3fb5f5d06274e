"""`onnx-convert check`: validate the spec and the files it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.commands.shared import OK, USAGE, add_spec, load_spec, show_problems

if TYPE_CHECKING:
    import argparse

    from onnx_convert.commands.shared import Parsers


def add(commands: Parsers[argparse.ArgumentParser]) -> None:
    """The command `check`."""
    parser = commands.add_parser("check", help="validate the spec and the files it names; loads no framework")
    add_spec(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    from onnx_convert.spec.check import problems

    loaded = load_spec(options.spec)
    if loaded is None:
        return USAGE
    found = problems(loaded)
    show_problems(found, loaded.lines)
    counts = {kind: sum(one.severity == kind for one in found) for kind in ("error", "warning")}
    said = ", ".join(_counted(count, kind) for kind, count in counts.items() if count) or "ok"
    print(f"{options.spec}: {_counted(len(loaded.models), 'model')}, {said}")
    return USAGE if counts["error"] else OK


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
