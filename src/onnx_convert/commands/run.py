"""`onnx-convert run`: convert, check, simplify, compare, benchmark and report."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.commands.shared import (
    AROUND,
    USAGE,
    add_cache,
    add_out,
    add_spec,
    cache_folder,
    load_spec,
    positive,
    say,
    show_problems,
    show_report,
)
from onnx_convert.scale.call import add_selection
from onnx_convert.signals import finish_anyway

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from onnx_convert.baseline.values import Base
    from onnx_convert.commands.shared import Parsers
    from onnx_convert.plan import Row
    from onnx_convert.scale.select import Selection
    from onnx_convert.spec.load import LoadedSpec

_CACHE_SIZE = "ONNX_CONVERT_CACHE_SIZE"


def add(commands: Parsers[argparse.ArgumentParser]) -> None:
    """The command `run`."""
    parser = commands.add_parser("run", help="convert, check, simplify, compare, benchmark and report")
    add_spec(parser)
    add_selection(parser)
    add_out(parser)
    parser.add_argument(
        "--baseline",
        default="none",
        metavar="REF|DIR|none",
        help="compare with the merge base of a commit, or with an earlier output folder (%(default)s)",
    )
    parser.add_argument("--jobs", type=positive, default=None, metavar="N", help="conversions side by side (CPU cores)")
    parser.add_argument("--no-benchmark", action="store_true", help="measure nothing")
    add_cache(parser, "results and environments are kept")
    parser.add_argument("--no-cache", action="store_true", help="do every model anew; environments are still kept")
    parser.add_argument(
        "--cache-size",
        type=_size,
        default=None,
        metavar="SIZE",
        help="what results may take in the cache, such as 500MB ($ONNX_CONVERT_CACHE_SIZE, 2GB)",
    )
    parser.add_argument(
        "--explain-cache", action="store_true", help="say of each model why it was or was not done again"
    )
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    from onnx_convert.baseline.open import open_base
    from onnx_convert.baseline.values import BaselineError
    from onnx_convert.plan import OF_ONE_MODEL, UnknownModelError, make_plan
    from onnx_convert.scale.refusal import RefusedError, refused
    from onnx_convert.scale.select import select
    from onnx_convert.spec.check import problems

    loaded = load_spec(options.spec)
    if loaded is None:
        return USAGE
    found = problems(loaded)
    fatal = [one for one in found if one.severity == "error" and one.code not in OF_ONE_MODEL]
    show_problems(fatal or [one for one in found if one.severity == "warning"], loaded.lines)
    if fatal:
        return USAGE
    if Path(options.baseline).absolute() == options.out.absolute():
        say(f"error: {options.out} cannot be its own baseline: a run writes it anew; choose another --out")
        return USAGE
    try:
        selected = select(options, loaded)
        rows = selected.restricted(make_plan(loaded, found, selected.models))
        only, shard = selected.models, selected.shard
        base = open_base(options.baseline, loaded, only, renamed=shard is not None, environ=os.environ, say=say)
        return _execute(options, loaded, rows, base, selected)
    except RefusedError as error:
        return refused(error)
    except (UnknownModelError, BaselineError) as error:
        say(f"error: {error}")
        return USAGE


def _execute(
    options: argparse.Namespace,
    loaded: LoadedSpec,
    rows: tuple[Row, ...],
    base: AbstractContextManager[Base | None],
    selected: Selection,
) -> int:
    from onnx_convert import git, machine
    from onnx_convert.cache.store import DEFAULT_BYTES
    from onnx_convert.pipeline import Edges, Options, Run
    from onnx_convert.report.live import LiveRun
    from onnx_convert.report.write import write

    cache, here = cache_folder(options), machine.describe()
    try:
        limit = options.cache_size
        if limit is None:
            limit = _size(os.environ.get(_CACHE_SIZE) or f"{DEFAULT_BYTES}B")
    except argparse.ArgumentTypeError as error:
        say(f"error: {_CACHE_SIZE}={error}")
        return USAGE
    chosen = Options(
        out=options.out.absolute(),
        environments=cache,
        results=None if options.no_cache else cache / "results",
        results_bytes=limit,
        everything=not selected.models,
        shard=selected.shard,
        jobs=options.jobs or machine.within(len(os.sched_getaffinity(0)), here.limits),
        benchmark=not options.no_benchmark,
    )
    edges = Edges(os.environ, here, git.commit(loaded.root))
    try:
        live = LiveRun(os.environ)
        report = Run(loaded, rows, chosen, edges, live).begin()
        with suppress(KeyboardInterrupt), base as opened, live:
            report = Run(loaded, rows, chosen, edges, live, opened).execute()
        finish_anyway()
        write(report, chosen.out)
    except OSError as error:
        say(f"error[OCA905]: the output folder cannot be written: {error}")
        return AROUND
    if options.explain_cache:
        from onnx_convert.report.cached import show_cache

        show_cache(report, looked=chosen.results is not None)
    return show_report(report, options.out)


def _size(text: str) -> int:
    """A size with its unit, for argparse."""
    from onnx_convert.spec.units import size_bytes

    try:
        return int(str(size_bytes(text)))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None
