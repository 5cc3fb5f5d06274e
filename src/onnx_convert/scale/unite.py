"""One report from those of shards. Pure: reports in, a report out."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from onnx_convert.diagnostics import diagnose
from onnx_convert.gates import conclude
from onnx_convert.report.model import Comparison, Leg, ModelReport, Parity, Report, Status, VariantOf
from onnx_convert.report.text import one_line
from onnx_convert.scale.gather import model_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from onnx_convert.report.model import Baseline, Case, Diagnostic, Shard

Part = tuple["Shard", Report]
Placed = tuple[int, ModelReport]
"""A row, and the index of the leg that did it."""

_T = TypeVar("_T")

_WORST: tuple[Status, ...] = ("error", "failed", "skipped", "passed")
_LEAST_KNOWN = ("failed", "compared", "new", "identical")


def unite(parts: Sequence[Part], found: Sequence[Diagnostic] = ()) -> Report:
    """The report of all shards of a run, which are in their order; `found` is what there is to say of their files."""
    shard, first = parts[0]
    order = {name: position for position, name in enumerate(shard.spec_models)}
    placed = [(one.index, row) for one, report in parts for row in report.models]
    of_row: dict[str, list[Placed]] = {}
    for one in sorted(placed, key=lambda one: order[model_of(one[1].name)]):
        of_row.setdefault(one[1].name, []).append(one)
    rows = tuple(_united(legs, first.spec) for legs in of_row.values())
    complete, done = all(report.complete for _, report in parts), {model_of(row.name) for row in rows}
    return Report(
        tool=first.tool,
        conclusion=conclude(rows, complete=complete),
        complete=complete,
        machine=first.machine.model_copy(update={"conditions": None}),
        spec=first.spec,
        commit=first.commit,
        started=min(report.started for _, report in parts),
        seconds=max(report.seconds for _, report in parts),
        fail_on=first.fail_on,
        max_latency_increase=first.max_latency_increase,
        max_size_increase=first.max_size_increase,
        baseline=_baseline([report.baseline for _, report in parts], rows, whole=order.keys() <= done),
        legs=tuple(map(_leg, parts)),
        diagnostics=_distinct(
            (one for said in (_said(parts), *(report.diagnostics for _, report in parts), found) for one in said),
            by=lambda one: (one.code, one.severity, one.message),
        ),
        models=rows,
    )


def _leg(part: Part) -> Leg:
    shard, report = part
    return Leg(
        index=shard.index,
        models=shard.models,
        providers=shard.providers,
        complete=report.complete,
        started=report.started,
        seconds=report.seconds,
        machine=report.machine,
    )


def _said(parts: Sequence[Part]) -> Iterator[Diagnostic]:
    for shard, report in parts:
        if not report.complete:
            names = one_line(", ".join(shard.models), 500)
            yield diagnose("OCA775", f"shard {shard.index}/{shard.count} was not finished; it has {names}")
    bases = {
        tuple(shard.index for shard, _ in group): base
        for base, group in groupby(sorted(parts, key=_base_of), key=_base_of)
    }
    if len(bases) > 1:
        legs = "; ".join(f"shards {', '.join(map(str, indices))}: {base}" for indices, base in sorted(bases.items()))
        yield diagnose("OCA777", f"not all shards were compared with the same: {one_line(legs, 1_000)}")


def _base_of(part: Part) -> str:
    base = part[1].baseline
    if base is None:
        return "nothing"
    return f"{base.kind} {base.name}" + (f", not had: {base.reason}" if base.reason else "")


def _baseline(bases: Sequence[Baseline | None], rows: Sequence[ModelReport], *, whole: bool) -> Baseline | None:
    """The first one, and what no shard has any more: what one takes for deleted may be what another renamed.

    Where not all models were done, one of the others may be it.
    """
    had = [base for base in bases if base]
    if not had:
        return None
    if not whole:
        return had[0].model_copy(update={"deleted": ()})
    still = {row.name for row in rows} | {row.comparison.base for row in rows if row.comparison}
    deleted = dict.fromkeys(name for base in had for name in base.deleted if name not in still)
    return had[0].model_copy(update={"deleted": tuple(deleted)})


def _united(placed: Sequence[Placed], spec: str) -> ModelReport:
    """One row of the same row of several legs; the first with an artifact says what it is and what it took."""
    rows = [_with_leg(index, row) for index, row in placed]
    kept = next((position for position, row in enumerate(rows) if row.artifact), 0)
    row = rows[kept]
    if len(rows) == 1:
        return row
    others = [one for position, one in enumerate(placed) if position != kept]
    said = tuple(_other_files(placed[kept], others, spec))
    return row.model_copy(
        update={
            "status": min((one.status for one in rows), key=_WORST.index),
            "cached": all(one.cached for one in rows),
            "not_cached": tuple(dict.fromkeys(reason for one in rows for reason in one.not_cached)),
            "worker_seconds": round(sum(one.worker_seconds for one in rows), 3),
            "peak_memory_bytes": max(one.peak_memory_bytes or 0 for one in rows) or None,
            "parity": _parity([one.parity for one in rows if one.parity]),
            "benchmark": tuple(result for one in rows for result in one.benchmark),
            "comparison": _comparison([one.comparison for one in rows if one.comparison]),
            "variant_of": _variant_of([one.variant_of for one in rows if one.variant_of]),
            "diagnostics": _distinct(
                (*(one for each in rows for one in each.diagnostics), *said),
                by=lambda one: (one.code, one.severity, one.message),
            ),
        }
    )


def _with_leg(index: int, row: ModelReport) -> ModelReport:
    return row.model_copy(
        update={"benchmark": tuple(result.model_copy(update={"leg": index}) for result in row.benchmark)}
    )


def _other_files(kept: Placed, others: Iterable[Placed], spec: str) -> Iterator[Diagnostic]:
    index, row = kept
    for other, its in others:
        if row.artifact and its.artifact and row.artifact.sha256 != its.artifact.sha256:
            where = ", ".join(one.provider for one in its.benchmark) or "nothing"
            yield diagnose(
                "OCA776",
                f"the file of leg {index} (SHA-256 {row.artifact.sha256[:12]}) is kept; leg {other} converted and "
                f"measured another one ({its.artifact.sha256[:12]}), on {one_line(where, 200)}",
                file=spec,
            )


def _parity(found: Sequence[Parity]) -> Parity | None:
    """All cases, of the same case of two legs the one that failed."""
    if not found:
        return None
    worst = min(found, key=lambda one: ("failed", "passed", "skipped").index(one.status))
    cases: dict[Hashable, Case] = {}
    for case in (case for one in found for case in one.cases):
        key = (case.provider, *sorted(case.dims.items()), case.output)
        if key not in cases or (cases[key].passed and not case.passed):
            cases[key] = case
    blame = next((one.blame for one in found if one.blame), None)
    return worst.model_copy(update={"cases": tuple(cases.values()), "blame": blame})


def _comparison(found: Sequence[Comparison]) -> Comparison | None:
    if not found:
        return None
    worst = min(found, key=lambda one: _LEAST_KNOWN.index(one.status))
    latency = _distinct((one for each in found for one in each.latency), by=lambda one: one.provider)
    return worst.model_copy(update={"latency": latency})


def _variant_of(found: Sequence[VariantOf]) -> VariantOf | None:
    if not found:
        return None
    latency = _distinct((one for each in found for one in each.latency), by=lambda one: one.provider)
    return found[0].model_copy(update={"latency": latency})


def _distinct(values: Iterable[_T], by: Callable[[_T], Hashable]) -> tuple[_T, ...]:
    """The first value of each key, in order."""
    first: dict[Hashable, _T] = {}
    for value in values:
        first.setdefault(by(value), value)
    return tuple(first.values())
