"""The command line: commands, and nothing else. What a command needs is imported when it runs."""

from __future__ import annotations

import argparse
import difflib
import os
import signal
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert import __version__
from onnx_convert.compare.call import Call, add_arguments
from onnx_convert.scale import select
from onnx_convert.scale.call import add_merge, add_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from types import FrameType

    from onnx_convert.baseline.values import Base
    from onnx_convert.plan import Row
    from onnx_convert.report.model import Report
    from onnx_convert.scale.select import Selection
    from onnx_convert.spec.load import LoadedSpec
    from onnx_convert.spec.problem import Problem

DEFAULT_SPEC = "onnx-convert.toml"
DEFAULT_OUT = "onnx-convert-out"

OK, GATE_FAILED, USAGE, AROUND, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes: every gate holds; a gate failed; the spec or the call is wrong; something around the models failed; a
signal ended the run.
"""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

ENVIRONMENT_CODES = frozenset({"OCA001", "OCA003", "OCA004", "OCA006"})
"""What is not the model's fault: its environment could not be built."""

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
    before = {each: signal.signal(each, _interrupt) for each in _SIGNALS}
    try:
        return int(options.command(options))
    except KeyboardInterrupt:
        _say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone, as `| head` does; that is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception:  # a fault of ours: the trace goes to a file, the user gets a sentence
        _say(f"error[OCA903]: onnx-convert failed unexpectedly\n  help: please report it with {_keep_trace(options)}")
        return AROUND
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


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

    run = commands.add_parser("run", help="convert, check, simplify, compare, benchmark and report")
    _add_spec(run)
    select.add_arguments(run)
    run.add_argument("--out", type=Path, default=Path(DEFAULT_OUT), metavar="DIR", help="output folder (%(default)s)")
    run.add_argument(
        "--baseline",
        default="none",
        metavar="REF|DIR|none",
        help="compare with the merge base of a commit, or with an earlier output folder (%(default)s)",
    )
    run.add_argument("--jobs", type=_positive, default=None, metavar="N", help="conversions side by side (CPU cores)")
    run.add_argument("--no-benchmark", action="store_true", help="measure nothing")
    run.add_argument(
        "--cache-dir", type=Path, default=None, metavar="DIR", help="results and environments are kept here"
    )
    run.add_argument("--no-cache", action="store_true", help="do every model anew; environments are still kept")
    run.set_defaults(command=_run)

    check = commands.add_parser("check", help="validate the spec and the files it names; loads no framework")
    _add_spec(check)
    check.set_defaults(command=_check)

    init = commands.add_parser("init", help="write a first spec from the models found in the repository")
    init.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="the repository (.)")
    init.add_argument("--force", action="store_true", help="replace a spec that is there")
    init.set_defaults(command=_init)

    plan = commands.add_parser("plan", help="print a GitHub matrix of shards, balanced by past durations, as JSON")
    _add_spec(plan)
    add_plan(plan)
    plan.set_defaults(command=_plan)

    merge = commands.add_parser("merge", help="join the reports of shards into one")
    add_merge(merge)
    merge.add_argument("--out", type=Path, default=Path(DEFAULT_OUT), metavar="DIR", help="output folder (%(default)s)")
    merge.set_defaults(command=_merge)

    compare = commands.add_parser("compare", help="parity and paired latency of two ONNX files, or two output folders")
    add_arguments(compare)
    compare.add_argument("--cache-dir", type=Path, default=None, metavar="DIR", help="where environments are kept")
    compare.set_defaults(command=_compare)

    _add_github(commands)

    explain = commands.add_parser("explain", help="cause and remedies of a diagnostic")
    explain.add_argument("code", nargs="?", metavar="CODE", help="such as OCA501; without it, every code is listed")
    explain.set_defaults(command=_explain)

    env = commands.add_parser("env", help="the environments of frameworks and runtimes")
    actions = env.add_subparsers(title="actions", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="the environments that are built, with versions and sizes")
    build = actions.add_parser("build", help="build environments now rather than on first use")
    build.add_argument("name", nargs="+", metavar="NAME", help="a framework, or `openvino`")
    for action in (listed, build):
        action.add_argument("--cache-dir", type=Path, default=None, metavar="DIR", help="where environments are kept")
    listed.set_defaults(command=_env_list)
    build.set_defaults(command=_env_build)
    return parser


def _add_spec(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("spec", nargs="?", type=Path, default=Path(DEFAULT_SPEC), metavar="SPEC", help="(%(default)s)")


def _add_github(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The commands that speak to GitHub."""
    publish = commands.add_parser("publish", help="upload the models of a report to a release on GitHub")
    publish.add_argument("report", type=Path, metavar="REPORT", help="report.json in its output folder, or the folder")
    publish.add_argument("--release", required=True, metavar="TAG", help="the tag of a release or draft that is there")
    publish.add_argument("--publish-failed", action="store_true", help="even if the report is no success")
    publish.add_argument("--other-commit", action="store_true", help="even if the tag is not the models' commit")
    publish.set_defaults(command=_publish)
    comment = commands.add_parser("comment", help="post a report as the comment on a pull request on GitHub")
    comment.add_argument("report", type=Path, metavar="REPORT", help="report.json, or its folder")
    comment.add_argument("--pull", type=_positive, default=None, metavar="N", help="the pull request (the event's)")
    comment.add_argument(
        "--comment", default="always", choices=("always", "changes", "failures", "never"), help="when (%(default)s)"
    )
    comment.add_argument(
        "--check-name", default="onnx-convert", metavar="NAME", help="one comment a name (%(default)s)"
    )
    comment.set_defaults(command=_comment)
    for command in (comment, publish):
        command.add_argument("--repository", default="", metavar="OWNER/NAME", help="where (GITHUB_REPOSITORY)")
        command.add_argument("--github-api-url", default="", metavar="URL", help="GitHub's API (GITHUB_API_URL)")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End the command once: GitHub sends SIGINT and then SIGTERM, and the report is written between them."""
    _finish_anyway()
    raise KeyboardInterrupt


def _finish_anyway() -> None:
    """What follows takes a moment and must be whole."""
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _load(path: Path) -> LoadedSpec | None:
    """The spec, or None after its errors have been shown."""
    from onnx_convert.spec.load import load
    from onnx_convert.spec.problem import SpecError

    try:
        return load(path)
    except SpecError as error:
        _show(error.problems, error.lines)
        return None


def _show(problems: Sequence[Problem], lines: Mapping[int, str]) -> None:
    from onnx_convert.spec.render import render

    colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    for problem in problems:
        _say(render(problem, lines, colour=colour) + "\n")


def _check(options: argparse.Namespace) -> int:
    from onnx_convert.spec.check import problems

    loaded = _load(options.spec)
    if loaded is None:
        return USAGE
    found = problems(loaded)
    _show(found, loaded.lines)
    counts = {kind: sum(one.severity == kind for one in found) for kind in ("error", "warning")}
    said = ", ".join(_counted(count, kind) for kind, count in counts.items() if count) or "ok"
    print(f"{options.spec}: {_counted(len(loaded.models), 'model')}, {said}")
    return USAGE if counts["error"] else OK


def _run(options: argparse.Namespace) -> int:
    from onnx_convert.baseline.open import open_base
    from onnx_convert.baseline.values import BaselineError
    from onnx_convert.plan import OF_ONE_MODEL, UnknownModelError, make_plan
    from onnx_convert.scale.refusal import RefusedError, refused
    from onnx_convert.spec.check import problems

    loaded = _load(options.spec)
    if loaded is None:
        return USAGE
    found = problems(loaded)
    fatal = [one for one in found if one.severity == "error" and one.code not in OF_ONE_MODEL]
    _show(fatal or [one for one in found if one.severity == "warning"], loaded.lines)
    if fatal:
        return USAGE
    if Path(options.baseline).absolute() == options.out.absolute():
        _say(f"error: {options.out} cannot be its own baseline: a run writes it anew; choose another --out")
        return USAGE
    try:
        selected = select.select(options, loaded)
        rows = selected.restricted(make_plan(loaded, found, selected.models))
        only, shard = selected.models, selected.shard
        base = open_base(options.baseline, loaded, only, renamed=shard is not None, environ=os.environ, say=_say)
        return _execute(options, loaded, rows, base, selected)
    except RefusedError as error:
        return refused(error)
    except (UnknownModelError, BaselineError) as error:
        _say(f"error: {error}")
        return USAGE


def _execute(
    options: argparse.Namespace,
    loaded: LoadedSpec,
    rows: tuple[Row, ...],
    base: AbstractContextManager[Base | None],
    selected: Selection,
) -> int:
    from onnx_convert import git, machine
    from onnx_convert.pipeline import Edges, Options, Run
    from onnx_convert.report.live import LiveRun
    from onnx_convert.report.write import write

    cache, here = _cache(options), machine.describe()
    chosen = Options(
        out=options.out.absolute(),
        environments=cache,
        results=None if options.no_cache else cache / "results",
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
        _finish_anyway()
        write(report, chosen.out)
    except OSError as error:
        _say(f"error[OCA905]: the output folder cannot be written: {error}")
        return AROUND
    return _show_report(report, options.out)


def _show_report(report: Report, folder: Path) -> int:
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
    if codes & ENVIRONMENT_CODES:
        return AROUND
    return GATE_FAILED if report.conclusion == "failure" else OK


def _plan(options: argparse.Namespace) -> int:
    from onnx_convert.plan import UnknownModelError, make_plan
    from onnx_convert.scale.plan import run

    loaded = _load(options.spec)
    if loaded is None:
        return USAGE
    try:
        rows = make_plan(loaded, only=options.model)
    except UnknownModelError as error:
        _say(f"error: {error}")
        return USAGE
    return run(loaded, rows, (options.shards, options.gpu_shards), options.durations, _cache(options))


def _merge(options: argparse.Namespace) -> int:
    from onnx_convert.scale.merge import run

    merged = run(options.folders, options.out)
    return merged if isinstance(merged, int) else _show_report(merged, options.out)


def _compare(options: argparse.Namespace) -> int:
    from rich.console import Console

    from onnx_convert.compare.command import run

    return run(Call.of(options), _cache(options), os.environ, Console(highlight=False))


def _comment(options: argparse.Namespace) -> int:
    from onnx_convert.github.comment_command import run

    return run(options, os.environ)


def _publish(options: argparse.Namespace) -> int:
    from onnx_convert.github.publish_command import run

    return run(options, os.environ)


def _init(options: argparse.Namespace) -> int:
    from onnx_convert.spec.draft import draft

    target = options.folder / DEFAULT_SPEC
    if target.exists() and not options.force:
        _say(f"error: {target} is already there; replace it with --force")
        return USAGE
    try:
        target.write_text(draft(options.folder), "utf-8")
    except OSError as error:
        _say(f"error: {target} cannot be written: {error.strerror}")
        return USAGE
    print(f"wrote {target}; look it over, then: onnx-convert check")
    return OK


def _explain(options: argparse.Namespace) -> int:
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
        _say(f"error: there is no diagnostic {options.code!r}; close ones: {', '.join(close) or 'none'}")
        return USAGE
    Console().print(explain(found))
    return OK


def _env_list(options: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.table import Table

    from onnx_convert.environments import Environments

    table = Table("environment", "python", "versions", "size", "path", box=None, pad_edge=False)
    for one in Environments(_cache(options), environ=os.environ, say=_say).installed():
        versions = "\n".join(f"{name} {version}" for name, version in one.versions.items())
        table.add_row(one.name, one.python, versions, f"{one.size / 1e6:.0f} MB", str(one.path))
    if not table.row_count:
        _say("no environment is built yet; one is when it is first needed, or by: onnx-convert env build NAME")
    Console(soft_wrap=not sys.stdout.isatty()).print(table)
    return OK


def _env_build(options: argparse.Namespace) -> int:
    from onnx_convert.environments import EnvironmentFailed, Environments, names

    environments = Environments(_cache(options), environ=os.environ, say=_say)
    for name in options.name:
        if name not in names():
            _say(f"error: there is no environment {name!r}; there are {', '.join(names())}")
            return USAGE
    for name in options.name:
        try:
            print(environments.get(name).python)
        except EnvironmentFailed as failed:
            _say(f"error[{failed.diagnostic.code}]: {failed.diagnostic.message}\n  help: {failed.diagnostic.hint}")
            return AROUND
    return OK


def _cache(options: argparse.Namespace) -> Path:
    from onnx_convert.environments import default_root

    return (options.cache_dir or default_root(os.environ)).absolute()


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
