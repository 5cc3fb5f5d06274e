"""What commands have in common: exit codes, the spec they are given, and how they speak to people."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from onnx_convert.report.model import Report
    from onnx_convert.spec.load import LoadedSpec
    from onnx_convert.spec.problem import Problem

Parsers = argparse._SubParsersAction

DEFAULT_SPEC = "onnx-convert.toml"
DEFAULT_OUT = "onnx-convert-out"

OK, GATE_FAILED, USAGE, AROUND, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes: every gate holds; a gate failed; the spec or the call is wrong; something around the models failed; a
signal ended the run.
"""

_ENVIRONMENT = frozenset({"OCA001", "OCA003", "OCA004", "OCA006"})
"""What is not the model's fault: its environment could not be built."""


def add_spec(parser: argparse.ArgumentParser) -> None:
    """The argument SPEC."""
    parser.add_argument("spec", nargs="?", type=Path, default=Path(DEFAULT_SPEC), metavar="SPEC", help="(%(default)s)")


def add_out(parser: argparse.ArgumentParser) -> None:
    """The option --out."""
    parser.add_argument(
        "--out", type=Path, default=Path(DEFAULT_OUT), metavar="DIR", help="output folder (%(default)s)"
    )


def add_cache(parser: argparse.ArgumentParser, what: str = "environments are kept") -> None:
    """The option --cache-dir."""
    parser.add_argument("--cache-dir", type=Path, default=None, metavar="DIR", help=f"where {what}")


def positive(text: str) -> int:
    """A whole number of at least 1, for argparse."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def cache_folder(options: argparse.Namespace) -> Path:
    """Where results and environments are kept."""
    from onnx_convert.environments import default_root

    return Path(options.cache_dir or default_root(os.environ)).absolute()


def say(text: str) -> None:
    """Tell people something; standard output is for results."""
    print(text, file=sys.stderr, flush=True)


def load_spec(path: Path) -> LoadedSpec | None:
    """The spec, or None after its errors have been shown."""
    from onnx_convert.spec.load import load
    from onnx_convert.spec.problem import SpecError

    try:
        return load(path)
    except SpecError as error:
        show_problems(error.problems, error.lines)
        return None


def show_problems(problems: Sequence[Problem], lines: Mapping[int, str]) -> None:
    """Show what is wrong with a spec, with its lines."""
    from onnx_convert.spec.render import render

    colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    for problem in problems:
        say(render(problem, lines, colour=colour) + "\n")


def show_report(report: Report, folder: Path) -> int:
    """Show a report on standard output and return the exit code that it means."""
    from rich.console import Console

    from onnx_convert.report.terminal import show

    console = Console()
    show(report, console)
    console.print(f"{folder}/report.html", soft_wrap=True)
    return _exit_code(report)


def _exit_code(report: Report) -> int:
    if not report.complete and not report.legs:
        return INTERRUPTED
    codes = {one.code for row in report.models for one in row.diagnostics if one.severity == "error"}
    if codes & _ENVIRONMENT:
        return AROUND
    return GATE_FAILED if report.conclusion == "failure" else OK
