"""`docs/support.md` from the results: a pure function, so that the page can only say what the runs gave."""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING

from onnx_convert.frameworks.registry import FRAMEWORKS
from onnx_convert.report import numbers
from onnx_convert.report.gfm import cell as table_cell
from onnx_convert.report.gfm import code, prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tests.support.results import Cell, Peer, PeerRow, Results, Together

_HEAD = """# Support

Every row is a real model that the tests convert, simplify and compare with its original framework; nothing here is
written by hand. `python -m tests.support` runs them and writes this page. A number stands for opsets at which the row
passes; where it does not, the code says why, and [what does not pass](#what-does-not-pass) has the reason. Errors are
the worst over all outputs, dimensions and samples, absolute and relative, of the rows that pass; seconds are the export
alone, at opset 17 where there is one.
"""
_ASKED = 17


def render(results: Mapping[str, Results], runs: Sequence[Together], peers: Sequence[Peer]) -> str:
    """The page, in Markdown."""
    found = tuple(results.values())
    parts = [_HEAD, _overview(found)]
    if runs:
        parts.append(_together(runs))
    parts += [*(_framework(one) for one in found), _red(found)]
    if peers:
        parts.append(_peers(peers))
    return "\n".join(parts)


def _title(framework: str) -> str:
    return FRAMEWORKS[framework].title if framework in FRAMEWORKS else framework.capitalize()


def _overview(found: Sequence[Results]) -> str:
    rows = []
    for one in found:
        at_asked = [cell for cell in one.cells if cell.simplify and cell.opset == _ASKED]
        rows.append(
            f"| [{_title(one.framework)}](#{_title(one.framework).lower()}) | {len(one.forms)} | "
            f"{_share(at_asked)} | {_share(one.cells)} | {_versions(one.versions)} |"
        )
    head = ["| framework | models | pass at opset 17 | pass at all opsets | versions |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _together(runs: Sequence[Together]) -> str:
    lines = [
        "## All of it in one run\n",
        "One spec with every model above, `onnx-convert run`, environments built. Workers' time is that of every job "
        "added up; the largest is the memory of one job.\n",
        "| opset | models | rows that pass | jobs | wall time | workers' time | largest | machine |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {run.opset} | {run.models} of {run.frameworks} frameworks | {run.good} of {run.rows} | {run.jobs} | "
        f"{run.seconds:.0f} s | {run.worker_seconds:.0f} s | {numbers.size(run.peak_memory_bytes)} | {run.machine} |"
        for run in runs
    ]
    return "\n".join([*lines, ""])


def _share(cells: Iterable[Cell]) -> str:
    listed = list(cells)
    return f"{sum(cell.good for cell in listed)} of {len(listed)}"


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _framework(one: Results) -> str:
    lines = [
        f"## {_title(one.framework)}\n",
        "| form | model | exporter | opset, simplified | not simplified | nodes | max abs | max rel | s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    by_row: dict[str, list[Cell]] = defaultdict(list)
    for cell in one.cells:
        by_row[cell.name].append(cell)
    lines += [_row(one.forms[cells[0].model], name, cells) for name, cells in by_row.items()]
    return "\n".join([*lines, ""])


def _row(form: str, name: str, cells: Sequence[Cell]) -> str:
    passed = [cell for cell in cells if cell.good]
    columns = (
        table_cell(prose(form)),
        code(name),
        ", ".join(dict.fromkeys(cell.exporter for cell in cells if cell.exporter and cell.good)),
        opsets(cell for cell in cells if cell.simplify),
        opsets(cell for cell in cells if not cell.simplify),
        _nodes(cells),
        _worst(cell.max_abs for cell in passed),
        _worst(cell.max_rel for cell in passed),
        _seconds(passed),
    )
    return "| " + " | ".join(columns) + " |"


def opsets(cells: Iterable[Cell]) -> str:
    """Opsets with the same end together: 13 to 15 and 17 pass, then 18 with its code. What was not run is not said."""
    groups: list[tuple[str, list[int | None]]] = []
    for cell in sorted(cells, key=lambda cell: cell.opset or 0):
        said = "✓" if cell.good else f"[{cell.code}](#what-does-not-pass)" if cell.code else cell.status
        if groups and groups[-1][0] == said:
            groups[-1][1].append(cell.opset)
        else:
            groups.append((said, [cell.opset]))
    return ", ".join(f"{spans(numbers_)} {said}" for said, numbers_ in groups) or numbers.NONE


def spans(found: Sequence[int | None]) -> str:
    """Opsets in order, each unbroken run of them as its first and last; `auto` where none could be chosen."""
    runs: list[list[int | None]] = []
    for opset in found:
        if runs and opset is not None and runs[-1][-1] == opset - 1:
            runs[-1].append(opset)
        else:
            runs.append([opset])
    ends = [["auto" if opset is None else str(opset) for opset in dict.fromkeys((run[0], run[-1]))] for run in runs]
    return ", ".join(numbers.NONE.join(names) for names in ends)


def _reference(cells: Iterable[Cell]) -> Cell | None:
    made = [cell for cell in cells if cell.simplify and cell.nodes is not None]
    return next((cell for cell in made if cell.opset == _ASKED), made[0] if made else None)


def _nodes(cells: Iterable[Cell]) -> str:
    one = _reference(cells)
    if one is None:
        return numbers.NONE
    if one.simplification == "kept" and one.nodes_before != one.nodes:
        return f"{one.nodes_before} → {one.nodes}"
    return f"{one.nodes}, undone" if one.simplification == "undone" else f"{one.nodes}"


def _worst(errors: Iterable[float | None]) -> str:
    return numbers.error(max((error for error in errors if error is not None), default=None))


def _seconds(passed: Sequence[Cell]) -> str:
    at_asked = [cell.seconds for cell in passed if cell.opset == _ASKED and cell.seconds is not None]
    known = at_asked or [cell.seconds for cell in passed if cell.seconds is not None]
    return f"{median(known):.1f}" if known else numbers.NONE


def _red(found: Iterable[Results]) -> str:
    lines = ["## What does not pass\n", "| model | opset | simplified | code | reason |", "|---|---|---|---|---|"]
    for one in found:
        groups: dict[tuple[str, bool, str, str], list[int | None]] = defaultdict(list)
        for cell in one.cells:
            if not cell.good:
                groups[(cell.name, cell.simplify, cell.code or cell.status, _alike(cell))].append(cell.opset)
        for (name, simplify, said, reason), asked in groups.items():
            link = f"[{said}](diagnostics/{said}.md)" if said.startswith("OCA") else said
            yes = "yes" if simplify else "no"
            listed = ", ".join("auto" if opset is None else str(opset) for opset in asked)
            lines.append(f"| {code(name)} | {listed} | {yes} | {link} | {table_cell(prose(reason))} |")
    return "\n".join([*lines, ""] if len(lines) > 3 else [lines[0], "Nothing: every row passes.\n"])


def _alike(cell: Cell) -> str:
    """The reason without the row's own opset, which would keep neighbours apart."""
    return cell.reason.replace(f"opset {cell.opset}", "opset N").replace(f"ai.onnx {cell.opset}", "ai.onnx N")


def _peers(peers: Sequence[Peer]) -> str:
    lines = [
        "## Peers' own cases\n",
        "The cases that another converter's own tests use, run through `onnx-convert run`, beside what the peer's own "
        "call gives for the same models in the same environment.\n",
        "| peer | cases | passed here | passed there |",
        "|---|---|---|---|",
        *(
            f"| {one.peer} {one.version} | {one.cases} | {one.ours.passed} ({one.ours.passed / one.cases:.0%}) | "
            f"{one.theirs.passed} ({one.theirs.passed / one.cases:.0%}) |"
            for one in peers
        ),
        "",
    ]
    for one in peers:
        at = f" At opset {one.opset}." if one.opset else ""
        lines += [f"### {one.peer}\n", f"{one.rule.rstrip('.')}.{at}\n"]
        red = [row for row in one.rows if row.ours != "passed" or row.theirs != "passed"]
        lines += [*_peer_rows(red), ""] if red else ["Every case passes on both sides.\n"]
        lines += ["<details><summary>Every case</summary>\n", *_peer_rows(one.rows), "\n</details>\n"]
    return "\n".join(lines)


def _peer_rows(rows: Sequence[PeerRow]) -> Iterator[str]:
    yield "| case | here | worst error | there | why not |"
    yield "|---|---|---|---|---|"
    for row in rows:
        said = f"[{row.code}](diagnostics/{row.code}.md)" if row.code else row.ours
        worst = numbers.error(row.worst)
        yield f"| {code(row.name)} | {said} | {worst} | {row.theirs} | {table_cell(prose(row.reason))} |"
