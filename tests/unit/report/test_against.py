from __future__ import annotations

import pytest

from onnx_convert.report.against import brief, clause, differences, hidden, kind, no_base, told
from onnx_convert.report.model import Baseline, Comparison, LatencyComparison, Report
from onnx_convert.report.verdict import parted, ranked

from . import compared, sample


def named(name: str, **more: object) -> Baseline:
    return Baseline.model_validate({"name": name, "kind": "commit", **more})


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (sample.report((sample.row(),)), ""),
        (sample.report((sample.row(),), baseline=named("main")), ""),
        (sample.report((sample.row(),), baseline=named("main", reason="no")), "; not compared with main"),
        (sample.report((sample.row(),), baseline=named("main", deleted=("a", "b"))), "; against main: 2 deleted"),
        (sample.report((compared.identical("a"),)), "; identical to a1b2c3d"),
        (
            sample.report((compared.identical("a"), compared.row("b", compared.paired("cpu", "unchanged", 1.001)))),
            "; unchanged against a1b2c3d",
        ),
        (sample.report((compared.identical("a", base="b"),)), "; against a1b2c3d: 1 renamed"),
        (sample.report((compared.row("a"),)), "; against a1b2c3d: 1 changed and not measured"),
        (
            compared.report(),
            "; against a1b2c3d: 2 slower, 1 not compared, 1 faster, 1 new, 1 renamed, 1 deleted",
        ),
    ],
)
def test_the_end_of_the_headline_counts_what_changed(report: Report, expected: str) -> None:
    assert clause(report, str) == expected


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (("faster", "slower"), "slower"),
        (("inconclusive", "faster"), "faster"),
        (("unchanged", "inconclusive"), "inconclusive"),
        (("identical", "unchanged"), "unchanged"),
    ],
)
def test_the_news_of_a_row_is_the_worst_of_what_its_providers_could_tell(
    verdicts: tuple[str, str], expected: str
) -> None:
    found = [LatencyComparison.model_validate({"provider": one, "verdict": one, "ratio": 1.0}) for one in verdicts]
    assert kind(compared.row("a", *found)) == expected


def test_an_open_comparison_says_what_it_could_not_have_seen_and_others_do_not() -> None:
    noisy = compared.paired("cpu", "inconclusive", 1.01, detectable=0.042)
    assert told(noisy)[-1] == "only ±4.2 % or more would show"
    assert brief(noisy) == "inconclusive, hides ±4.2 %"
    assert hidden(compared.paired("cpu", "slower", 1.1, detectable=0.042)) == ""


def test_a_comparison_without_a_ratio_has_no_number() -> None:
    broken = LatencyComparison(provider="cpu", verdict="inconclusive", reason="killed", detectable=0.1)
    assert told(broken) == ("not compared",)
    assert brief(broken) == "not compared"


def test_only_what_differs_is_a_difference() -> None:
    same = Comparison(baseline="a", size_ratio=1.0001, nodes=(5, 5), parity=(1e-6, 1.01e-6))
    assert differences(same) == ()
    assert [one.what for one in differences(same.model_copy(update={"nodes": (5, 6)}))] == ["Nodes"]


def test_a_reason_that_a_finding_gives_is_not_given_twice() -> None:
    report = sample.report((sample.row(),), baseline=named("main", reason="the clone is shallow"))
    assert no_base(report) == "the clone is shallow"
    found = (sample.diagnostic("OCA640", "compared with nothing: the clone is shallow"),)
    assert no_base(report.model_copy(update={"diagnostics": found})) is None


def test_a_few_identical_rows_are_shown_and_many_are_folded() -> None:
    few = ranked(sample.report(tuple(compared.identical(f"m{i}") for i in range(3))))
    assert [len(part) for part in parted(few)] == [3, 0]
    rows = (sample.row("new"), *(compared.identical(f"m{i}") for i in range(4)))
    assert [len(part) for part in parted(ranked(sample.report(rows)))] == [1, 4]
