"""The command: from the call to the report of what was found, and its exit code."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from onnx_convert import __version__, conditions, machine, noise
from onnx_convert.compare.files import CallError, stage, stage_data
from onnx_convert.compare.folders import match
from onnx_convert.compare.measure import Task, settle
from onnx_convert.compare.result import Result, gates_of, placeless, result_of, unusable
from onnx_convert.compare.show import show
from onnx_convert.diagnostics import diagnose
from onnx_convert.environments import EnvironmentFailed, Environments
from onnx_convert.gates import conclude
from onnx_convert.isolation import Fence
from onnx_convert.report.model import Baseline, Comparison, Report, Tool
from onnx_convert.report.text import one_line
from onnx_convert.report.versus import LiveComparison
from onnx_convert.spec.model import Benchmark, Parity
from onnx_convert.stages.values import Finding, Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from onnx_convert.compare.call import Call
    from onnx_convert.compare.folders import Match
    from onnx_convert.compare.measure import Found
    from onnx_convert.conditions import Sample
    from onnx_convert.report.model import Diagnostic, Machine, ModelReport

OK, DIFFERENT, USAGE, AROUND = 0, 1, 2, 3
_AROUND = ("OCA0", "OCA9")
"""Codes of what is nobody's call: a worker that could not run to its end."""


@dataclass(frozen=True, slots=True)
class _Bench:
    """Where comparisons are made: the call, the workplace, copies of samples, who watches, and on what machine.

    `load` is the load average before anything was started.
    """

    call: Call
    workplace: Workplace
    data: Mapping[str, Path]
    live: LiveComparison
    machine: Machine
    load: float | None


def compare_files(call: Call, cache: Path, environ: Mapping[str, str], console: Console) -> int:
    """Compare, show what was found on `console` and return the exit code; progress goes to the error stream."""
    began, started = time.monotonic(), datetime.now(UTC)
    errors = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        folders = _folders(call)
        results, deleted, warnings = _compare(call, cache, environ, folders=folders)
    except CallError as wrong:
        found = wrong.finding
        _tell(errors, placeless(diagnose(found.code, found.message, hint=found.hint)))
        return AROUND if found.code.startswith(_AROUND) else USAGE
    except EnvironmentFailed as failed:
        _tell(errors, failed.diagnostic)
        return AROUND
    rows = tuple(result.row for result in results)
    report = Report(
        tool=Tool(version=__version__),
        conclusion=conclude(rows, complete=True),
        machine=machine.describe(),
        spec="",
        started=started.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 3),
        fail_on=gates_of(call).fail_on,
        max_latency_increase=call.max_increase,
        baseline=Baseline(name=str(call.base), kind="folder" if folders else "file", deleted=deleted),
        diagnostics=warnings,
        models=rows,
    )
    show(report, results, console)
    if call.json:
        try:
            call.json.write_text(report.model_dump_json(indent=2) + "\n", "utf-8")
        except OSError as error:
            _tell(errors, diagnose("OCA905", f"{call.json} cannot be written: {error.strerror}"))
            return AROUND
    return DIFFERENT if report.conclusion == "failure" else OK


def _folders(call: Call) -> bool:
    """Whether two folders are to be compared rather than two files. Raises CallError."""
    if call.json and not call.json.absolute().parent.is_dir():  # said before anything is measured
        raise CallError(Finding("OCA905", f"{call.json} cannot be written: its folder is not there"))
    for path in (call.base, call.head, *call.data.values()):
        if not path.exists():
            raise CallError(Finding("OCA660", f"{path} is not there"))
    if call.base.is_dir() != call.head.is_dir():
        folder, file = (call.base, call.head) if call.base.is_dir() else (call.head, call.base)
        raise CallError(Finding("OCA660", f"{folder} is a folder and {file} a file"))
    return call.base.is_dir()


def _compare(
    call: Call, cache: Path, environ: Mapping[str, str], *, folders: bool
) -> tuple[list[Result], tuple[str, ...], tuple[Diagnostic, ...]]:
    """The rows, the names of those that only the base has, and what is to be said of the fence."""
    with ExitStack() as stack:
        live = stack.enter_context(LiveComparison(environ))
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onnx-convert-")))
        work.chmod(0o711)
        fence = stack.enter_context(Fence(work / "jobs", environ=environ))
        environments = Environments(cache, environ=environ, say=live.message)
        files = work / "files"
        files.mkdir()
        files.chmod(0o755)
        here, load = machine.describe(), conditions.load_average()
        workplace = Workplace(fence, environments, files, files, machine.threads(here))
        bench = _Bench(call, workplace, stage_data(call.data, files / "data"), live, here, load)
        if folders:
            results, deleted = _of_folders(bench)
        else:
            results, deleted = [_of_files(bench)], ()
        return results, deleted, fence.warnings


def _of_files(bench: _Bench) -> Result:
    name = one_line(str(bench.call.head), 100)
    bench.live.expect([(name, provider) for provider in bench.call.providers])
    return _one(bench, name, bench.call.base, bench.call.head, _parity(bench.call))


def _one(bench: _Bench, name: str, base: Path, head: Path, parity: Parity) -> Result:
    """Compare two files under a name of their own. Raises CallError, EnvironmentFailed."""
    folder = Path(tempfile.mkdtemp(dir=bench.workplace.root))
    folder.chmod(0o755)
    before, after = (
        stage(path, one_line(str(path), 100), folder / what, bench.workplace)
        for path, what in ((base, "base"), (head, "head"))
    )
    task, began = Task(name, before, after, parity), conditions.sample()
    found = settle(task, bench.call, bench.data, bench.workplace, folder / "export", bench.live)
    return result_of(task, replace(found, findings=(*found.findings, *_noise(bench, found, began))), bench.call)


def _noise(bench: _Bench, found: Found, began: Sample) -> Iterator[Finding]:
    """What is to be said of the machine, in terms of this command."""
    call = bench.call
    under = bench.machine.model_copy(update={"conditions": conditions.between(began, conditions.sample(), bench.load)})
    asked = Benchmark().model_copy(update={"seconds": call.seconds})
    for one in noise.findings((), found.comparison.latency, asked, call.max_increase, under):
        yield replace(one, hint=one.hint and one.hint.replace("benchmark.seconds", "--seconds"))


def _of_folders(bench: _Bench) -> tuple[list[Result], tuple[str, ...]]:
    call = bench.call
    found = match(call.base, call.head)
    bench.live.expect([(one.name, provider) for one in found.both for provider in call.providers])
    results = [_of_match(bench, one) for one in found.both]
    results += [_new(row, str(call.base)) for row in found.new]
    return results, found.deleted


def _of_match(bench: _Bench, one: Match) -> Result:
    if isinstance(one.base, str) or isinstance(one.head, str):
        reason = "; ".join(side for side in (one.base, one.head) if isinstance(side, str))
        return unusable(one.name, str(bench.call.base), Finding("OCA664", reason))
    try:
        return _one(bench, one.name, one.base, one.head, _parity(bench.call, one.row))
    except CallError as error:
        return unusable(one.name, str(bench.call.base), error.finding)


def _new(row: ModelReport, base: str) -> Result:
    comparison = Comparison(baseline=base, status="new")
    return Result(row.model_copy(update={"comparison": comparison, "diagnostics": (), "parity": None, "benchmark": ()}))


def _parity(call: Call, row: ModelReport | None = None) -> Parity:
    """The tolerances: the call's, else those that the row was judged by, else the usual ones."""
    known = row.parity if row else None
    own = known.model_dump(include={"rtol", "atol", "max_mismatch", "min_agreement", "min_sqnr"}) if known else {}
    given = {name: value for name, value in (("rtol", call.rtol), ("atol", call.atol)) if value is not None}
    return Parity().model_copy(update=own | given)


def _tell(console: Console, found: Diagnostic) -> None:
    console.print(f"error[{found.code}]: {one_line(found.message, 2000)}", markup=False)
    if found.hint:
        console.print(f"  help: {one_line(found.hint, 2000)}", markup=False)
