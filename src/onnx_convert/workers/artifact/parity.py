"""Compare an ONNX model on one provider with the reference outputs of the original framework."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.runtimes.interface import Refused, Session, Unavailable
from onnx_convert.workers.artifact import blame, boundary, cases, frozen
from onnx_convert.workers.artifact.evaluate import add_case
from onnx_convert.workers.artifact.metrics import Accumulator, Metrics, Tolerance
from onnx_convert.workers.artifact.sessions import open_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from onnx_convert.workers.protocol import Job


@dataclass(frozen=True)
class Rules:
    """The tolerances of a model and of those outputs that have their own."""

    parity: Mapping[str, Any]
    asked: frozenset[str]

    @classmethod
    def of(cls, job: Job) -> Rules:
        """Read the job's `parity`; `parity_set` names the keys that the user wrote, the others are defaults."""
        return cls(job["parity"], frozenset(job.get("parity_set") or ()))

    def tolerance(self, output: str) -> Tolerance:
        """The tolerance of an output. Agreement of scores is only a condition where the user asked for it."""
        own = {key: value for key, value in self.parity.get("outputs", {}).get(output, {}).items() if value is not None}
        agreement = self.parity.get("min_agreement") if "min_agreement" in self.asked else None
        return Tolerance(
            rtol=own.get("rtol", self.parity["rtol"]),
            atol=own.get("atol", self.parity["atol"]),
            max_mismatch=own.get("max_mismatch", self.parity.get("max_mismatch", 0.0)),
            min_agreement=own.get("min_agreement", agreement),
            min_sqnr=own.get("min_sqnr", self.parity.get("min_sqnr")),
        )


def main(job: Job) -> dict[str, Any]:
    """Run every case of `case_list` on `provider` and compare; memory does not grow with the number of cases.

    Returns `status` ("compared", or "unavailable" with a `reason`), `cases` (a `report.model.Case` as a dict for each
    combination of dimensions and output), `blame`, `problems` and `worst_case` (index in `case_list`, None if all
    passed). `raw` is the model before simplification, if there is one. Raises WorkerError OCA52x for unusable cases.
    """
    job.phase("compare")
    listed = cases.read(job)
    try:
        options = job.get("provider_options") or {}
        session: Session = open_model(job, Path(job["model"]), job["provider"], options=options)
    except Unavailable as unavailable:
        return {"status": "unavailable", "reason": str(unavailable)}
    except Refused as refused:
        rows, flips = _all_refused(job, listed, str(refused)), []
    else:
        rows = _compare_all(job, session, listed)
        flips = boundary.problems(job, session, Rules.of(job).tolerance)
        del session  # its memory is needed for the sessions that find the blame
    failed = [row for row in rows if not row.metrics.passed]
    worst = max(failed, key=lambda row: row.metrics.violation, default=None)
    worst_case = worst and worst.group[min(worst.metrics.worst_sample, len(worst.group) - 1)]
    return {
        "status": "compared",
        "cases": [row.json(job["provider"]) for row in rows],
        "blame": blame.find(job, worst_case, Rules.of(job).tolerance) if worst_case else None,
        "problems": [*_frozen_problems(job, rows), *_vacuous_problems(job["provider"], rows), *flips],
        "worst_case": worst_case.index if worst_case else None,
    }


@dataclass(frozen=True)
class Row:
    """One output for one combination of dimensions, over all its samples."""

    output: str
    group: Sequence[cases.Case]
    metrics: Metrics

    def json(self, provider: str) -> dict[str, Any]:
        """The fields of `report.model.Case`."""
        values = {name: getattr(self.metrics, name) for name in _CASE_FIELDS}
        return {"provider": provider, "dims": dict(self.group[0].dims), "output": self.output, **values}


_CASE_FIELDS = (
    "samples",
    "max_abs",
    "max_rel",
    "mean_abs",
    "cosine",
    "sqnr_db",
    "agreement",
    "mismatched",
    "elements",
    "nonfinite",
    "detectable",
    "worst",
    "vacuous",
    "reason",
    "passed",
)


def _compare_all(job: Job, session: Session, listed: Sequence[cases.Case]) -> list[Row]:
    rules = Rules.of(job)
    inputs = [tensor["name"] for tensor in job["inputs"]]
    outputs = [tensor["name"] for tensor in job["outputs"]]
    rows: list[Row] = []
    for group in cases.by_sizes(listed).values():
        found = {name: Accumulator(rules.tolerance(name)) for name in outputs}
        for case in group:
            add_case(session, case, inputs, found)
        rows += [Row(name, group, accumulator.result()) for name, accumulator in found.items()]
    return rows


def _all_refused(job: Job, listed: Sequence[cases.Case], reason: str) -> list[Row]:
    rows = []
    for group in cases.by_sizes(listed).values():
        for tensor in job["outputs"]:
            accumulator = Accumulator(Tolerance())
            accumulator.fail(f"the model cannot be loaded: {reason}")
            rows.append(Row(tensor["name"], group, accumulator.result()))
    return rows


def _frozen_problems(job: Job, rows: Sequence[Row]) -> list[dict[str, str]]:
    passed: dict[cases.Sizes, bool] = {}
    for row in rows:
        sizes = row.group[0].sizes
        passed[sizes] = passed.get(sizes, True) and row.metrics.passed
    return [
        {
            "code": "OCA510",
            "message": f"results are right only at {name}={size}, the size that was exported: it is frozen in the "
            "graph, or a branch of the model is",
        }
        for name, size in frozen.dimensions(passed, job.get("trace") or {}).items()
    ]


def _vacuous_problems(provider: str, rows: Sequence[Row]) -> list[dict[str, str]]:
    """One finding an output, where no combination of dimensions compared anything that could have failed."""
    problems = []
    for output in dict.fromkeys(row.output for row in rows):
        reasons = [row.metrics.vacuous for row in rows if row.output == output]
        if all(reasons):
            message = f"the comparison of output `{output}` on {provider} could hardly have failed: {reasons[0]}"
            problems.append({"code": "OCA502", "message": message})
    return problems
