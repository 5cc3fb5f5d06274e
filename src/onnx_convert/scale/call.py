"""How `plan` and `merge` are called, but for what every command has."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_plan(parser: argparse.ArgumentParser) -> None:
    """The arguments of `plan`."""
    add = parser.add_argument
    add("--model", action="append", default=[], metavar="NAME", help="only this model; may be repeated")
    add("--shards", type=_positive, required=True, metavar="N", help="at most so many legs for CPUs")
    add("--gpu-shards", type=_count, default=0, metavar="M", help="and so many for GPUs (%(default)s)")
    add(
        "--durations", type=Path, action="append", default=[], metavar="FILE|DIR",
        help="a report, an output folder or a folder of those with past durations; may be repeated",
    )  # fmt: skip
    add("--cache-dir", type=Path, default=None, metavar="DIR", help="where results are kept")


def add_merge(parser: argparse.ArgumentParser) -> None:
    """The arguments of `merge` but for --out."""
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="DIR", help="an output folder of a shard, or a folder of those"
    )


def _positive(text: str) -> int:
    return _count(text, 1)


def _count(text: str, least: int = 0) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
    return int(text)
