"""What a step hands to its runner: the job summary, its outputs, and annotations on the spec's lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from onnx_convert import __version__
from onnx_convert.diagnostics import diagnose
from onnx_convert.github import commands
from onnx_convert.report.markdown import SUMMARY_LIMIT, summary
from onnx_convert.report.model import Report, Tool
from onnx_convert.report.text import one_line
from onnx_convert.report.write import ReportError, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrypoint.call import Call
    from onnx_convert.report.model import Diagnostic, Severity

Output = Literal["conclusion", "report", "output-dir", "matrix", "comment-url", "check-url", "release-assets"]

Stamp = tuple[int, int] | None

_ENDED = "The run ended before it could write a report; its log says why."


@dataclass(frozen=True, slots=True)
class Story:
    """What there is to tell of a run: its report and the summary. A run that could not start has `written` none.

    What is wrong is then told by a report without models.
    """

    report: Report
    summary: str
    written: bool = True


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


def story_of(call: Call, before: Stamp, said: str = "") -> Story:
    """What a run left: the report that replaced the one stamped `before`, or what is wrong with the spec.

    `said` is what a command said that needs no spec.
    """
    report = report_of(call, before)
    if report is not None:
        return Story(report, summary(report))
    found, text = _spec_errors(call) if call.arguments[0] == "run" else ((), _shown(said or _ENDED))
    return Story(_failed(call, found or (diagnose("OCA757", one_line(said or _ENDED, 1_000)),)), text, written=False)


def hand_over(call: Call, story: Story, environ: Mapping[str, str]) -> None:
    """Write summary and outputs. Raises OSError where the runner's files cannot be written."""
    write_summary(environ, story.summary)
    path = call.out / "report.json"
    write_outputs(
        environ,
        {
            "conclusion": story.report.conclusion,
            "report": str(path.relative_to(call.workspace)) if story.written else "",
            "output-dir": str(call.out.relative_to(call.workspace)),
        },
    )


def annotate(report: Report) -> Mapping[Severity, int]:
    """Print the annotations. How many of each severity GitHub does not show."""
    found = commands.annotate(report)
    print(*found.lines, sep="\n", flush=True)
    if hidden := sum(found.hidden.values()):
        print(f"{hidden} more findings are in the job summary; GitHub shows ten annotations of a kind", flush=True)
    return found.hidden


def say(level: str, message: str, title: str = "onnx-convert-action") -> None:
    """Print a message that GitHub shows on the run's page."""
    print(f"::{level} title={commands.escape_property(title)}::{commands.escape_data(message)}", flush=True)


def write_summary(environ: Mapping[str, str], text: str) -> None:
    """Append to the job summary."""
    if text and (path := environ.get("GITHUB_STEP_SUMMARY")):
        commands.append(Path(path), text)


def write_outputs(environ: Mapping[str, str], values: Mapping[Output, str]) -> None:
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
    return tuple(found), _shown("\n".join(render(one, lines) for one in found) or _ENDED)


def _shown(text: str) -> str:
    """Markdown of at most SUMMARY_LIMIT bytes: the fences may be as long as what they hold."""
    kept = text.encode()[: SUMMARY_LIMIT // 4].decode(errors="ignore")
    text = kept if kept == text else f"{kept.rpartition(chr(10))[0] or kept}\n… and more"
    # A fence ends only at a line with as many backticks as it began with.
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"## onnx-convert: nothing was converted\n\n{fence}text\n{text}\n{fence}\n"


def _failed(call: Call, found: tuple[Diagnostic, ...]) -> Report:
    from onnx_convert import machine  # noqa: PLC0415 - as above

    return Report(
        tool=Tool(version=__version__),
        conclusion="failure",
        machine=machine.describe(),
        spec=str(call.spec.relative_to(call.workspace)),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        diagnostics=found,
    )
