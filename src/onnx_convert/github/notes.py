"""What stands in the job summary below the report: what could not be posted, why, and which lines of YAML grant it."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from onnx_convert.github.permission import granting
from onnx_convert.report.gfm import prose
from onnx_convert.report.verdict import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from onnx_convert.github.permission import Permission
    from onnx_convert.github.refusal import RefusedError
    from onnx_convert.report.model import Severity

LIMIT = 32_000
"""Bytes. With a summary of a million there is room for it: GitHub takes 1 MiB a step, and none of it if it is more."""

_REST = 2_000
"""Bytes of it for all but the list."""
_TEXT = 700
_FORK = (
    "The token of a pull request from a fork is read-only, whatever a workflow grants. A second workflow, on "
    "`workflow_run` and with `mode: comment`, posts the comment that this job could not: see `docs/forks.md` of "
    "onnx-convert-action."
)


def notes(refusals: Sequence[RefusedError], *, fork: bool = False, hidden: Mapping[Severity, int] | None = None) -> str:
    """Markdown of at most LIMIT bytes; empty where there is nothing to say.

    `fork` is whether the job is for a pull request from one; `hidden` counts the findings that GitHub shows no
    annotation of, as `annotate` gives them.
    """
    parts = [*_refused(refusals, fork=fork), *_hidden(hidden or {})]
    return "\n" + "\n\n".join(parts) + "\n" if parts else ""


def _refused(refusals: Sequence[RefusedError], *, fork: bool) -> list[str]:
    if not refusals:
        return []
    lines = [_line(one, hint=not (fork and one.permission)) for one in refusals]
    total = accumulate(len(line.encode()) + 1 for line in lines)
    shown = sum(size <= LIMIT - _REST for size in total)
    if shown < len(lines):
        lines[shown:] = [f"- and {len(lines) - shown:,} more"]
    missing = dict.fromkeys(one.permission for one in refusals if one.permission)
    return ["### Not posted", "\n".join(lines), *_granted(tuple(missing), fork=fork)]


def _line(one: RefusedError, *, hint: bool) -> str:
    found = one.diagnostic
    said = f"- **{found.code}** {prose(found.message, _TEXT)}"
    return f"{said}. To do: {prose(found.hint, _TEXT)}" if hint and found.hint else said


def _granted(missing: tuple[Permission, ...], *, fork: bool) -> list[str]:
    if not missing:
        return []
    if fork:
        return [_FORK]
    return [f"These lines in the workflow, or in its job, grant it:\n\n```yaml\n{granting(missing)}```"]


def _hidden(hidden: Mapping[Severity, int]) -> list[str]:
    counts = ", ".join(counted(count, level) for level, count in hidden.items())
    return [f"Annotations that are not shown on the spec's lines: {counts} more."] if counts else []
