"""What the runs gave, one file a framework in `runs/`: a line a cell, so that a diff shows what has changed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import model_validator

from onnx_convert.report.model import Number, Status, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from onnx_convert.report.model import ModelReport, Report
    from tests.support.fragments import Fragment

HERE = Path(__file__).parent
_KEY = re.compile(
    r"(?P<name>.+?)(?:\+opset(?P<opset>\d+))?(?:\+(?P<variant>fp16|int8-dynamic))?(?:\+opset(?P<late>\d+))?"
)


VACUOUS = "OCA502"
"""The code of a comparison that could hardly have failed: what passed with it is not shown to be right."""


class Cell(Value):
    """One model in one variant at one opset, simplified or not; errors are the worst over all outputs and cases.

    `code` and `reason` are of its first error, or say that the comparison it passed was vacuous.
    """

    model: str
    variant: str = "fp32"
    opset: int | None
    simplify: bool
    status: Status
    exporter: str = ""
    code: str | None = None
    reason: str = ""
    max_abs: Number | None = None
    max_rel: Number | None = None
    seconds: float | None = None
    nodes: int | None = None
    nodes_before: int | None = None
    simplification: str | None = None

    @property
    def good(self) -> bool:
        """Whether it passed a comparison that could have failed."""
        return self.status == "passed" and self.code is None

    @property
    def key(self) -> tuple[str, str, int | None, bool]:
        """What a newer cell replaces an older one by."""
        return (self.model, self.variant, self.opset, self.simplify)

    @property
    def name(self) -> str:
        """The model, with its variant where it is not the model itself."""
        return self.model if self.variant == "fp32" else f"{self.model}+{self.variant}"


class Results(Value):
    """All that is known of one fragment. `forms` are its models in order, by name; `versions` of what ran."""

    framework: str
    started: str
    machine: str
    versions: dict[str, str]
    forms: dict[str, str]
    cells: tuple[Cell, ...] = ()


class Together(Value):
    """One run of all models at once: its wall time, and what its workers took, each by itself and the largest.

    `models` counts models, `rows` their variants too.
    """

    started: str
    machine: str
    opset: int
    jobs: int
    models: int
    frameworks: int
    rows: int
    good: int
    seconds: float
    worker_seconds: float
    peak_memory_bytes: int


class Count(Value):
    """How many of a peer's cases passed."""

    passed: int


class PeerRow(Value):
    """One case of a peer, with us and with the peer itself; `worst` is our largest absolute difference."""

    name: str
    ours: Status
    code: str | None = None
    reason: str = ""
    theirs: Literal["passed", "failed"]
    worst: Number | None = None


class Peer(Value):
    """A peer's own cases, see `peers/README.md`. Counts are checked against the rows."""

    peer: str
    version: str
    framework: str | None = None
    rule: str
    opset: int | None = None
    cases: int
    ours: Count
    theirs: Count
    rows: tuple[PeerRow, ...]

    @model_validator(mode="after")
    def _adds_up(self) -> Peer:
        counted = (
            len(self.rows),
            *(sum(getattr(r, side) == "passed" for r in self.rows) for side in ("ours", "theirs")),
        )
        if counted != (self.cases, self.ours.passed, self.theirs.passed):
            raise ValueError(f"cases, ours and theirs do not add up: the rows say {counted}")
        if unexplained := [row.name for row in self.rows if row.ours != "passed" and not (row.code and row.reason)]:
            raise ValueError(f"no code and reason: {', '.join(unexplained)}")
        return self


def cell_of(row: ModelReport, *, simplify: bool) -> Cell:
    """The cell of a row of a report."""
    found = _KEY.fullmatch(row.name)
    assert found is not None
    opset = found["opset"] or found["late"]
    error = next((one for one in row.diagnostics if one.severity == "error"), None)
    error = error or next((one for one in row.diagnostics if one.code == VACUOUS or row.status == "skipped"), None)
    cases = [case for case in row.parity.cases if case.provider == "cpu"] if row.parity else []
    return Cell(
        model=found["name"],
        variant=row.variant,
        opset=int(opset) if opset else row.opset,
        simplify=simplify,
        status=row.status,
        exporter=row.export.exporter if row.export else "",
        code=error.code if error else None,
        reason=error.message.splitlines()[0] if error else "",
        max_abs=_worst(case.max_abs for case in cases),
        max_rel=_worst(case.max_rel for case in cases),
        seconds=row.export.seconds if row.export and row.artifact else None,
        nodes=row.artifact.nodes if row.artifact else None,
        nodes_before=row.artifact.nodes_before_simplify if row.artifact else None,
        simplification=row.export.simplification.status if row.export and row.export.simplification else None,
    )


def _worst(errors: Iterable[float | None]) -> float | None:
    known = [error for error in errors if error is not None]
    return next((error for error in known if error != error), max(known, default=None))  # noqa: PLR0124 - NaN is worst


def of_report(fragment: Fragment, report: Report, *, simplify: bool) -> Results:
    """The results of one fragment in the report of a run that may hold others' too."""
    cells = [cell_of(row, simplify=simplify) for row in report.models]
    versions = {
        name: version
        for row in report.models
        if _KEY.fullmatch(row.name)["name"] in fragment.forms and row.export  # type: ignore[index]
        for name, version in row.export.versions.items()
    }
    return Results(
        framework=fragment.framework,
        started=report.started,
        machine=_machine(report),
        versions=dict(sorted(versions.items())),
        forms=fragment.forms,
        cells=tuple(cell for cell in cells if cell.model in fragment.forms),
    )


def together(report: Report, *, opset: int, jobs: int) -> Together:
    """What one run of all models took."""
    cells = [cell_of(row, simplify=True) for row in report.models]
    return Together(
        started=report.started,
        machine=_machine(report),
        opset=opset,
        jobs=jobs,
        models=len({cell.model for cell in cells}),
        frameworks=len({row.framework for row in report.models}),
        rows=len(cells),
        good=sum(cell.good for cell in cells),
        seconds=report.seconds,
        worker_seconds=round(sum(row.worker_seconds for row in report.models), 1),
        peak_memory_bytes=max((row.peak_memory_bytes or 0 for row in report.models), default=0),
    )


def _machine(report: Report) -> str:
    return f"{report.machine.cpu}, {report.machine.cores} cores"


def merge(old: Results | None, new: Results) -> Results:
    """New cells over old ones; models that the fragment no longer has are left out."""
    cells = {cell.key: cell for one in (old, new) if one for cell in one.cells if cell.model in new.forms}
    order = {name: position for position, name in enumerate(new.forms)}
    ranked = sorted(cells.values(), key=lambda c: (order[c.model], c.variant, not c.simplify, c.opset or 0))
    versions = new.versions or (old.versions if old else {})
    return new.model_copy(update={"cells": tuple(ranked), "versions": versions})


def load(folder: Path = HERE / "runs") -> dict[str, Results]:
    """The results that are there, by framework."""
    found = (Results.model_validate_json(path.read_bytes()) for path in sorted(folder.glob("*.json")))
    return {one.framework: one for one in found}


def save(results: Results, folder: Path = HERE / "runs") -> None:
    """Write the file of a framework: a line a model, a line a cell, keys at their defaults left out."""
    folder.mkdir(exist_ok=True)
    whole = results.model_dump(mode="json", exclude={"cells"})
    cells = [
        json.dumps(cell.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False) for cell in results.cells
    ]
    head = json.dumps(whole, indent=1, ensure_ascii=False).removesuffix("\n}")
    (folder / f"{results.framework}.json").write_text(
        f'{head},\n "cells": [\n' + ",\n".join(cells) + "\n ]\n}\n", "utf-8"
    )


def load_together(path: Path = HERE / "together.json") -> tuple[Together, ...]:
    """The runs of all models at once that were recorded, by the number of jobs."""
    runs = json.loads(path.read_text("utf-8")) if path.is_file() else []
    return tuple(Together.model_validate(run) for run in runs)


def save_together(run: Together, path: Path = HERE / "together.json") -> None:
    """Record a run, in the place of one with as many jobs."""
    kept = {one.jobs: one for one in (*load_together(path), run)}
    path.write_text(json.dumps([kept[jobs].model_dump() for jobs in sorted(kept)], indent=1) + "\n", "utf-8")


def peers(folder: Path = HERE / "peers") -> tuple[Peer, ...]:
    """Every peer's cases."""
    return tuple(Peer.model_validate_json(path.read_bytes()) for path in sorted(folder.glob("*.json")))
