"""The command line: which commands there are, and how one ends. What it does is in `commands`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert import __version__
from onnx_convert.commands import check, comment, compare, env, explain, init, merge, plan, publish, run
from onnx_convert.commands.shared import AROUND, INTERRUPTED, OK, say
from onnx_convert.signals import interruptible

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = (run, check, init, plan, merge, compare, comment, publish, explain, env)

_EPILOG = """exit codes:
  0  every gate holds
  1  a gate failed
  2  the spec or the call is wrong
  3  something around the models failed, such as an environment that could not be built
  130  interrupted; finished models are in the report
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        with interruptible():
            return int(options.command(options))
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone, as `| head` does; that is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception:  # a fault of ours: the trace goes to a file, the user gets a sentence
        say(f"error[OCA903]: onnx-convert failed unexpectedly\n  help: please report it with {_keep_trace(options)}")
        return AROUND


def _keep_trace(options: argparse.Namespace) -> Path:
    """Write the trace of the current exception into the output folder if there is one, and say where it is."""
    folder = getattr(options, "out", None)
    place = folder if folder and folder.is_dir() else Path(tempfile.gettempdir())
    path: Path = place / f"onnx-convert-{os.getpid()}.trace"
    path.write_text(traceback.format_exc(), "utf-8")
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="onnx-convert",
        description="Convert models to ONNX, prove parity with the original framework, benchmark them.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return parser
