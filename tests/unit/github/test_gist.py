from __future__ import annotations

from typing import Any

import pytest

from onnx_convert.github.gist import calm, failing, gist
from onnx_convert.report.model import (
    Baseline,
    Comparison,
    LatencyComparison,
    ModelReport,
    ProviderResult,
    Report,
    Verdict,
)
from tests.unit.report import sample


def well(**more: Any) -> Report:
    return sample.report((sample.row("a"), sample.row("b")), **more)


def with_row(**more: Any) -> Report:
    return sample.report((sample.row("a", **more), sample.row("b")), max_size_increase=0.1)


def against(verdict: Verdict, ratio: float = 1.0, **more: Any) -> Comparison:
    latency = LatencyComparison(provider="cpu", ratio=ratio, ci=(0.9, 1.1), verdict=verdict)
    return Comparison(**{"baseline": "a1b2c3d", "size_ratio": 1.0, "latency": (latency,), **more})


WELL = with_row(comparison=against("unchanged"))
REASON = {"reason": "no such device"}


@pytest.mark.parametrize(
    "report",
    [
        with_row(comparison=against("unchanged", 1.004)),
        with_row(comparison=against("inconclusive", 1.02)),
        with_row(comparison=Comparison(baseline="a1b2c3d", status="identical", size_ratio=1.0)),
        with_row(comparison=against("unchanged", size_ratio=1.05)),
        with_row(comparison=against("unchanged", baseline="fedcba9")),
        with_row(comparison=against("unchanged"), benchmark=(sample.measured("cpu", 99.0),), cached=True),
        with_row(
            comparison=against("unchanged"),
            diagnostics=(sample.diagnostic("OCA402", "7 nodes were not simplified", severity="warning"),),
        ),
        WELL.model_copy(update={"commit": "f" * 40, "seconds": 7.0, "started": "2026-11-26T00:00:00Z"}),
        WELL.model_copy(update={"models": WELL.models[::-1]}),
    ],
    ids=["time", "noise", "identical", "size", "base", "cached", "warning", "commit", "order"],
)
def test_what_nobody_wants_to_be_told_again_has_the_same_gist(report: Report) -> None:
    assert gist(report) == gist(WELL)
    assert calm(report)
    assert not failing(report)


NEWS = {
    "slower": with_row(comparison=against("slower", 1.2)),
    "faster": with_row(comparison=against("faster", 0.8)),
    "new": with_row(comparison=Comparison(baseline="a1b2c3d", status="new")),
    "not compared": with_row(comparison=Comparison(baseline="a1b2c3d", status="failed", **REASON)),
    "not measured": with_row(comparison=Comparison(baseline="a1b2c3d", size_ratio=1.01)),
    "renamed": with_row(comparison=against("unchanged", base="z")),
    "too large": with_row(comparison=against("unchanged", size_ratio=1.2)),
    "failed": with_row(status="failed", diagnostics=(sample.diagnostic("OCA501"),)),
    "failed otherwise": with_row(status="failed", diagnostics=(sample.diagnostic("OCA601"),)),
    "error": with_row(status="error", artifact=None, parity=None, benchmark=()),
    "parity beyond its gate": with_row(parity=sample.failing_parity().parity),
    "deleted": well(baseline=Baseline(name="main", kind="commit", deleted=("z",))),
    "of the run": well(diagnostics=(sample.diagnostic("OCA012"),), conclusion="failure"),
    "unfinished": well(complete=False),
}


def test_whatever_is_news_has_a_gist_of_its_own() -> None:
    assert len({gist(report) for report in (WELL, *NEWS.values())}) == len(NEWS) + 1


@pytest.mark.parametrize("name", NEWS)
def test_a_report_with_news_is_not_calm(name: str) -> None:
    assert not calm(NEWS[name])


def test_only_failures_are_failing() -> None:
    assert {name for name, report in NEWS.items() if failing(report)} == {
        "failed",
        "failed otherwise",
        "error",
        "of the run",
    }


@pytest.mark.parametrize(
    "report",
    [
        with_row(opset=18),
        with_row(artifact=sample.artifact("a", opsets={"ai.onnx": 18})),
        with_row(benchmark=(ProviderResult(provider="cuda", status="unavailable", **REASON),)),
        sample.report((sample.row("a"),)),
    ],
    ids=["opset", "wrong opset", "provider", "one less"],
)
def test_what_is_no_news_by_itself_may_still_differ_from_what_was_said(report: Report) -> None:
    assert calm(report)
    assert gist(report) != gist(with_row())


def test_the_gist_of_a_hostile_report_is_hexadecimal() -> None:
    assert len(bytes.fromhex(gist(sample.hostile()))) == 16


def test_rows_of_one_name_do_not_hide_each_other() -> None:
    def rows(*models: ModelReport) -> Report:
        return sample.report(models)

    one, other = sample.row("a", opset=17), sample.row("a", opset=18, status="failed")
    assert gist(rows(one, other)) != gist(rows(one, other.model_copy(update={"status": "passed"})))
