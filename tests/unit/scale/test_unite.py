"""The report of all shards: their rows, judged anew."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from onnx_convert.report.model import Baseline, Comparison, LatencyComparison, Parity, Report
from onnx_convert.scale.unite import unite
from tests.unit.report.sample import artifact, case, diagnostic, measured, row
from tests.unit.scale.sample import CPU, GPU, SPEC, on_gpu, shard, with_gpu

if TYPE_CHECKING:
    from onnx_convert.report.model import ModelReport, Status


def united(*reports: Report) -> Report:
    return unite([(one.shard, one) for one in reports if one.shard])


def of_b(cpu: ModelReport, gpu: ModelReport) -> ModelReport:
    """The row that a model done by two legs gets."""
    first = shard(1, 2, SPEC, providers=("cpu",), rows=(row("a"), cpu, row("c"), row("d")))
    return united(first, shard(2, 2, ("b",), providers=("tensorrt",), rows=(gpu,))).models[1]


def test_rows_are_in_the_specs_order_and_otherwise_as_they_were() -> None:
    rows = tuple(row(name) for name in ("d", "d+fp16", "a"))
    found = united(shard(1, 2, ("c", "b"), rows=(row("c"), row("b"))), shard(2, 2, ("d", "a"), rows=rows))
    assert [one.name for one in found.models] == ["a", "b", "c", "d", "d+fp16"]
    assert found.models[3] == row("d").model_copy(update={"benchmark": found.models[3].benchmark})
    assert {result.leg for result in found.models[3].benchmark} == {2}


def test_it_says_which_legs_there_were_and_on_what_machines() -> None:
    found = united(*with_gpu())
    assert found.shard is None
    assert [(leg.index, leg.models, leg.providers, leg.seconds) for leg in found.legs] == [
        (1, SPEC, ("cpu",), 60.0),
        (2, ("b",), ("cuda", "tensorrt"), 120.0),
    ]
    assert [leg.machine for leg in found.legs] == [CPU, GPU]
    assert (found.seconds, found.started) == (120.0, "2026-11-26T09:01:00+00:00")


@pytest.mark.parametrize("position", range(2))
@pytest.mark.parametrize("severity", ["error", "warning"])
def test_the_conclusion_is_judged_anew_from_the_rows(position: int, severity: str) -> None:
    bad = row("b", diagnostics=(diagnostic(severity=severity),))
    rows = [(bad,), (row("a"), row("c"), row("d"))]
    names = [("b",), ("a", "c", "d")]
    if position:
        rows, names = rows[::-1], names[::-1]
    reports = [shard(n, 2, names[n - 1], rows=rows[n - 1], conclusion="neutral") for n in (1, 2)]
    assert united(*reports).conclusion == ("failure" if severity == "error" else "success")


def test_an_unfinished_shard_is_joined_and_the_result_says_so() -> None:
    found = united(shard(1, 2, ("a", "b")), shard(2, 2, ("c", "d"), complete=False))
    assert not found.complete
    assert found.conclusion == "failure"
    assert [(one.code, one.message) for one in found.diagnostics] == [
        ("OCA775", "shard 2/2 was not finished; it has c, d")
    ]


def test_what_shards_say_of_the_run_is_said_once() -> None:
    same, other = diagnostic("OCA010", "no other user"), diagnostic("OCA010", "no limits")
    found = united(shard(1, 2, ("a", "b"), diagnostics=(same,)), shard(2, 2, ("c", "d"), diagnostics=(same, other)))
    assert found.diagnostics == (same, other)


# --- a model that was done on a CPU leg and on a GPU leg --------------------------------------------------------------


def test_measurements_of_both_legs_are_in_the_row_each_with_its_leg() -> None:
    found = united(*with_gpu()).models[1]
    assert [(one.provider, one.leg) for one in found.benchmark] == [
        ("cpu", 1),
        ("native", 1),
        ("tensorrt", 2),
        ("native", 2),
    ]
    assert found.status == "passed"
    assert not found.diagnostics


@pytest.mark.parametrize(
    ("cpu", "gpu", "worst"),
    [
        ("passed", "failed", "failed"),
        ("error", "failed", "error"),
        ("skipped", "passed", "skipped"),
        ("passed", "passed", "passed"),
    ],
)
def test_the_worse_status_counts(cpu: Status, gpu: Status, worst: Status) -> None:
    assert of_b(row("b", status=cpu), on_gpu(status=gpu)).status == worst
    assert of_b(row("b", status=gpu), on_gpu(status=cpu)).status == worst


def test_parity_cases_of_both_are_united_and_of_the_same_case_the_failed_one_counts() -> None:
    good, bad = case(), case(0.5, passed=False)
    tensorrt = case(provider="tensorrt")
    cpu = Parity(status="passed", rtol=1e-3, atol=1e-5, cases=(good,))
    gpu = Parity(status="failed", rtol=1e-3, atol=1e-5, cases=(bad, tensorrt))
    found = of_b(row("b", parity=cpu), on_gpu(parity=gpu)).parity
    assert found is not None
    assert (found.status, found.cases) == ("failed", (bad, tensorrt))
    found = of_b(row("b", parity=gpu), on_gpu(parity=cpu)).parity
    assert found is not None
    assert (found.status, found.cases) == ("failed", (bad, tensorrt))


def test_comparisons_with_the_base_are_united() -> None:
    def against(provider: str) -> Comparison:
        latency = LatencyComparison(provider=provider, ratio=1.0, ci=(0.9, 1.1), verdict="unchanged")
        return Comparison(baseline="a1b2c3d", latency=(latency,))

    found = of_b(row("b", comparison=against("cpu")), on_gpu(comparison=against("tensorrt"))).comparison
    assert found is not None
    assert [one.provider for one in found.latency] == ["cpu", "tensorrt"]
    failed = Comparison(baseline="a1b2c3d", status="failed", reason="no file")
    found = of_b(row("b", comparison=against("cpu")), on_gpu(comparison=failed)).comparison
    assert found is not None
    assert found.status == "failed"


def test_a_row_is_cached_where_all_legs_had_it_and_otherwise_says_why_it_was_not() -> None:
    known = row("b", cached=True)
    changed = row("b").model_copy(update={"not_cached": ("b.onnx changed",)})
    assert (of_b(known, known).cached, of_b(known, known).not_cached) == (True, ())
    assert (of_b(known, changed).cached, of_b(known, changed).not_cached) == (False, ("b.onnx changed",))
    assert of_b(changed, changed).not_cached == ("b.onnx changed",)


def test_findings_of_both_are_there_and_none_twice() -> None:
    same, own = diagnostic("OCA277", "both", severity="note"), diagnostic("OCA601", "no GPU")
    found = of_b(row("b", diagnostics=(same,)), on_gpu(diagnostics=(same, own)))
    assert found.diagnostics == (same, own)


def test_where_the_files_differ_it_is_said_which_was_kept_and_what_measured_the_other() -> None:
    other = artifact("b", sha256="ab" * 32)
    found = of_b(row("b"), on_gpu(artifact=other))
    assert found.artifact == artifact("b")
    (said,) = found.diagnostics
    assert (said.code, said.severity) == ("OCA776", "warning")
    assert said.message == (
        "the file of leg 1 (SHA-256 3f3f3f3f3f3f) is kept; leg 2 converted and measured another one (abababababab), on "
        "tensorrt, native"
    )


def test_the_row_of_a_leg_that_made_no_file_is_no_reason_to_lose_that_of_the_other() -> None:
    failed = row("b", status="error", artifact=None, export=None, parity=None, benchmark=(), log="models/b/log.txt")
    found = of_b(failed, on_gpu())
    assert found.artifact == artifact("b")
    assert found.status == "error"
    assert [(one.provider, one.leg) for one in found.benchmark] == [("tensorrt", 2), ("native", 2)]


# --- the base ---------------------------------------------------------------------------------------------------------

BASE = Baseline(name="a1b2c3d", kind="commit", commit="a1b2c3d" + "0" * 33)


def test_the_base_is_that_of_all_and_what_one_renamed_is_not_deleted() -> None:
    one = BASE.model_copy(update={"deleted": ("old", "gone")})
    renamed = row("d", comparison=Comparison(baseline="a1b2c3d", status="identical", base="old"))
    other = BASE.model_copy(update={"deleted": ("gone",)})
    found = united(
        shard(1, 2, ("a", "b"), baseline=one), shard(2, 2, ("c", "d"), rows=(row("c"), renamed), baseline=other)
    )
    assert found.baseline == BASE.model_copy(update={"deleted": ("gone",)})
    assert not found.diagnostics


def test_where_some_models_were_not_done_nothing_is_known_to_be_deleted() -> None:
    base = BASE.model_copy(update={"deleted": ("gone",)})
    found = united(shard(1, 2, ("a", "b"), baseline=base), shard(2, 2, ("c",), baseline=base))
    assert found.baseline == BASE


@pytest.mark.parametrize(
    "other", [None, BASE.model_copy(update={"name": "ffff"}), BASE.model_copy(update={"reason": "shallow"})]
)
def test_shards_that_were_compared_with_other_things_are_told(other: Baseline | None) -> None:
    found = united(shard(1, 2, ("a", "b"), baseline=BASE), shard(2, 2, ("c", "d"), baseline=other))
    (said,) = found.diagnostics
    assert said.code == "OCA777"
    assert "shards 1: commit a1b2c3d" in said.message
    assert "shards 2:" in said.message


def test_without_a_base_there_is_none() -> None:
    assert united(*with_gpu()).baseline is None


def test_uniting_measures_nothing_twice() -> None:
    """The legs of three shards in any order of their folders are the same report."""
    rows = {"a": row("a", benchmark=(measured("cpu", 1.0),)), "b": row("b"), "c": row("c"), "d": row("d")}
    parts = [
        shard(n, 3, names, rows=tuple(rows[name] for name in names)) for n, names in ((1, "ab"), (2, "c"), (3, "d"))
    ]
    ordered = united(*parts)
    for mixed in permutations(parts):
        by_index = sorted(mixed, key=lambda one: one.shard.index if one.shard else 0)
        assert united(*by_index) == ordered
