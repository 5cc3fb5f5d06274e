"""How `run` is called for a part of a spec, and `plan` and `merge`, but for what every command has."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

MOST_LEGS = 256
"""Jobs of a matrix: https://docs.github.com/en/actions/reference/limits"""


def add_selection(parser: argparse.ArgumentParser) -> None:
    """The arguments of `run` that select."""
    parser.add_argument("--model", action="append", default=[], metavar="NAME", help="only this model; may be repeated")
    parser.add_argument(
        "--shard", type=shard, metavar="I/N", help="the I-th of N parts of the models; with --model, what those are"
    )
    parser.add_argument(
        "--provider", action="append", default=[], metavar="NAME", help="measure only on this one; may be repeated"
    )


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


def shard(text: str) -> tuple[int, int]:
    """`3/9`: index from 1, and count. Raises ArgumentTypeError."""
    found = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", text)
    index, count = map(int, found.groups()) if found else (0, 0)
    if not 1 <= index <= count <= MOST_LEGS:
        raise argparse.ArgumentTypeError(f"{text!r} is not I/N, such as 3/9, with N at most {MOST_LEGS}")
    return index, count


def _positive(text: str) -> int:
    return _count(text, 1)


def _count(text: str, least: int = 0) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
    return int(text)
