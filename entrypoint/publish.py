"""After a run: its report to the job summary, to the step's outputs, and as annotations on the spec's lines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.github import commands
from onnx_convert.report.markdown import summary
from onnx_convert.report.write import ReportError, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrypoint.call import Call
    from onnx_convert.report.model import Diagnostic, Report

Stamp = tuple[int, int] | None


def stamp(path: Path) -> Stamp:
    """What tells a report from the one that replaces it; None where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def report_of(call: Call, before: Stamp) -> Report | None:
    """The report this run wrote: not one that an earlier step left in the folder."""
    path = call.out / "report.json"
    if stamp(path) in {None, before}:
        return None
    try:
        return read(path)
    except ReportError:
        return None


def publish(call: Call, report: Report | None, environ: Mapping[str, str]) -> None:
    """Write annotations, summary and outputs. Raises OSError where the runner's files cannot be written."""
    if report is not None:
        marked, text = commands.annotate(report), summary(report)
        lines, hidden = marked.lines, sum(marked.hidden.values())
    else:
        found, text = _spec_errors(call)
        lines = tuple(commands.annotation(one) for one in found[: commands.ANNOTATIONS_PER_LEVEL])
        hidden = len(found) - len(lines)
    print(*lines, sep="\n", flush=True)
    if hidden:
        print(f"{hidden} more findings are in the job summary; GitHub shows ten annotations of a kind", flush=True)
    if path := environ.get("GITHUB_STEP_SUMMARY"):
        commands.append(Path(path), text)
    write_outputs(
        environ,
        {
            "conclusion": report.conclusion if report is not None else "failure",
            "report": str((call.out / "report.json").relative_to(call.workspace)) if report is not None else "",
            "output-dir": str(call.out.relative_to(call.workspace)),
        },
    )


def write_outputs(environ: Mapping[str, str], values: Mapping[str, str]) -> None:
    """Set the step's outputs."""
    if path := environ.get("GITHUB_OUTPUT"):
        commands.append(Path(path), "".join(commands.output_line(name, value) for name, value in values.items()))


def _spec_errors(call: Call) -> tuple[tuple[Diagnostic, ...], str]:
    """What is wrong with the spec, and the same as Markdown; a run that cannot start writes no report."""
    from onnx_convert.spec.check import check  # noqa: PLC0415 - only a run without a report needs the spec here
    from onnx_convert.spec.load import load  # noqa: PLC0415 - as above
    from onnx_convert.spec.problem import SpecError  # noqa: PLC0415 - as above
    from onnx_convert.spec.render import render  # noqa: PLC0415 - as above

    try:
        loaded = load(call.spec)
        found, lines = check(loaded), loaded.lines
    except SpecError as error:
        found, lines = error.diagnostics, error.lines
    shown = "\n".join(render(one, lines) for one in found) or "The run ended before it could write a report."
    # A fence ends only at a line with as many backticks as it began with.
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", shown)), default=0))
    return tuple(found), f"## onnx-convert: nothing was converted\n\n{fence}text\n{shown}\n{fence}\n"
